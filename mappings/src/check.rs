//! Checking a mapping before it runs: golden examples, source fields nobody reads, the contract of the target.

use std::fmt;

use minijinja::value::Serde;
use schemas::Violation;
use serde_json::Value;

use crate::{
    error::MappingError,
    mapping::{Golden, Mapping},
    observed::{Reads, observed},
};

/// What a check of a mapping found.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckReport {
    /// One result per golden example.
    pub golden: Vec<GoldenResult>,
    /// Fields of the source type no golden example makes the template read and no declaration gives up.
    pub unused: Vec<String>,
    /// Declared losses that are not fields of the source type, or that the template reads after all.
    pub wrong_losses: Vec<String>,
    /// Violations of the source type by golden bodies, with the name of the example.
    pub input_violations: Vec<(String, Violation)>,
    /// Violations of the target contract, with the name of the example.
    pub output_violations: Vec<(String, Violation)>,
}

/// The result of one golden example.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenResult {
    /// Name of the example.
    pub name: String,
    /// What came out.
    pub outcome: GoldenOutcome,
}

/// What came out of a golden example.
#[derive(Debug, Clone, PartialEq)]
pub enum GoldenOutcome {
    /// What was expected.
    Same,
    /// Something else.
    Different {
        /// What came out.
        actual: Value,
    },
    /// Nothing.
    Failed(MappingError),
}

impl CheckReport {
    /// Whether the mapping may be used: at least two examples, and nothing found.
    pub fn is_clean(&self) -> bool {
        self.golden.len() >= 2
            && self.golden.iter().all(|result| result.outcome == GoldenOutcome::Same)
            && self.unused.is_empty()
            && self.wrong_losses.is_empty()
            && self.input_violations.is_empty()
            && self.output_violations.is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.golden.len() < 2 {
            writeln!(formatter, "a mapping needs at least two golden examples")?;
        }
        for GoldenResult { name, outcome } in &self.golden {
            match outcome {
                GoldenOutcome::Same => {}
                GoldenOutcome::Different { actual } => writeln!(formatter, "{name}: the output differs:\n{actual:#}")?,
                GoldenOutcome::Failed(error) => writeln!(formatter, "{name}: {error}")?,
            }
        }
        for field in &self.unused {
            writeln!(formatter, "{field} is not used; use it or declare it lossy with a reason")?;
        }
        for field in &self.wrong_losses {
            writeln!(formatter, "{field} is declared lossy but is used or does not exist")?;
        }
        for (name, violation) in self.input_violations.iter().chain(&self.output_violations) {
            writeln!(formatter, "{name}: {} {}", violation.rule, violation.en)?;
        }
        Ok(())
    }
}

impl Mapping {
    /// Runs the golden examples and compares what the template reads with what the source type has.
    ///
    /// Slower than [`Mapping::apply`] by design: it watches every read. Envelope fields are not reported as unused, since
    /// the hub keeps the envelope whatever the target takes of it.
    pub fn check(&self) -> CheckReport {
        let reads = Reads::default();
        let mut report = CheckReport {
            golden: Vec::new(),
            unused: Vec::new(),
            wrong_losses: Vec::new(),
            input_violations: Vec::new(),
            output_violations: Vec::new(),
        };
        for golden in &self.golden {
            let outcome = self.run(golden, &reads, &mut report).unwrap_or_else(GoldenOutcome::Failed);
            report.golden.push(GoldenResult { name: golden.name.clone(), outcome });
        }
        let fields = self.source.as_ref().map(|source| source.leaf_fields()).unwrap_or_default();
        let (mut read, mut unread) = (Vec::new(), Vec::new());
        for field in fields {
            if reads.contain(&field) { read.push(field) } else { unread.push(field) }
        }
        for loss in self.lossy() {
            let gives_up_something = unread.iter().any(|field| loss.covers(field));
            if !gives_up_something || read.iter().any(|field| loss.covers(field)) {
                report.wrong_losses.push(loss.field.clone());
            }
        }
        unread.retain(|field| !self.lossy().iter().any(|loss| loss.covers(field)));
        report.unused = unread;
        report
    }

    fn run(&self, golden: &Golden, reads: &Reads, report: &mut CheckReport) -> Result<GoldenOutcome, MappingError> {
        let named = |violation| (golden.name.clone(), violation);
        let date = self.reporting_date(&golden.envelope)?;
        if let Some(source) = &self.source {
            report.input_violations.extend(source.validate(&golden.body, date).into_iter().map(named));
        }
        let envelope = minijinja::Value::from(Serde(&golden.envelope));
        let actual = self.output(envelope, observed(&golden.body, reads), date)?;
        if let Err(MappingError::Contract { violations, .. }) = self.keep_contract(&actual, date) {
            report.output_violations.extend(violations.into_iter().map(named));
        }
        Ok(if actual == golden.output { GoldenOutcome::Same } else { GoldenOutcome::Different { actual } })
    }
}
