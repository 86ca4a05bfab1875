//! What the checks found, in words an integrator can act on.

use std::fmt;

/// What the checks of one system found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The system.
    pub system: String,
    /// One per check, in the order they ran.
    pub findings: Vec<Finding>,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked, as a sentence that is true when it passed.
    pub check: String,
    /// Whether it is.
    pub verdict: Verdict,
}

/// The verdict of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is so.
    Passed,
    /// It is not: what happened, and what to change.
    Failed(String),
    /// It could not be tried: why, and what would let it.
    Skipped(String),
}

impl Report {
    pub(crate) fn new(system: &str) -> Self {
        Self { system: system.to_owned(), findings: Vec::new() }
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.findings.iter().any(|finding| matches!(finding.verdict, Verdict::Failed(_)))
    }

    pub(crate) fn tell(&mut self, check: impl Into<String>, found: Result<(), String>) {
        let verdict = found.map_or_else(Verdict::Failed, |()| Verdict::Passed);
        self.findings.push(Finding { check: check.into(), verdict });
    }

    pub(crate) fn fail(&mut self, check: &str, problem: &str) {
        self.tell(check, Err(problem.to_owned()));
    }

    pub(crate) fn skip(&mut self, check: &str, why: impl Into<String>) {
        self.findings.push(Finding { check: check.to_owned(), verdict: Verdict::Skipped(why.into()) });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "Sistemul {}", self.system)?;
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for Finding { check, verdict } in &self.findings {
            match verdict {
                Verdict::Passed => {
                    passed += 1;
                    writeln!(formatter, "  bine      {check}")?;
                }
                Verdict::Failed(problem) => {
                    failed += 1;
                    writeln!(formatter, "  greșit    {check}\n            {problem}")?;
                }
                Verdict::Skipped(why) => {
                    skipped += 1;
                    writeln!(formatter, "  neîncercat {check}: {why}")?;
                }
            }
        }
        writeln!(formatter, "  {passed} bine, {failed} greșit, {skipped} neîncercat")
    }
}
