//! One event as one message. Pure.

use hub_flow::audit::{Outcome, Recorded};
use hub_flow::telling::ToldAccess;
use serde_json::json;
use uuid::Uuid;

use crate::config::SiemFormat;

/// Facility "log audit" (RFC 5424, section 6.2.1).
const FACILITY: u8 = 13;
/// The number for examples and private use of RFC 5612: structured data need one.
const ENTERPRISE: &str = "punte@32473";

/// Writes messages.
pub(super) struct Writer {
    /// The name of this hub in each.
    pub host: String,
    /// What stands inside.
    pub format: SiemFormat,
}

/// What all messages have.
struct Event<'a> {
    severity: (u8, u8),
    at: String,
    id: &'a str,
    signature: u16,
    name: &'a str,
    /// Names of CEF's extension dictionary, and values.
    fields: Vec<(&'static str, String)>,
    number: i64,
    source: String,
}

impl Writer {
    pub(super) fn act(&self, act: &Recorded) -> String {
        let event = &act.event;
        let (syslog, cef) = (event.kind.severity().syslog(), event.kind.severity().cef());
        let failed = event.outcome != Outcome::Done;
        let mut fields = vec![
            ("rt", (event.at.0 / 1000).to_string()),
            ("externalId", act.number.to_string()),
            ("suser", event.principal.id.clone()),
            ("suserPrivileges", event.principal.kind.as_str().to_owned()),
            ("sourceServiceName", event.party.clone()),
            ("outcome", event.outcome.as_str().to_owned()),
            // Outside the hub, the hash holds the chain up to here.
            ("cs3", hex::encode(act.hash)),
        ];
        let more = [
            ("duser", event.on_behalf.clone()),
            ("fname", event.subject.clone()),
            ("reason", event.reason.clone()),
            ("cs1", event.correlation.clone()),
            ("cs2", (!event.details.is_null()).then(|| event.details.to_string())),
        ];
        fields.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.written(&Event {
            severity: (if failed { syslog.min(4) } else { syslog }, cef),
            at: event.at.to_utc(),
            id: event.kind.as_str(),
            signature: event.kind.signature(),
            name: event.kind.in_english(),
            fields,
            number: act.number,
            source: "audit".to_owned(),
        })
    }

    pub(super) fn access(&self, chain: Uuid, access: &ToldAccess) -> String {
        let refused = access.result == "refused";
        let mut fields = vec![
            ("rt", (access.at.0 / 1000).to_string()),
            ("externalId", access.number.to_string()),
            ("suser", access.principal.clone()),
            ("sourceServiceName", access.party.clone()),
            ("act", access.kind.clone()),
            ("fname", access.operation.clone()),
            ("outcome", access.result.clone()),
        ];
        fields.extend(access.correlation.clone().map(|mark| ("cs1", mark)));
        self.written(&Event {
            severity: if refused { (4, 6) } else { (6, 2) },
            at: access.at.to_utc(),
            id: &access.kind,
            signature: 1000,
            name: "Access to personal data",
            fields,
            number: access.number,
            source: format!("access:{}", chain.simple()),
        })
    }

    fn written(&self, event: &Event<'_>) -> String {
        let priority = FACILITY * 8 + event.severity.0;
        let data = format!(
            "[{ENTERPRISE} source=\"{}\" number=\"{}\" kind=\"{}\"]",
            structured(&event.source),
            event.number,
            structured(event.id),
        );
        let body = match self.format {
            SiemFormat::Cef => cef(event),
            SiemFormat::Json => {
                let fields: serde_json::Map<_, _> =
                    event.fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
                json!({"kind": event.id, "name": event.name, "severity": event.severity.1, "fields": fields})
                    .to_string()
            }
        };
        // With the mark of UTF-8 (RFC 5424, section 6.4).
        format!(
            "<{priority}>1 {} {} punte - {} {data} \u{feff}{body}",
            event.at,
            token(&self.host, 255),
            token(event.id, 32)
        )
    }
}

fn cef(event: &Event<'_>) -> String {
    let header = |text: &str| one_line(text).replace('\\', "\\\\").replace('|', "\\|");
    let value = |text: &str| one_line(text).replace('\\', "\\\\").replace('=', "\\=");
    let mut fields: Vec<String> = event.fields.iter().map(|(name, text)| format!("{name}={}", value(text))).collect();
    for (name, label) in [("cs1", "correlation"), ("cs2", "details"), ("cs3", "hash")] {
        if event.fields.iter().any(|(one, _)| *one == name) {
            fields.push(format!("{name}Label={label}"));
        }
    }
    format!(
        "CEF:0|Punte|punte|{}|{}|{}|{}|{}",
        env!("CARGO_PKG_VERSION"),
        event.signature,
        header(event.name),
        event.severity.1,
        fields.join(" "),
    )
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A value of structured data (RFC 5424, section 6.3.3).
fn structured(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]")
}

/// A header field: printable ASCII without blanks, or `-`.
fn token(text: &str, longest: usize) -> String {
    let kept: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if kept.is_empty() { "-".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use hub_flow::audit::{AuditEvent, Kind, Principal};
    use hub_flow::clock::Timestamp;

    use super::*;

    fn act(reason: &str) -> Recorded {
        let event = AuditEvent::new(
            Kind::SystemResumed,
            Timestamp(1_772_442_904_120_000),
            "operator-hub",
            Principal::person("f-12"),
        );
        Recorded { number: 7, event: event.on("esocial").because(Some(reason.to_owned())), hash: [0; 32] }
    }

    #[test]
    fn an_act_is_one_line_of_rfc_5424_with_cef_inside() {
        let writer = Writer { host: "hub.example.ro".to_owned(), format: SiemFormat::Cef };
        let message = writer.act(&act("verificat"));
        let begins = "<109>1 2026-03-02T09:15:04.120Z hub.example.ro punte - system.resumed \
                      [punte@32473 source=\"audit\" number=\"7\" kind=\"system.resumed\"] \u{feff}CEF:0|Punte|punte|";
        assert!(message.starts_with(begins), "{message}");
        assert!(message.contains("|101|A system that was left alone was resumed|3|rt=1772442904120 "), "{message}");
        assert!(
            message.contains("outcome=done cs3=0000") && message.contains(" fname=esocial reason=verificat"),
            "{message}"
        );
    }

    #[test]
    fn what_somebody_wrote_cannot_add_fields_or_lines() {
        let writer = Writer { host: "hub\n evil".to_owned(), format: SiemFormat::Cef };
        let message = writer.act(&act("x\n<0>1 y suser=root \\ a|b"));
        assert!(!message.contains('\n') && !message.contains(" suser=root"), "{message}");
        assert!(message.contains("suser\\=root \\\\ a|b"), "{message}");
        assert!(message.contains(" hubevil punte "), "{message}");
    }
}
