//! `/console/twins`: systems that are played on this machine, and how to start them.

use serde_json::Value;

use crate::page::{Answer, page};
use crate::visit::Visit;

/// A played system.
struct Twin {
    system: String,
    title: String,
    /// What it received, as it tells itself.
    requests: String,
    /// The faults that are planned for it.
    faults: String,
}

#[derive(askama::Template)]
#[template(path = "integrator/twins.html")]
struct Page<'a> {
    v: &'a Visit,
    twins: Vec<Twin>,
    told: bool,
}

/// The played systems: those whose address is on this machine. Addresses are told to those who run the hub.
///
/// # Errors
/// The visitor may not see systems.
pub async fn show(visit: Visit) -> Answer {
    let all = visit.get("/v1/systems").value().await?;
    let title = visit.language.of("title", "title_en");
    let mut twins = Vec::new();
    let mut told = false;
    for system in all["systems"].as_array().into_iter().flatten() {
        for address in system["places"].as_array().into_iter().flatten().filter_map(|place| place["address"].as_str()) {
            told = true;
            let name = system["system"].as_str().unwrap_or_default();
            if let Some(origin) = played(address) {
                twins.push(Twin {
                    system: name.to_owned(),
                    title: system[title].as_str().unwrap_or(name).to_owned(),
                    requests: format!("{origin}/_sandbox/requests"),
                    faults: format!("{origin}/_sandbox/faults"),
                });
            }
        }
    }
    told |= all["systems"] == Value::Array(Vec::new());
    page(&Page { v: &visit, twins, told })
}

/// The origin of an address on this machine.
fn played(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let here = matches!(url.host_str()?, "127.0.0.1" | "localhost" | "[::1]");
    (here && matches!(url.scheme(), "http" | "https")).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_this_machine_is_played() {
        assert_eq!(played("http://127.0.0.1:9001/api?x").as_deref(), Some("http://127.0.0.1:9001"));
        assert_eq!(played("https://esocial.example/api"), None);
        assert_eq!(played("http://127.0.0.1.evil.example/"), None);
        assert_eq!(played("javascript:alert(1)"), None);
    }
}
