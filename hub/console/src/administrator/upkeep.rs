//! `/console/upkeep`: the nodes of the hub, the room on its disks, and its last copy.

use serde_json::Value;

use crate::list::Tone;
use crate::moment;
use crate::page::{Answer, page};
use crate::visit::Visit;

use super::text;

#[derive(askama::Template)]
#[template(path = "administrator/upkeep.html")]
struct Page<'a> {
    v: &'a Visit,
    nodes: Vec<Node>,
    database: [String; 2],
    places: Vec<Place>,
    backup: Option<Backup>,
}

struct Node {
    id: String,
    state: &'static str,
    tone: Tone,
    version: String,
    started: String,
    seen: String,
}

struct Place {
    name: &'static str,
    room: String,
    scarce: bool,
}

struct Backup {
    made: String,
    size: String,
    seconds: String,
    stale: bool,
}

/// The page.
///
/// # Errors
/// The hub cannot answer.
pub async fn show(visit: Visit) -> Answer {
    let told = visit.get("/v1/upkeep").value().await?;
    let all = |name: &str| told[name].as_array().cloned().unwrap_or_default();
    let backup = told["backup"].is_object().then(|| Backup {
        made: moment::moment(&text(&told["backup"], "made_at")),
        size: size(&told["backup"]["bytes"]),
        seconds: text(&told["backup"], "seconds"),
        stale: told["backup"]["stale"] == true,
    });
    page(&Page {
        v: &visit,
        nodes: all("nodes").iter().map(|one| node(&visit, one)).collect(),
        database: [
            if told["database"]["engine"] == "sqlite" { "SQLite" } else { "PostgreSQL" }.to_owned(),
            size(&told["database"]["bytes"]),
        ],
        places: all("places").iter().map(|one| place(&visit, one)).collect(),
        backup,
    })
}

fn node(visit: &Visit, told: &Value) -> Node {
    let (state, tone) = match told["state"].as_str() {
        Some("running") => (visit.say("lucrează", "running"), Tone::Good),
        Some("stopped") => (visit.say("oprit de un om", "stopped in order"), Tone::Plain),
        _ => (visit.say("a căzut", "fallen"), Tone::Bad),
    };
    Node {
        id: text(told, "node").chars().take(8).collect(),
        state,
        tone,
        version: text(told, "version"),
        started: moment::moment(&text(told, "started_at")),
        seen: moment::moment(&text(told, "seen_at")),
    }
}

fn place(visit: &Visit, told: &Value) -> Place {
    let name = match told["place"].as_str() {
        Some("data") => visit.say("Date și documente", "Data and documents"),
        Some("vault") => visit.say("Arhiva", "Archive"),
        _ => visit.say("Copia arhivei", "Replica of the archive"),
    };
    let room = match (&told["free_bytes"], &told["total_bytes"], told["bucket"].as_str()) {
        (_, _, Some(bucket)) => format!("S3: {bucket}"),
        (free, total, None) if free.is_u64() => {
            format!("{} {} {}", size(free), visit.say("libere din", "free of"), size(total))
        }
        _ => visit.say("nu se poate afla", "cannot be told").to_owned(),
    };
    Place { name, room, scarce: told["scarce"] == true }
}

/// Bytes as people say them: 12,3 GB.
fn size(bytes: &Value) -> String {
    let bytes = bytes.as_u64().unwrap_or_default();
    let units = [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{},{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::size;

    #[test]
    fn bytes_are_said_as_people_say_them() {
        let said = |bytes: u64| size(&json!(bytes));
        assert_eq!([said(0), said(999), said(1_000), said(1_250_000)], ["0 B", "999 B", "1,0 kB", "1,2 MB"]);
        assert_eq!(said(12_345_678_901), "12,3 GB");
    }
}
