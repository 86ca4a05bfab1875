//! Who asks for which lists.

use std::collections::BTreeMap;

use reqwest::Method;
use tests::clerks::COUNCIL;
use tests::county::HUB_TOWN;
use tests::people::{Browser, signed_in};
use tests::{Client, TestHub};

use crate::fill::{MIDDLE_ID, UNITS};

/// Somebody who asks: a system of an institution, maybe for a clerk of a unit, or a person with a browser.
pub enum Person {
    /// A system of an institution with its connection, and the unit of its clerk.
    System(&'static str, Client, Option<&'static str>),
    /// A person.
    Browser(Browser),
}

impl Person {
    /// Goes on at a hub that came up again, with the session it had.
    pub fn at(&mut self, hub: &TestHub) {
        match self {
            Self::System(party, client, _) => *client = hub.client(party),
            Self::Browser(browser) => *browser = std::mem::replace(browser, Browser::of(hub)).at(hub),
        }
    }

    /// Asks for a list and reads it whole; answers the status.
    pub async fn open(&mut self, path: &str) -> u16 {
        match self {
            Self::System(_, client, unit) => {
                let mut request = client.request(Method::GET, path);
                request = request.header("punte-purpose", "control").header("punte-legal-basis", "OSGG 600/2018");
                if let Some(unit) = unit {
                    request = request.header("punte-clerk", "d-7").header("punte-unit", *unit);
                }
                let answer = request.send().await.expect("the hub answers");
                let status = answer.status().as_u16();
                answer.bytes().await.expect("the body arrives");
                status
            }
            Self::Browser(browser) => browser.open(path).await.status,
        }
    }
}

/// Everybody who asks.
pub async fn people(hub: &TestHub) -> BTreeMap<&'static str, Person> {
    let system = |party, unit| Person::System(party, hub.client(party), unit);
    let mut people = BTreeMap::from([
        ("system", system(HUB_TOWN, None)),
        ("unit", system(HUB_TOWN, Some(UNITS[0]))),
        ("small", system(COUNCIL, None)),
    ]);
    for role in ["clerk", "compliance-officer", "integrator", "administrator", "archivist"] {
        let browser = signed_in(hub, HUB_TOWN, &format!("{role}@oras.example"), &[role]).await;
        people.insert(role, Person::Browser(browser));
    }
    people
}

/// What one asks for: the address of a first page, and what leads to a page in the middle.
pub fn lists(who: &str, documents: usize) -> Vec<(&'static str, String)> {
    let middle = documents / 2;
    let id = |name: &str| format!("{name}={MIDDLE_ID}");
    let none = String::new;
    let everywhere = || {
        vec![
            ("/v1/messages?limit=50", id("before")),
            ("/v1/messages?q=niciodată", none()),
            ("/v1/messages?state=failed", none()),
            ("/v1/inbox?limit=50", id("before")),
            ("/v1/inbox?state=consigned", none()),
            ("/v1/inbox?q=drum", id("before")),
            ("/v1/work", none()),
            ("/v1/registers", none()),
            ("/v1/registers/petitii/entries?limit=50", format!("from={middle}")),
            ("/v1/registers/petitii/entries?limit=50&words=drum", format!("from={middle}")),
            ("/v1/registers/petitii/entries?limit=50&words=niciodata", none()),
            ("/v1/registers/petitii/entries?limit=50&status=in_progress", none()),
            ("/v1/registers/petitii/entries?limit=50&status=annulled", none()),
            ("/v1/registers/petitii/entries?limit=50&unit=taxe", none()),
            ("/v1/registers/petitii/entries?limit=50&unit=nimeni", none()),
            ("/v1/registers/petitii/entries?limit=50&counterpart=nimeni", none()),
            ("/v1/registers/petitii/entries?limit=50&since=2026-11-01", none()),
            ("/v1/search?q=drum", format!("before={middle}")),
            ("/v1/search?q=drum%20gard%20petitie", none()),
            ("/v1/search?q=niciodata", none()),
            ("/v1/search?q=4711", none()),
            ("/v1/search?q=drum&status=resolved&direction=in", format!("before={middle}")),
            ("/v1/evidence?limit=50", none()),
            ("/v1/evidence/search?limit=50", none()),
            ("/v1/evidence/search?state=failed", none()),
            ("/v1/evidence/search?number=4711", none()),
            ("/v1/exchanges?limit=50", none()),
            ("/v1/exchanges?q=4711", none()),
            ("/v1/batches", none()),
            ("/v1/deadlines?limit=100", none()),
            ("/v1/deadlines?overdue=true&limit=100", none()),
            ("/v1/orphans", none()),
            ("/v1/journal?limit=50", id("before")),
            ("/v1/journal?user=nimeni", none()),
            ("/v1/dead-letters", none()),
            ("/v1/reports/deadlines?from=2026-09-01&to=2026-09-30", none()),
            ("/v1/reports/undelivered?from=2026-09-01&to=2026-09-30", none()),
            ("/v1/reports/reconciliation?institution=uat-113625&day=2026-09-15", none()),
        ]
    };
    match who {
        "system" | "small" => everywhere(),
        "unit" => vec![
            ("/v1/work", none()),
            ("/v1/deadlines?of=unit&limit=100", none()),
            ("/v1/deadlines?of=me&limit=100", none()),
            ("/v1/deadlines/notices?of=unit", none()),
            ("/v1/search?q=drum", format!("before={middle}")),
            ("/v1/registers/petitii/entries?limit=50", format!("from={middle}")),
        ],
        "clerk" => vec![
            ("/console/work", none()),
            ("/console/inbox", id("after")),
            ("/console/sent", id("after")),
            ("/console/registers", none()),
            ("/console/registers/petitii", format!("after={middle}")),
            ("/console/deadlines", none()),
            ("/console/deadlines?view=overdue", none()),
            ("/console/deadlines?view=all", none()),
            ("/console/deadlines?view=orphans", none()),
            ("/console/batches", none()),
            ("/console/search?q=drum", none()),
        ],
        "compliance-officer" => vec![
            ("/console/receipts", none()),
            ("/console/receipts?number=4711", none()),
            ("/console/reports/deadlines", none()),
            ("/console/reports/undelivered", none()),
            ("/console/reports/reconciliation", none()),
            ("/console/proofs", none()),
            ("/console/journal", id("after")),
            ("/console/audit", none()),
        ],
        "integrator" => {
            vec![("/console/messages", none()), ("/console/systems", none()), ("/console/dead-letters", none())]
        }
        "administrator" => vec![("/console/audit", none()), ("/console/accounts", none())],
        "archivist" => vec![("/console/dossiers", none()), ("/console/filings", none()), ("/console/holds", none())],
        _ => Vec::new(),
    }
}
