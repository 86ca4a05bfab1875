//! Why personal data are taken out by the command line: without purpose and legal basis nothing is written.

use anyhow::{Context as _, ensure};
use hub_flow::access_journal::{About, AccessEntry, AccessKind, AccessResult, Reasons};
use hub_flow::audit::{AuditEvent, HUB, Kind, Principal};
use hub_flow::hub::Hub;
use serde_json::json;

/// The reasons, as flags of a command.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct WhyTaken {
    /// What the data are taken out for; it is in the journal of access.
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// The rule it rests on: act and article.
    #[arg(long, value_name = "TEXT")]
    legal_basis: String,
    /// The case or request.
    #[arg(long = "case", value_name = "NUMBER")]
    case_number: Option<String>,
}

impl WhyTaken {
    /// Enters the export into the journal of the institution whose data leave, and into the audit, before the first byte is written.
    ///
    /// # Errors
    /// The reasons say nothing, or the journal cannot be written: then nothing may leave.
    pub(super) async fn journal(&self, hub: &Hub, party: &str, operation: &str, object: String) -> anyhow::Result<()> {
        let says = |text: &str| (3..=300).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
        ensure!(says(&self.purpose), "--purpose spune în 3 până la 300 de semne pentru ce se scot datele");
        ensure!(says(&self.legal_basis), "--legal-basis numește actul și articolul, în 3 până la 300 de semne");
        let now = hub.clock.now();
        let principal = Principal::hub("command-line");
        let entry = AccessEntry {
            id: hub.ids.uuid(now),
            kind: AccessKind::Export,
            at: now,
            party: party.to_owned(),
            on_behalf: None,
            principal,
            user: None,
            operation: operation.to_owned(),
            object: Some(object.clone()),
            message: None,
            reasons: Reasons {
                purpose: self.purpose.trim().to_owned(),
                legal_basis: self.legal_basis.trim().to_owned(),
                case_number: self.case_number.clone(),
            },
            result: AccessResult::Given,
            correlation: None,
        };
        hub.journal(entry, About::default())
            .await
            .context("the journal of access cannot be written; nothing leaves")?;
        let mut event = AuditEvent::new(Kind::PersonalDataExported, now, HUB, Principal::hub("command-line"));
        event.on_behalf = Some(party.to_owned());
        let details = json!({"operation": operation, "legal_basis": self.legal_basis.trim()});
        let event = event.on(object).because(Some(self.purpose.trim().to_owned())).with(details);
        hub.record(vec![event]).await.context("the audit cannot be written; nothing leaves")
    }
}
