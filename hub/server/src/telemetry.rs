//! Metrics and logs. No personal data in either: ids, states and counts only.

use hub_flow::feed::Standing;
use hub_flow::queue::JobKind;
use hub_flow::standing::{Cause, Halt};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The hub's metrics, in the Prometheus text format.
pub struct Metrics {
    registry: Registry,
    submissions: Family<Outcome, Counter>,
    accept_seconds: Histogram,
    jobs: Family<JobLabels, Counter>,
    jobs_waiting: Gauge<i64>,
    lookups: Family<LookupLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    refused: Family<RefusedLabels, Counter>,
    scanned: Family<ScanLabels, Counter>,
    log_leaves: Gauge<i64>,
    log_headed: Gauge<i64>,
    log_unstamped: Gauge<i64>,
    log_unstamped_age: Gauge<i64>,
    push_failing: Gauge<i64>,
    push_paused: Gauge<i64>,
    weakening: Gauge<i64>,
    system_open: Family<SystemLabels, Gauge<i64>>,
    dead_letters: Family<SystemLabels, Gauge<i64>>,
    orphans: Gauge<i64>,
    overdue: Gauge<i64>,
    damaged: Family<DamageLabels, Gauge<i64>>,
    halted: Family<CauseLabels, Gauge<i64>>,
}

/// How the log of evidence stands.
pub(crate) struct LogFigures {
    /// Evidences in it.
    pub leaves: u64,
    /// Evidences under its newest head.
    pub headed: u64,
    /// Heads that no stamp covers.
    pub unstamped: u64,
    /// Seconds since the oldest of them was made.
    pub age: i64,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    recorded: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SystemLabels {
    system: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DamageLabels {
    store: String,
    flaw: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LookupLabels {
    system: String,
    operation: String,
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ScanLabels {
    verdict: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RefusedLabels {
    class: &'static str,
    why: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("punte");
        let submissions = Family::default();
        registry.register("submissions", "Submissions by outcome", submissions.clone());
        let accept_seconds = Histogram::new(exponential_buckets(0.001, 2.0, 12));
        registry.register(
            "accept_seconds",
            "Time from a complete submission to its durable receipt",
            accept_seconds.clone(),
        );
        let jobs = Family::default();
        registry.register("jobs", "Jobs taken a step further", jobs.clone());
        let jobs_waiting = Gauge::default();
        registry.register("jobs_waiting", "Jobs in the queue, claimed ones included", jobs_waiting.clone());
        let lookups = Family::default();
        registry.register("lookups", "Questions to registers by what they came to", lookups.clone());
        let requests = Family::default();
        registry.register("requests", "HTTP requests by route and status", requests.clone());
        let refused = Family::default();
        registry.register(
            "refused",
            "Requests over the budget or beyond the line of a party or address",
            refused.clone(),
        );
        let scanned = Family::default();
        registry.register("scanned", "Parts shown to the scanner for malware, by verdict", scanned.clone());
        let gauge = |registry: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let log_leaves = gauge(&mut registry, "log_leaves", "Evidences in the log");
        let log_headed = gauge(&mut registry, "log_headed", "Evidences under the newest signed head");
        let log_unstamped = gauge(&mut registry, "log_heads_unstamped", "Heads that no time-stamp covers yet");
        let log_unstamped_age =
            gauge(&mut registry, "log_unstamped_age_seconds", "Age of the oldest head without a time-stamp");
        let push_failing = gauge(&mut registry, "push_failing", "Parties whose system did not take the last evidence");
        let push_paused = gauge(
            &mut registry,
            "push_paused",
            "Parties that failed beyond patience and are tried at growing intervals",
        );
        let weakening =
            gauge(&mut registry, "proofs_weakening", "Evidences whose proof weakens within 90 days and is not covered");
        let system_open = Family::default();
        registry.register(
            "system_open",
            "Addresses of a system that do not answer and are left alone",
            system_open.clone(),
        );
        let dead_letters = Family::default();
        let halted = Family::default();
        let help = "Causes for which the hub stands still: 1 while one stands, 2 where it was decided to go on";
        registry.register("halted", help, halted.clone());
        let orphans = gauge(
            &mut registry,
            "orphans",
            "Entries and deliveries that have not ended and have nobody, no clock or no next act; 1,000 of each at most",
        );
        let overdue = gauge(&mut registry, "entries_overdue", "Entries whose term has passed and that have not ended");
        registry.register("dead_letters", "Deliveries that wait for a person, by system", dead_letters.clone());
        let damaged = Family::default();
        registry.register(
            "vault_damaged",
            "Archived documents that are damaged and could not be mended, by store and flaw",
            damaged.clone(),
        );
        Self {
            registry,
            submissions,
            accept_seconds,
            jobs,
            jobs_waiting,
            lookups,
            requests,
            refused,
            scanned,
            log_leaves,
            log_headed,
            log_unstamped,
            log_unstamped_age,
            push_failing,
            push_paused,
            weakening,
            system_open,
            dead_letters,
            orphans,
            overdue,
            damaged,
            halted,
        }
    }
}

impl Metrics {
    pub(crate) fn submission(&self, outcome: &'static str, seconds: f64) {
        self.submissions.get_or_create(&Outcome { outcome }).inc();
        self.accept_seconds.observe(seconds);
    }

    pub(crate) fn job_ended(&self, kind: JobKind, recorded: bool) {
        let labels = JobLabels { kind: kind.as_str(), recorded: if recorded { "yes" } else { "no" } };
        self.jobs.get_or_create(&labels).inc();
    }

    pub(crate) fn lookup(&self, system: &str, operation: &str, result: &'static str) {
        let labels = LookupLabels { system: system.to_owned(), operation: operation.to_owned(), result };
        self.lookups.get_or_create(&labels).inc();
    }

    pub(crate) fn request(&self, route: &str, status: u16) {
        self.requests.get_or_create(&RequestLabels { route: route.to_owned(), status }).inc();
    }

    pub(crate) fn refused(&self, class: &'static str, why: &'static str) {
        self.refused.get_or_create(&RefusedLabels { class, why }).inc();
    }

    pub(crate) fn scanned(&self, verdict: &'static str) {
        self.scanned.get_or_create(&ScanLabels { verdict }).inc();
    }

    pub(crate) fn log(&self, figures: LogFigures) {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.log_leaves.set(number(figures.leaves));
        self.log_headed.set(number(figures.headed));
        self.log_unstamped.set(number(figures.unstamped));
        self.log_unstamped_age.set(figures.age);
    }

    pub(crate) fn push(&self, standing: Standing) {
        self.push_failing.set(standing.failing);
        self.push_paused.set(standing.paused);
    }

    /// Addresses left alone, by system, of all that ever failed to answer.
    pub(crate) fn systems(&self, open: impl IntoIterator<Item = (String, i64)>) {
        for (system, count) in open {
            self.system_open.get_or_create(&SystemLabels { system }).set(count);
        }
    }

    /// Open dead letters by system; a system without is at zero.
    pub(crate) fn dead_letters(&self, open: impl IntoIterator<Item = (String, i64)>) {
        self.dead_letters.clear();
        for (system, count) in open {
            self.dead_letters.get_or_create(&SystemLabels { system }).set(count);
        }
    }

    /// Damaged documents that wait for somebody, by store and flaw.
    pub(crate) fn damaged(&self, open: impl IntoIterator<Item = (String, String, i64)>) {
        self.damaged.clear();
        for (store, flaw, count) in open {
            self.damaged.get_or_create(&DamageLabels { store, flaw }).set(count);
        }
    }

    /// Why the hub stands still; a cause that does not stand is at zero.
    pub(crate) fn standing(&self, causes: &[Cause]) {
        for halt in Halt::ALL {
            let stands = causes.iter().find(|cause| cause.halt == halt);
            let value = stands.map_or(0, |cause| if cause.overridden { 2 } else { 1 });
            self.halted.get_or_create(&CauseLabels { cause: halt.as_str() }).set(value);
        }
    }

    /// What nobody has, and what is late.
    pub(crate) fn deadlines(&self, orphans: usize, overdue: i64) {
        self.orphans.set(i64::try_from(orphans).unwrap_or(i64::MAX));
        self.overdue.set(overdue);
    }

    pub(crate) fn weakening(&self, evidences: u64) {
        self.weakening.set(i64::try_from(evidences).unwrap_or(i64::MAX));
    }

    pub(crate) fn text(&self, jobs_waiting: i64) -> String {
        self.jobs_waiting.set(jobs_waiting);
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

/// Starts logging to standard error: JSON for machines, lines for people. `PUNTE_LOG` chooses what is told.
pub fn start_logging(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("PUNTE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // The AMQP library writes messages that come back whole, content included, at WARN.
    let filter = filter.add_directive("lapin=error".parse().expect("a directive written here"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process, as in tests, changes nothing.
    let _ = if json { builder.json().try_init() } else { builder.compact().try_init() };
}
