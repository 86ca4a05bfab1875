//! `punte replay`: the dead letters, what was found out about them, and sending them again.

use anyhow::bail;
use serde_json::{Value, json};

use super::NO;
use super::client::{Hub, told};

/// Lists the deliveries that wait for a person; with one named, sends it again, or says first what became of it.
#[derive(clap::Args)]
pub(super) struct Replay {
    #[command(flatten)]
    hub: Hub,
    /// The delivery. Without it, the dead letters are listed.
    delivery: Option<String>,
    /// It arrived: the institution has it. With its own number there, where it gave one.
    #[arg(long, value_name = "RECEIPT", num_args = 0..=1, default_missing_value = "", conflicts_with = "not_arrived")]
    arrived: Option<String>,
    /// It did not arrive: the institution says that it does not have it.
    #[arg(long)]
    not_arrived: bool,
    /// The approval of another person, where sending again may make a second document.
    #[arg(long, value_name = "ID")]
    approval: Option<String>,
    /// How this was found out, for the journal.
    #[arg(long, default_value = "")]
    note: String,
}

impl Replay {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let Some(delivery) = &self.delivery else {
            print!("{}", listed(&self.hub.get("/v1/dead-letters").await?));
            return Ok(0);
        };
        if self.arrived.is_some() || self.not_arrived {
            let receipt = self.arrived.as_deref().filter(|receipt| !receipt.is_empty());
            let body = json!({"arrived": self.arrived.is_some(), "receipt": receipt, "note": self.note});
            let answer = self.hub.post(&format!("/v1/dead-letters/{delivery}/settle"), &body).await?;
            if !answer.status.is_success() {
                bail!("{}", told(&answer.body));
            }
            println!("declarat; urmează: {}", answer.body["next_act_ro"].as_str().unwrap_or("-"));
            return Ok(0);
        }
        let path = format!("/v1/dead-letters/{delivery}/replay");
        let answer = self.hub.post_under(&path, &Value::Null, self.approval.as_deref()).await?;
        match answer.status.as_u16() {
            202 => println!("aceeași livrare pornește din nou"),
            200 | 201 => {
                let message = answer.body["message_id"].as_str().unwrap_or("-");
                println!("trimis din nou ca mesajul {message}; punte explain {message}");
            }
            _ => {
                eprintln!("{}", told(&answer.body));
                return Ok(NO);
            }
        }
        Ok(0)
    }
}

fn listed(answer: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let letters = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if letters.is_empty() {
        return "Nicio livrare nu așteaptă un om.\n".to_owned();
    }
    let mut told = String::new();
    for letter in letters {
        told += &format!(
            "{}  {}\n  de la {} către {} prin {}: {}\n  motiv: {}\n  răspunde: {}; urmează: {}\n",
            text(&letter["delivery_id"]),
            text(&letter["subject"]),
            text(&letter["sender"]),
            text(&letter["recipient"]),
            text(&letter["system"]),
            text(&letter["kind_ro"]),
            text(&letter["reason"]),
            text(&letter["owner"]),
            text(&letter["next_act_ro"]),
        );
    }
    told
}
