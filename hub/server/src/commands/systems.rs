//! `punte systems`: whether the systems answer, what is left of their quotas, what waits; and `--resume`.

use anyhow::bail;
use serde_json::Value;

use super::client::{Hub, told};

/// Lists the systems of a hub, or says that one works again.
#[derive(clap::Args)]
pub(super) struct Systems {
    #[command(flatten)]
    hub: Hub,
    /// Use this system again at once, and let what waits for it go.
    #[arg(long, value_name = "SYSTEM")]
    resume: Option<String>,
    /// Print the hub's answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Systems {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        if let Some(system) = &self.resume {
            let answer = self.hub.post(&format!("/v1/systems/{system}/resume"), &Value::Null).await?;
            if !answer.status.is_success() {
                bail!("{}", told(&answer.body));
            }
            let state = if answer.body["was_open"] == true { "era lăsat în pace" } else { "răspundea" };
            println!("{system} {state}; {} livrări pornesc acum", answer.body["deliveries_called"]);
            return Ok(0);
        }
        let answer = self.hub.get("/v1/systems").await?;
        if self.json {
            println!("{answer:#}");
        } else {
            print!("{}", listed(&answer));
        }
        Ok(0)
    }
}

/// The systems in words.
fn listed(answer: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut told = String::new();
    for system in answer["systems"].as_array().into_iter().flatten() {
        told += &format!("{} — {}\n", text(&system["system"]), text(&system["title"]));
        for place in system["places"].as_array().into_iter().flatten() {
            let address = place["address"].as_str().filter(|address| !address.is_empty());
            let address = address.map_or(String::new(), |address| format!("{address}: "));
            told += &format!("  {address}{}", text(&place["state_ro"]));
            if place["state"] != "closed" {
                told += &format!(
                    " din {}, {} cereri fără răspuns, încercat din nou la {}",
                    text(&place["since"]),
                    place["failures"],
                    text(&place["next_trial_at"]),
                );
            }
            told.push('\n');
            if let Some(reason) = place["reason"].as_str() {
                told += &format!("    motiv: {reason}\n");
            }
            for quota in place["quotas"].as_array().into_iter().flatten() {
                let what = match quota["scope"].as_str() {
                    Some("message") => "de mesaj".to_owned(),
                    Some("subject") => "de persoană sau instituție".to_owned(),
                    _ => format!("în total, rămase {}", quota["left"]),
                };
                let operation = quota["operation"].as_str().map_or(String::new(), |name| format!("{name}, "));
                told += &format!("    cotă: {operation}{} {what}\n", text(&quota["rate"]));
            }
        }
        for source in system["sources"].as_array().into_iter().flatten() {
            told += &format!(
                "  sursa {}: citită la {}, {} verdicte neauzite\n",
                text(&source["source"]),
                text(&source["last_poll_at"]),
                source["waiting_acknowledgements"],
            );
            for (name, what) in [("last_error", "ultima greșeală"), ("acknowledgement_error", "la confirmare")] {
                if let Some(error) = source[name].as_str() {
                    told += &format!("    {what}: {error}\n");
                }
            }
        }
        match system["dead_letters"].as_i64() {
            None | Some(0) => {}
            Some(1) => told += "  o livrare așteaptă un om: punte replay\n",
            Some(count) => told += &format!("  {count} livrări așteaptă un om: punte replay\n"),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_system_that_does_not_answer_is_told_with_its_reason_and_what_waits() {
        let answer = json!({"systems": [{
            "system": "esocial", "title": "eSocial", "dead_letters": 2,
            "places": [{
                "state": "open", "state_ro": "nu răspunde; livrările așteaptă", "since": "2026-11-20T08:00:00.000Z",
                "failures": 5, "next_trial_at": "2026-11-20T08:05:00.000Z", "reason": "conexiune refuzată",
                "address": "https://esocial.invalid",
                "quotas": [{"operation": null, "scope": "calls", "rate": "600/min", "left": 12}],
            }],
            "sources": [{"source": "dosar", "last_poll_at": null, "waiting_acknowledgements": 1, "last_error": "închis"}],
        }]});
        let told = listed(&answer);
        for words in [
            "https://esocial.invalid: nu răspunde",
            "5 cereri fără răspuns",
            "motiv: conexiune refuzată",
            "600/min în total, rămase 12",
            "sursa dosar: citită la -, 1 verdicte neauzite",
            "ultima greșeală: închis",
            "2 livrări așteaptă un om",
        ] {
            assert!(told.contains(words), "{words} is not in\n{told}");
        }
    }
}
