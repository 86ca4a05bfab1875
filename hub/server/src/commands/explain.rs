//! `punte explain`

use serde_json::Value;

use super::client::Hub;

/// Tells where a message is: state, numbers, deliveries with their attempts and why each went where it went.
#[derive(clap::Args)]
pub(super) struct Explain {
    #[command(flatten)]
    hub: Hub,
    /// The message id from the receipt.
    message: String,
}

impl Explain {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let message = self.hub.get(&format!("/v1/messages/{}", self.message)).await?;
        let chain = self.hub.get(&format!("/v1/messages/{}/evidence", self.message)).await?;
        print!("{}", explained(&message, &chain));
        Ok(0)
    }
}

/// The message in words.
pub(super) fn explained(message: &Value, chain: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let number = |value: &Value| match value["number"].as_str() {
        Some(number) => format!("nr. {number} din {}", text(&value["date"])),
        None => "fără număr".to_owned(),
    };
    let mut told = format!(
        "Mesajul {}\n  {} — {} {}\n  expeditor {}, {}\n  stare: {}\n",
        text(&message["message_id"]),
        text(&message["subject"]),
        text(&message["document_type"]),
        text(&message["document_version"]),
        text(&message["sender"]),
        number(&message["sender_registration"]),
        text(&message["state"]),
    );
    for delivery in message["deliveries"].as_array().into_iter().flatten() {
        let route = &delivery["route"];
        told += &format!(
            "\nCătre {}: {}\n  înregistrat la destinatar: {}\n",
            text(&delivery["recipient"]),
            text(&delivery["state_ro"]),
            number(&delivery["recipient_registration"]),
        );
        match route["failed"].as_str() {
            Some(reason) => told += &format!("  nerutat: {reason}\n"),
            None => {
                told += &format!(
                    "  la {} prin canalul {}, după regula {} versiunea {} ({}; teritoriu {})\n",
                    text(&route["unit"]),
                    text(&route["channel"]),
                    text(&route["rule"]),
                    route["rule_version"],
                    text(&route["because"]),
                    text(&route["facts"]["territory"]),
                );
            }
        }
        if let Some(sealed) = route["end_to_end"].as_str() {
            told += &format!("  {sealed}\n");
        }
        if let Some(reason) = delivery["reason"].as_str() {
            told += &format!("  motiv: {reason}\n");
        }
        if let Some(receipt) = delivery["receipt"].as_str() {
            told += &format!("  referința destinatarului: {receipt}\n");
        }
        for attempt in delivery["attempt_list"].as_array().into_iter().flatten() {
            told += &format!(
                "  încercarea {} ({}) {}: {} {}\n",
                attempt["number"],
                text(&attempt["act"]),
                text(&attempt["started_at"]),
                text(&attempt["outcome"]),
                attempt["reason"].as_str().unwrap_or_default(),
            );
        }
    }
    told += "\nDovezi\n";
    for evidence in chain["evidence"].as_array().into_iter().flatten() {
        told += &format!(
            "  {}  {:<26} {}\n",
            text(&evidence["event_time"]),
            text(&evidence["event"]),
            text(&evidence["meaning"])
        );
    }
    told
}
