//! The figures, and what they are worth on this machine.

use std::fmt;

use serde_json::{Value, json};

use super::load::Run;
use super::machine::Machine;
use super::process::Usage;
use super::road::Road;

/// All figures of one run.
pub(super) struct Report {
    machine: Machine,
    accepts: Run,
    door: Usage,
    road: Road,
    hub: Usage,
    pub(super) lost: u64,
    pub(super) doubled: u64,
}

const MIB: f64 = 1024.0 * 1024.0;

impl Report {
    pub(super) fn new(machine: Machine, accepts: Run, door: Usage, road: Road, hub: Usage) -> Self {
        let (lost, doubled) = (road.lost, road.doubled);
        Self { machine, accepts, door, road, hub, lost, doubled }
    }

    fn cpu_per_thousand(&self) -> f64 {
        self.road.used.cpu / (self.road.documents.max(1) as f64 / 1000.0)
    }

    fn cpu_per_thousand_accepts(&self) -> f64 {
        self.door.cpu / (self.accepts.taken_in_all.max(1) as f64 / 1000.0)
    }

    fn written_per_document(&self) -> f64 {
        self.road.used.written / self.road.documents.max(1) as f64
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "accepts_per_s": self.accepts.rate,
            "offered_per_s": self.accepts.offered,
            "p50_accept_ms": self.accepts.percentile(0.5),
            "p99_accept_ms": self.accepts.percentile(0.99),
            "p999_accept_ms": self.accepts.percentile(0.999),
            "refused": self.accepts.refused,
            "cpu_s_per_1000_accepts": self.cpu_per_thousand_accepts(),
            "documents_per_s": self.road.rate,
            "documents": self.road.documents,
            "p99_accept_on_the_road_ms": self.road.accepts.percentile(0.99),
            "end_to_end_ms": {
                "p50": self.road.end_to_end[0], "p99": self.road.end_to_end[1], "p999": self.road.end_to_end[2],
            },
            "lost": self.lost,
            "doubled": self.doubled,
            "cpu_s_per_1000_documents": self.cpu_per_thousand(),
            "bytes_written_per_document": self.written_per_document(),
            "peak_rss_mib": self.hub.peak_rss.max(self.door.peak_rss) / MIB,
            "machine": {
                "fdatasync_per_s": self.machine.fdatasyncs,
                "batched_inserts_per_s": self.machine.batched_inserts,
                "p256_signatures_per_s": self.machine.signatures,
            },
            "ratios": {
                "accepts_to_fdatasync": self.accepts.rate / self.machine.fdatasyncs,
                "accepts_to_batched_inserts": self.accepts.rate / self.machine.batched_inserts,
                "accepts_to_p256_signatures": self.accepts.rate / self.machine.signatures,
                "documents_to_batched_inserts": self.road.rate / self.machine.batched_inserts,
                "documents_to_p256_signatures": self.road.rate / self.machine.signatures,
            },
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, accepts, road, .. } = self;
        writeln!(f, "The machine, alone")?;
        writeln!(f, "  fdatasync of 4 KiB            {:>10.0} /s", machine.fdatasyncs)?;
        writeln!(f, "  rows of 2 KiB, 100 a commit   {:>10.0} /s", machine.batched_inserts)?;
        writeln!(f, "  P-256 signatures, one core    {:>10.0} /s", machine.signatures)?;
        writeln!(f, "At the door: durable, registered, sealed")?;
        writeln!(
            f,
            "  accepts                       {:>10.0} /s   ({:.2} of the batched inserts, {:.2} of the signatures)",
            accepts.rate,
            accepts.rate / machine.batched_inserts,
            accepts.rate / machine.signatures
        )?;
        writeln!(
            f,
            "  p50 / p99 / p99.9             {:>10.1} / {:.1} / {:.1} ms, from the intended moment of sending",
            accepts.percentile(0.5),
            accepts.percentile(0.99),
            accepts.percentile(0.999)
        )?;
        writeln!(f, "  CPU per 1,000 accepts         {:>10.2} s", self.cpu_per_thousand_accepts())?;
        writeln!(f, "The whole road: accept, validate, route, translate, deliver, receipts")?;
        writeln!(
            f,
            "  documents                     {:>10.0} /s   ({:.2} of the batched inserts, {:.2} of the signatures)",
            road.rate,
            road.rate / machine.batched_inserts,
            road.rate / machine.signatures
        )?;
        writeln!(
            f,
            "  end to end p50 / p99 / p99.9  {:>10.1} / {:.1} / {:.1} ms at seven tenths of that rate",
            road.end_to_end[0], road.end_to_end[1], road.end_to_end[2]
        )?;
        writeln!(f, "  CPU per 1,000 documents       {:>10.2} s", self.cpu_per_thousand())?;
        writeln!(f, "  bytes written per document    {:>10.0}", self.written_per_document())?;
        writeln!(f, "  largest resident memory       {:>10.0} MiB", self.hub.peak_rss.max(self.door.peak_rss) / MIB)?;
        writeln!(f, "  lost / doubled                {:>10} / {}", self.lost, self.doubled)
    }
}
