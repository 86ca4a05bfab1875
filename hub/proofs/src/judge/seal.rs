//! Who sealed, whether this one is believed, and whether the certificate was good when the seal was made.

use hub_signatures::certificate::Certificate;
use hub_signatures::instant;
use hub_signatures::time_stamp::TimeStamp;

use super::Bench;
use crate::claim::{Claim, Kind};
use crate::revocation;
use crate::romanian;
use crate::trusted::Belief;

/// A seal whose signature holds.
pub(crate) struct Seal<'s> {
    /// The file it is on.
    pub(crate) about: &'s str,
    pub(crate) certificate: &'s Certificate,
    /// Certificates beside it.
    pub(crate) companions: &'s [Certificate],
    /// What the signer says.
    pub(crate) signing_time: i64,
    /// The earliest time at which a believed witness saw it.
    pub(crate) proven_time: Option<i64>,
}

impl Seal<'_> {
    /// The instant at which the certificate has to be good.
    fn instant(&self) -> i64 {
        self.proven_time.unwrap_or(self.signing_time)
    }

    /// Who sealed, and whether the certificate was valid then. `true` when the seal is believed.
    pub(crate) fn judge(&self, bench: &Bench<'_>, uses: &mut Uses) -> (bool, [Claim; 2]) {
        let subject = self.certificate.subject();
        let companions = bench.companions(self.companions);
        let belief = bench.trusted.believes_seal(self.certificate, &companions, self.instant());
        let claim = match &belief {
            Ok(Belief::Pinned | Belief::Anchor(_))
                if !bench.trusted.was_in_use(self.certificate, self.signing_time) =>
            {
                let (ro, en) = ("sigiliul nu era în folosință atunci", "the seal was not in use then");
                Claim::failed(Kind::Seal, self.about, ro, en)
            }
            Ok(Belief::Pinned) => {
                let (ro, en) = ("cu certificatul dat de dumneavoastră", "with the certificate you gave");
                Claim::proven(Kind::Seal, self.about, ro, en).detail("trust", "pinned")
            }
            Ok(Belief::Anchor(anchor)) => {
                let (ro, en) = (format!("sub autoritatea {anchor}"), format!("under the authority {anchor}"));
                Claim::proven(Kind::Seal, self.about, ro, en).detail("trust", "anchor").detail("anchor", anchor)
            }
            Ok(Belief::NotAsked) => Claim::not_checked(
                Kind::Seal,
                self.about,
                "a cui este semnătura rămâne de judecat: nu ați dat niciun certificat",
                "whose signature it is remains to be judged: no certificate was given",
            )
            .detail("trust", "integrity-only"),
            Err(error) => Claim::with(Kind::Seal, self.about, crate::Status::Failed, romanian::of_trust(error)),
        };
        let claim = claim
            .by(subject)
            .at(self.signing_time)
            .detail("certificate_sha256", hex::encode(self.certificate.sha256()));
        let believed = claim.status == crate::Status::Proven;
        if believed {
            uses.add(self.certificate, &companions, self.instant());
        }
        (believed, [claim, self.validity(bench.at).by(subject)])
    }

    fn validity(&self, now: i64) -> Claim {
        let (from, to) = (self.certificate.not_before(), self.certificate.not_after());
        let is_valid = |at: i64| (from..=to).contains(&at);
        let at = self.instant();
        let until = instant::to_date_time(to);
        if !is_valid(at) {
            let (ro, en) = ("certificatul nu era valabil atunci", "the certificate was not valid then");
            return Claim::failed(Kind::SealValidity, self.about, ro, en).at(at);
        }
        match self.proven_time {
            Some(_) => Claim::proven(Kind::SealValidity, self.about, "la ora dovedită", "at the proven time").at(at),
            None if is_valid(now) => {
                let (ro, en) = (format!("și acum, până la {until}"), format!("and still is, until {until}"));
                Claim::proven(Kind::SealValidity, self.about, ro, en).at(at)
            }
            None => Claim::not_checked(
                Kind::SealValidity,
                self.about,
                format!("a expirat la {until} și nicio marcă temporală nu arată că sigiliul este dinainte"),
                format!("it expired at {until} and no time-stamp shows that the seal is older"),
            ),
        }
    }
}

/// The claim about a time-stamp whose signature and imprint hold, and its time when its authority is believed.
pub(crate) fn judge_stamp(
    bench: &Bench<'_>,
    kind: Kind,
    about: &str,
    stamp: &TimeStamp,
    uses: &mut Uses,
) -> (Claim, Option<i64>) {
    let companions = bench.companions(&stamp.certificates);
    let belief = bench.trusted.believes_authority(&stamp.authority, &companions, stamp.time);
    let (claim, time) = match belief {
        Ok(Belief::Pinned) => {
            let (ro, en) = ("de autoritatea dată de dumneavoastră", "by the authority you gave");
            (Claim::proven(kind, about, ro, en).detail("trust", "pinned"), Some(stamp.time))
        }
        Ok(Belief::Anchor(anchor)) => {
            let (ro, en) = (format!("sub autoritatea {anchor}"), format!("under the authority {anchor}"));
            (Claim::proven(kind, about, ro, en).detail("trust", "anchor"), Some(stamp.time))
        }
        Ok(Belief::NotAsked) => {
            let ro = "marca este întreagă; autoritatea care a pus-o rămâne de judecat";
            let en = "the time-stamp is intact; whether its authority is trusted was not asked";
            (Claim::not_checked(kind, about, ro, en).detail("trust", "integrity-only"), None)
        }
        Err(error) => (Claim::with(kind, about, crate::Status::Failed, romanian::of_trust(&error)), None),
    };
    if time.is_some() {
        uses.add(&stamp.authority, &companions, stamp.time);
    }
    (claim.by(stamp.authority.subject()).at(stamp.time).detail("serial", &stamp.serial), time)
}

/// Certificates that were relied on, with the last instant of each, so that revocation is told once.
#[derive(Default)]
pub(crate) struct Uses(Vec<(Certificate, Vec<Certificate>, i64)>);

impl Uses {
    pub(crate) fn add(&mut self, certificate: &Certificate, companions: &[Certificate], at: i64) {
        match self.0.iter_mut().find(|(known, _, _)| known == certificate) {
            Some((_, _, last)) => *last = at.max(*last),
            None => self.0.push((certificate.clone(), companions.to_vec(), at)),
        }
    }

    pub(crate) fn claims(self, bench: &Bench<'_>) -> Vec<Claim> {
        let anchors = || bench.trusted.seals.iter().chain(&bench.trusted.authorities).flatten();
        let told = self.0.into_iter().map(|(certificate, mut companions, at)| {
            companions.extend(anchors().cloned());
            revocation::claim(&certificate, &companions, &bench.exhibits.revocation, at)
        });
        told.collect()
    }
}
