//! Watches over the seal: reads its files again, looks at its validity, asks its issuer, and halts or resumes the service.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::hub::Hub;
use hub_flow::seal::{self, KeepAnswer, KeepCertificates, NewAnswer, NewSeal, RecordSeal, RevokeSeal};
use hub_flow::standing::Halt;
use hub_signatures::certificate::Certificate;
use hub_signatures::revocation::Status;
use tokio::sync::watch;

use crate::config::Config;

use super::open::{Opened, fingerprint, open};
use super::revocation::{Found, Issuers};

/// Revocation values of one certificate are kept at most this often, in seconds.
const KEEP_EVERY: i64 = 3600;

/// What is known of the seal now, for those who run the hub.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// `none`: nobody can be asked; `good`; `revoked`; `unknown`.
    pub revocation: &'static str,
    /// Until when it is known, or since when it is not; and why.
    pub detail: String,
}

/// Watches over the seal of one hub.
pub struct SealWatch {
    hub: Arc<Hub>,
    config: Config,
    issuers: Issuers,
    opened: Opened,
    /// Files that could not be used, so that they are told once.
    refused: Option<[u8; 32]>,
    began: Timestamp,
    asked_at: Option<Timestamp>,
    recorded: bool,
    report: watch::Sender<Report>,
}

impl SealWatch {
    /// A watch over a seal that was opened for this hub.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(hub: Arc<Hub>, config: &Config, opened: Opened) -> anyhow::Result<Self> {
        let issuers = Issuers::new(config.seal.ocsp.clone(), config.seal.crl.clone())?;
        let began = hub.clock.now();
        let (report, _) = watch::channel(Report { revocation: "none", detail: String::new() });
        let config = config.clone();
        Ok(Self { hub, config, issuers, opened, refused: None, began, asked_at: None, recorded: false, report })
    }

    /// What is known of the seal, as it changes.
    #[must_use]
    pub fn report(&self) -> watch::Receiver<Report> {
        self.report.subscribe()
    }

    /// Looks until told to stop: every `watch_seconds`, on SIGHUP, and when the validity of the certificate turns.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
            .expect("a process can listen to its own signals");
        while !*stop.borrow() {
            tokio::select! {
                () = tokio::time::sleep(self.pause()) => {}
                _ = hangup.recv() => self.asked_at = None,
                _ = stop.changed() => return,
            }
            self.look().await;
        }
    }

    /// The pause until the next look; shorter where validity begins or ends before.
    fn pause(&self) -> Duration {
        let now = self.hub.clock.now();
        let signer = self.hub.seal.signer();
        let turns = signer.certificate_chain().first().map(|one| [one.not_before(), one.not_after() + 1]);
        let turns = turns.into_iter().flatten().map(|second| second.saturating_mul(1_000_000).saturating_sub(now.0));
        let next = turns.filter(|micros| *micros > 0).min().unwrap_or(i64::MAX);
        self.config.seal.pause().min(Duration::from_micros(next.unsigned_abs()))
    }

    /// One look: files, record, validity, revocation.
    pub async fn look(&mut self) {
        let replaced = self.reload().await;
        if replaced {
            self.asked_at = None;
        }
        let unfit = self.hub.seal.unfit_at(self.hub.clock.now());
        for cause in [Halt::SealNotYetValid, Halt::SealExpired] {
            self.stand(cause, unfit == Some(cause));
        }
        if let Err(error) = self.record(&self.opened, replaced || !self.recorded).await {
            tracing::warn!(%error, "the use of the seal could not be recorded; the next look tries again");
            self.recorded = false;
            return;
        }
        self.recorded = true;
        let now = self.hub.clock.now();
        let pause = i64::from(self.config.seal.revocation_seconds);
        if self.asked_at.is_none_or(|asked| now >= asked.plus_seconds(pause)) {
            self.asked_at = Some(now);
            if let Err(error) = self.ask().await {
                tracing::warn!(%error, "the standing of the seal could not be recorded");
            }
        }
    }

    /// Takes over new files, whole pairs only; answers whether another seal is in use since.
    async fn reload(&mut self) -> bool {
        let (config, now, old) = (self.config.clone(), self.hub.clock.now(), self.opened.fingerprint);
        let expired = self.opened.development && self.hub.seal.unfit_at(now).is_some();
        let refused = self.refused;
        let opened = tokio::task::spawn_blocking(move || {
            let found = fingerprint(&config).unwrap_or([0; 32]);
            if (found == old && !expired) || refused == Some(found) {
                return None;
            }
            Some((found, open(&config, now)))
        });
        match opened.await {
            Ok(Some((_, Ok(opened)))) => {
                // On record before its first use, so that there is no evidence of a seal nobody knows.
                if let Err(error) = self.record(&opened, false).await {
                    tracing::warn!(%error, "the new seal could not be recorded; the old one stays until it can");
                    return false;
                }
                let subject = opened.signer.certificate_chain().first().map(|one| one.subject().to_owned());
                tracing::info!(?subject, "the seal was replaced");
                self.hub.seal.replace(Arc::clone(&opened.signer));
                (self.opened, self.refused) = (opened, None);
                true
            }
            Ok(Some((found, Err(error)))) => {
                tracing::error!(error = format!("{error:#}"), "the new seal cannot be used; the old one stays");
                self.refused = Some(found);
                false
            }
            Ok(None) | Err(_) => false,
        }
    }

    async fn record(&self, opened: &Opened, takes_over: bool) -> Result<(), DbError> {
        let chain = opened.signer.certificate_chain().to_vec();
        let (development, at) = (opened.development, self.hub.clock.now());
        if takes_over {
            self.hub.db.write(&Arc::new(KeepCertificates), (chain.clone(), at)).await?;
        }
        self.hub.db.write(&Arc::new(RecordSeal), NewSeal { chain, development, at, takes_over }).await
    }

    /// Asks about every certificate of the chain that names somebody to ask. The gravest answer counts.
    async fn ask(&mut self) -> Result<(), DbError> {
        let chain = self.opened.signer.certificate_chain().to_vec();
        let asked = self.issuers.of_seal(&chain);
        let said_revoked = self.said_revoked(&chain).await?;
        let (mut revoked, mut unknown, mut known) = (None, None, None);
        for one in &asked {
            let now = self.hub.clock.now();
            let second = now.0.div_euclid(1_000_000);
            let stored = seal::known_until(&self.hub.db, one.certificate.sha256()).await?;
            match self.issuers.ask(one, second).await {
                Found::Fresh { kind, value, answer } => {
                    let due = |(newest, _): (Timestamp, _)| answer.this_update >= newest.0 / 1_000_000 + KEEP_EVERY;
                    if answer.status != Status::Good || stored.is_none_or(due) {
                        let certificate = *one.certificate.sha256();
                        let new = NewAnswer { certificate, kind, value, answer, at: now };
                        self.hub.db.write(&Arc::new(KeepAnswer), new).await?;
                    }
                    match answer.status {
                        Status::Revoked { since } => revoked = Some(revoked.unwrap_or(since).min(since)),
                        // An old list that is still in force does not take back what a newer one said.
                        Status::Good
                            if said_revoked
                                && stored.is_some_and(|(newest, _)| answer.this_update < newest.0 / 1_000_000) =>
                        {
                            unknown =
                                Some((second, "the answer is older than the one that said it is revoked".to_owned()));
                        }
                        Status::Good => {
                            let until = answer.next_update.unwrap_or(second);
                            known = Some(known.map_or(until, |first: i64| first.min(until)));
                        }
                    }
                }
                Found::Unknown { until, why } => {
                    let stored = stored.map(|(_, until)| until.0.div_euclid(1_000_000));
                    let until = until.max(stored).unwrap_or(self.began.0 / 1_000_000).min(second);
                    tracing::warn!(
                        certificate = one.certificate.subject(),
                        why,
                        "the standing of the seal is not known"
                    );
                    unknown =
                        Some(unknown.map_or((until, why.clone()), |first: (i64, String)| first.min((until, why))));
                }
            }
        }
        self.conclude(&chain, revoked, unknown, known).await
    }

    async fn conclude(
        &self,
        chain: &[Certificate],
        revoked: Option<i64>,
        unknown: Option<(i64, String)>,
        known: Option<i64>,
    ) -> Result<(), DbError> {
        let moment = |second: i64| Timestamp(second.saturating_mul(1_000_000));
        let own = chain.first().map(|one| *one.sha256()).unwrap_or_default();
        let report = |revocation, detail| Report { revocation, detail };
        let (halt, report) = match (revoked, unknown) {
            (Some(since), _) => {
                self.hub.db.write(&Arc::new(RevokeSeal), (own, Some(moment(since)))).await?;
                (true, report("revoked", moment(since).to_utc()))
            }
            (None, Some((since, why))) => {
                let now = self.hub.clock.now();
                let overdue = now > moment(since).plus_seconds(self.config.seal.grace());
                // What was said once stays said while nobody says otherwise.
                let said = self.said_revoked(chain).await?;
                (overdue || said, report("unknown", format!("{}: {why}", moment(since).to_utc())))
            }
            (None, None) => {
                if known.is_some() {
                    self.hub.db.write(&Arc::new(RevokeSeal), (own, None)).await?;
                }
                let until = known.map(|until| moment(until).to_utc()).unwrap_or_default();
                (false, report(if known.is_some() { "good" } else { "none" }, until))
            }
        };
        self.stand(Halt::SealRevoked, halt);
        self.report.send_replace(report);
        Ok(())
    }

    /// Whether the issuer said of this seal that it is revoked, and nobody said otherwise since.
    async fn said_revoked(&self, chain: &[Certificate]) -> Result<bool, DbError> {
        let own = chain.first().map(|one| *one.sha256());
        let records = seal::all(&self.hub.db).await?;
        Ok(records.iter().any(|one| Some(one.sha256) == own && one.revoked_at.is_some()))
    }

    fn stand(&self, cause: Halt, halted: bool) {
        if halted && self.hub.standing.halt(cause) {
            tracing::error!(cause = cause.as_str(), "the service is halted: no evidence can be issued");
        }
        if !halted && self.hub.standing.resume(cause) {
            tracing::info!(cause = cause.as_str(), "the service resumes");
            self.hub.wake.ring();
        }
    }
}
