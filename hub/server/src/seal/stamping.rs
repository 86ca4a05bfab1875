//! Time-stamps of single evidences: after their commit, off the hot path, one question to the authority each.
//!
//! What asks for one is decided by its document type, or by the configuration for all. An evidence whose authority is
//! silent waits; nothing else waits for it. Beside the tokens it keeps what is needed to judge them later.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::evidence::{self, KeepStamp, MovePosition, Stamp, Unstamped};
use hub_flow::hub::Hub;
use hub_flow::seal::{self, KeepAnswer, KeepCertificates, NewAnswer};
use hub_signatures::certificate::Certificate;
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::tsp::{Imprint, Token};
use hub_signatures::xades;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::revocation::{Found, Issuers, of_chain};

/// The pause between two looks for new evidence.
const PAUSE: Duration = Duration::from_secs(1);
/// The pause after an authority did not stamp.
const BREATH: Duration = Duration::from_secs(10);
/// Evidences looked at in one go.
const SET: i64 = 256;
/// Questions under way at once.
const AT_ONCE: usize = 8;
/// Evidence of another node may become visible so much later than its moment, in seconds.
const LATECOMERS: i64 = 60;
/// The standing of an authority is kept at most this often, in seconds.
const KEEP_EVERY: i64 = 3600;

/// Asks for one token; an error in words.
pub type Authority = Arc<dyn Fn(Imprint) -> Pin<Box<dyn Future<Output = Result<Token, String>> + Send>> + Send + Sync>;

/// Stamps the evidences that ask for it.
pub struct Stamping {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Who stamps.
    pub authority: Authority,
    /// Certificates above those of the authority.
    pub roots: Vec<Certificate>,
    /// Whether every evidence is stamped.
    pub each: bool,
    /// Who is asked about the authority's own certificates.
    pub issuers: Issuers,
}

/// How far the look at evidence has come.
struct Place {
    /// Nothing before needs a look in this minute.
    near: i64,
    /// When to look at the latecomers again.
    again: Timestamp,
}

impl Stamping {
    /// Stamps until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut place = Place { near: 0, again: Timestamp::default() };
        let mut known_authority = None;
        while !*stop.borrow() {
            let pause = match self.round(&mut place, &mut known_authority).await {
                Ok(true) => PAUSE,
                Ok(false) => BREATH,
                Err(error) => {
                    tracing::warn!(%error, "evidence could not be stamped; trying again");
                    BREATH
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Stamps what waits; answers whether the authority stamped all it was asked to.
    async fn round(&self, place: &mut Place, known: &mut Option<([u8; 32], Timestamp)>) -> Result<bool, DbError> {
        let now = self.hub.clock.now();
        let over = now >= place.again;
        if over {
            let position = evidence::stamped_up_to(&self.hub.db).await?;
            // Kept also where nothing was stamped yet: what comes from now on is looked at, what came before is not.
            self.hub.db.write(&Arc::new(MovePosition), position).await?;
            (place.near, place.again) = (position, now.plus_seconds(LATECOMERS));
        }
        let (mut settled, mut all) = (place.near, true);
        loop {
            let set = evidence::unstamped(&self.hub.db, place.near, SET).await?;
            let Some(last) = set.last().map(|one| one.sequence) else { break };
            let failed = self.stamp(set.iter().filter(|one| self.wanted(one)), known).await?;
            let seen = set.iter().take_while(|one| failed.is_none_or(|failed| one.sequence < failed));
            let old = seen.take_while(|one| one.at.plus_seconds(LATECOMERS) < now);
            if all {
                settled = old.last().map_or(settled, |one| one.sequence);
            }
            if let Some(failed) = failed {
                place.near = failed - 1;
                all = false;
                break;
            }
            place.near = last;
        }
        if over {
            self.hub.db.write(&Arc::new(MovePosition), settled).await?;
        }
        Ok(all)
    }

    fn wanted(&self, one: &Unstamped) -> bool {
        let asks = |(name, version): &(String, String)| {
            self.hub.catalogue.document_type(name, version).is_some_and(schemas::DocumentType::time_stamp)
        };
        self.each || one.document_type.as_ref().is_some_and(asks)
    }

    /// Stamps these; answers the first that the authority did not stamp.
    async fn stamp(
        &self,
        wanted: impl Iterator<Item = &Unstamped>,
        known: &mut Option<([u8; 32], Timestamp)>,
    ) -> Result<Option<i64>, DbError> {
        let wanted: Vec<&Unstamped> = wanted.collect();
        let mut failed: Option<i64> = None;
        for some in wanted.chunks(AT_ONCE) {
            let mut asked = JoinSet::new();
            for one in some {
                let document = evidence::document_at(&self.hub.db, one.sequence).await?;
                let imprint = xades::time_stamp_imprint(&document);
                let imprint = imprint.map_err(|error| DbError::Statement(format!("evidence {}: {error}", one.id)))?;
                let (sequence, id, token) = (one.sequence, one.id, (self.authority)(Imprint::from(imprint)));
                asked.spawn(async move { (sequence, id, token.await) });
            }
            while let Some(answered) = asked.join_next().await {
                let Ok((sequence, evidence, token)) = answered else { continue };
                match token {
                    Ok(token) => {
                        self.learn(&token, known).await?;
                        let stamped_at = Timestamp(token.time_stamp.time.saturating_mul(1_000_000));
                        let authority_sha256 = *token.time_stamp.authority.sha256();
                        let stamp = Stamp { evidence, token: token.der, stamped_at, authority_sha256 };
                        self.hub.db.write(&Arc::new(KeepStamp), stamp).await?;
                    }
                    Err(error) => {
                        tracing::warn!(%evidence, error, "an evidence has no time-stamp yet");
                        failed = Some(failed.map_or(sequence, |first| first.min(sequence)));
                    }
                }
            }
            if failed.is_some() {
                break;
            }
        }
        Ok(failed)
    }

    /// Keeps the certificates above an authority and the standing of each, at most every hour.
    async fn learn(&self, token: &Token, known: &mut Option<([u8; 32], Timestamp)>) -> Result<(), DbError> {
        let now = self.hub.clock.now();
        let authority = *token.time_stamp.authority.sha256();
        if known.is_some_and(|(sha256, until)| sha256 == authority && now < until) {
            return Ok(());
        }
        *known = Some((authority, now.plus_seconds(KEEP_EVERY)));
        let mut chain = TimeStamp::certificates(&token.der).unwrap_or_default();
        chain.extend(self.roots.iter().cloned());
        self.hub.db.write(&Arc::new(KeepCertificates), (chain.clone(), now)).await?;
        for asked in of_chain(&chain) {
            let newest = seal::known_until(&self.hub.db, asked.certificate.sha256()).await?;
            if asked.sources.is_empty() || newest.is_some_and(|(this, _)| now < this.plus_seconds(KEEP_EVERY)) {
                continue;
            }
            match self.issuers.ask(&asked, now.0.div_euclid(1_000_000)).await {
                Found::Fresh { kind, value, answer } => {
                    let certificate = *asked.certificate.sha256();
                    let new = NewAnswer { certificate, kind, value, answer, at: now };
                    self.hub.db.write(&Arc::new(KeepAnswer), new).await?;
                }
                Found::Unknown { why, .. } => {
                    tracing::warn!(
                        certificate = asked.certificate.subject(),
                        why,
                        "the standing of an authority is not known"
                    );
                }
            }
        }
        Ok(())
    }
}
