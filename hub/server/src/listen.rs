//! A running hub: the HTTP door, the workers, and an orderly end.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use connectors_contract::Engine;
use hub_flow::hub::Hub;
use hub_flow::log::Lease;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accepting::Door;
use crate::api::oauth::Authority;
use crate::api::{self, App};
use crate::assembly::{Assembled, assemble_with};
use crate::config::Config;
use crate::protection::Gate;
use crate::protection::headers::OverTls;
use crate::protection::malware::Scanner;
use crate::receiving::Inspector;
use crate::sign_in::SignIn;
use crate::telemetry::Metrics;
use crate::tls::{Proxies, Tls};
use crate::{
    archiving, batching, converting, directory_following, erasing, evidence_feeding, examining, lockdown, log_keeping,
    presence, preserving, receiving, searching, siem, watching, worker,
};

/// Requests under way get so long to end.
const GRACE: Duration = Duration::from_secs(20);

/// A hub that serves.
pub struct Running {
    /// Where its door is.
    pub address: SocketAddr,
    /// The hub itself.
    pub hub: Arc<Hub>,
    /// PEM of the seal certificate in use at the start.
    pub seal_certificate: Vec<u8>,
    /// What its handlers use.
    pub app: App,
    scheme: &'static str,
    stop: watch::Sender<bool>,
    door: JoinHandle<()>,
    workers: JoinHandle<()>,
    watches: Vec<JoinHandle<()>>,
    log: JoinHandle<()>,
    feeding: JoinHandle<()>,
    receiving: JoinHandle<()>,
    stop_log: watch::Sender<bool>,
    _folder_lock: Option<std::fs::File>,
}

/// Assembles the hub and opens its door.
///
/// # Errors
/// The configuration is wrong, or the address is taken.
pub async fn start(config: &Config) -> anyhow::Result<Running> {
    start_with(config, Vec::new()).await
}

/// The same with further engines, which win over the program's own: for those who embed the hub, and for tests.
///
/// # Errors
/// As for [`start`].
pub async fn start_with(config: &Config, engines: Vec<Box<dyn Engine>>) -> anyhow::Result<Running> {
    let listener =
        TcpListener::bind(&config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    config.check_door(address.ip())?;
    let tls = config.tls.as_ref().map(Tls::open).transpose()?.map(Arc::new);
    if tls.is_none() && !address.ip().is_loopback() {
        tracing::warn!(%address, "PLAIN HTTP TO A NETWORK: keys and documents can be read on the way; configure [tls]");
    }
    let operations = match &config.operations_listen {
        Some(at) => Some(TcpListener::bind(at).await.with_context(|| format!("cannot listen on {at}"))?),
        None => None,
    };
    // Links in receipts and notices lead to the port that was really taken.
    let config = &Config { listen: address.to_string(), ..config.clone() };
    let Assembled { hub, seal_certificate, watch: seal_watch, stamping, preservation, folder_lock } =
        assemble_with(config, engines).await?;
    let metrics = Arc::new(Metrics::default());
    let (stop, stopped) = watch::channel(false);
    let every = |millis: NonZeroU32| Duration::from_millis(millis.get().into());
    let lease = Arc::new(Lease::of(hub.ids.uuid(hub.clock.now())));
    // Before the door opens, so that no evidence of a party that is to be told passes by.
    let feeding = evidence_feeding::start(&hub, Arc::clone(&lease), every(config.log.interval_ms), &stopped).await;
    let feeding = feeding.context("nobody can be told of evidence")?;
    let bounds = Arc::new(config.door.clone());
    let checks = Arc::new(lockdown::Checks::new(Arc::clone(&hub), &config.lock_down, config.clock_ahead_seconds));
    let app = App {
        hub: Arc::clone(&hub),
        limits: config.limits,
        metrics: Arc::clone(&metrics),
        seal_report: seal_watch.report(),
        preservation: Arc::clone(&preservation),
        board: Arc::default(),
        tls: tls.clone(),
        proxies: Arc::new(
            Proxies::open(&config.door.trusted_proxies, &config.proxy).context("[proxy] cannot be used")?,
        ),
        tokens: Arc::new(Authority::new(config.reached_at(), config.token_secret()?)),
        sign_in: Arc::new(SignIn::of(config)?),
        idle: Duration::from_secs(config.door.idle_seconds),
        gate: Arc::new(Gate::new(&config.rate, &config.door, Arc::clone(&metrics))),
        door: Arc::clone(&bounds),
        over_tls: OverTls(config.reached_at().starts_with("https://")),
        checks: Arc::clone(&checks),
        scanner: Scanner::of(&config.malware)?,
        places: Arc::new(api::upkeep::Places::of(config)),
        stopped: stopped.clone(),
    };
    let mut watches = vec![tokio::spawn(seal_watch.run(stopped.clone()))];
    watches.extend(tls.clone().map(|tls| tokio::spawn(tls.follow(stopped.clone()))));
    if let Some(listener) = operations {
        let aside =
            Door { listener, router: api::operations::router(app.clone()), tls: None, bounds: Arc::clone(&bounds) };
        watches.push(tokio::spawn(aside.serve(stopped.clone())));
    }
    let door = Door { listener, router: api::router(app.clone()), tls, bounds };
    let door = tokio::spawn(door.serve(stopped.clone()));
    watches.extend(stamping.map(|stamping| tokio::spawn(stamping.run(stopped.clone()))));
    let preserved = (Arc::clone(&hub), preservation);
    let preserve =
        preserving::run(preserved, Arc::clone(&lease), every(config.preservation.interval_ms), stopped.clone());
    watches.push(tokio::spawn(preserve));
    let follow = searching::run(Arc::clone(&hub), Arc::clone(&lease), every(config.log.interval_ms), stopped.clone());
    watches.push(tokio::spawn(follow));
    let push = batching::run(app.clone(), Arc::clone(&lease), every(config.log.interval_ms), stopped.clone());
    watches.push(tokio::spawn(push));
    let examine = examining::run(Arc::clone(&hub), Arc::clone(&lease), config.vault.audit, stopped.clone());
    watches.push(tokio::spawn(examine));
    watches.push(tokio::spawn(lockdown::run(checks, config.lock_down.clone(), stopped.clone())));
    if let Some(wanted) = &config.siem {
        let teller = siem::Teller::new(Arc::clone(&hub), Arc::clone(&lease), config, wanted)?;
        watches.push(tokio::spawn(teller.run(stopped.clone())));
    }
    let inspector = Inspector { scanner: app.scanner.clone(), metrics: Arc::clone(&metrics) };
    let receiving = tokio::spawn(receiving::run(Arc::clone(&hub), inspector, config.limits, stopped.clone()));
    let look = every(config.deadlines.interval_ms);
    watches.push(tokio::spawn(watching::run(Arc::clone(&hub), look, stopped.clone())));
    watches.push(tokio::spawn(erasing::run(Arc::clone(&hub), stopped.clone())));
    watches.push(tokio::spawn(presence::run(Arc::clone(&hub), stopped.clone())));
    watches.push(tokio::spawn(directory_following::run(Arc::clone(&hub), stopped.clone())));
    watches.push(tokio::spawn(archiving::run(Arc::clone(&hub), Arc::clone(&lease), stopped.clone())));
    if config.vault.copies {
        let scratch = config.data.join("copies");
        watches.push(tokio::spawn(converting::run(Arc::clone(&hub), Arc::clone(&lease), scratch, stopped.clone())));
    }
    let workers = tokio::spawn(worker::work(Arc::clone(&hub), metrics, config.workers, stopped));
    let (stop_log, log_stopped) = watch::channel(false);
    let log = log_keeping::start(&hub, &lease, every(config.log.interval_ms), &log_stopped);
    Ok(Running {
        address,
        scheme: config.scheme(),
        hub,
        seal_certificate,
        app,
        stop,
        door,
        workers,
        watches,
        log,
        feeding,
        receiving,
        stop_log,
        _folder_lock: folder_lock,
    })
}

impl Running {
    /// Base URL of the door.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Takes no new work, ends what is under way, and returns.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.hub.wake.ring();
        if tokio::time::timeout(GRACE, async { (self.door.await, self.receiving.await, self.workers.await) })
            .await
            .is_err()
        {
            tracing::warn!("some requests did not end in time; what they began is in the queue");
        }
        if tokio::time::timeout(GRACE, self.feeding).await.is_err() {
            tracing::warn!("the telling of evidence did not end in time; the next start goes on with it");
        }
        // They may be waiting for somebody far away; what they do can be done again.
        for watch in self.watches {
            watch.abort();
            let _cancelled = watch.await;
        }
        // Last, so that the evidence of what just ended is logged too.
        self.stop_log.send_replace(true);
        if tokio::time::timeout(GRACE, self.log).await.is_err() {
            tracing::warn!("the log of evidence was not brought up to date in time; the next start does it");
        }
    }
}

/// Waits for Ctrl-C or the service manager's word.
pub async fn wait_for_stop() {
    stop_asked().await;
}

/// Listens for the wish to stop from this call on, not only once it is awaited: what opens a hub calls it before, so
/// that a signal that comes between opening and waiting stops it in order.
pub fn stop_asked() -> impl Future<Output = ()> {
    let listen = |kind| tokio::signal::unix::signal(kind).expect("a process can listen to its own signals");
    let mut terminate = listen(tokio::signal::unix::SignalKind::terminate());
    let mut interrupt = listen(tokio::signal::unix::SignalKind::interrupt());
    async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// The same, and the end of the terminal: for what runs in one.
pub async fn wait_for_stop_or_hangup() {
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
        .expect("a process can listen to its own signals");
    tokio::select! {
        () = wait_for_stop() => {}
        _ = hangup.recv() => {}
    }
}
