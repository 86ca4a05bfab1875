//! The messages of the private space: some are there from the start, the answers to requests come later.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::paper::page;
use super::reports::{INCOME, Parameters};
use super::settings::Dates;
use crate::date::bucharest;

/// The most messages and open requests kept.
const MOST: usize = 10_000;
/// The first number of a request, and of a message.
const FIRST: (u64, u64) = (260_149, 100_000_000);
/// The seconds of a day.
const DAY: i64 = 86_400;

/// The messages and the requests that wait for theirs.
pub(super) struct Messages {
    kept: Vec<Message>,
    open: Vec<Request>,
    requests: u64,
}

/// One message.
pub(super) struct Message {
    id: u64,
    details: String,
    code: String,
    created: i64,
    request: Option<u64>,
    kind: &'static str,
    lines: Vec<String>,
}

/// One request that is not answered yet.
struct Request {
    number: u64,
    parameters: Parameters,
    lists: u32,
}

impl Messages {
    /// The messages of the first day, written around that time.
    pub(super) fn new(now: i64) -> Self {
        let seeds: [(&str, &str, &str, i64); 5] = [
            (
                "RECIPISA",
                "8000000000",
                "recipisa pentru CIF 8000000000, tip D112, numar_inregistrare INTERNT-130000000-2026/20-10-2026, perioada raportare 9.2026",
                3,
            ),
            ("DECLARATIE ", "8000000000", "declaratie D300 pentru CIF 8000000000, perioada raportare 9.2026", 4),
            ("NOTIFICARE", "12345674", "notificare inventata pentru CIF 12345674", 10),
            ("DECIZIE", "12345674", "decizie inventata pentru CIF 12345674", 30),
            ("SOMATII", "8000000000", "somatie inventata pentru CIF 8000000000", 55),
        ];
        let message = |(id, (kind, code, details, days)): (u64, (&'static str, &str, &str, i64))| Message {
            id: FIRST.1 + id,
            details: details.to_owned(),
            code: code.to_owned(),
            created: now - days * DAY,
            request: None,
            kind,
            lines: vec![format!("{} - DATE INVENTATE", kind.trim()), details.to_owned()],
        };
        Self { kept: (0..).zip(seeds).map(message).collect(), open: Vec::new(), requests: 0 }
    }

    /// Takes a request; returns its number.
    pub(super) fn request(&mut self, parameters: Parameters) -> Option<u64> {
        if self.kept.len() + self.open.len() >= MOST {
            return None;
        }
        self.requests += 1;
        let number = FIRST.0 + self.requests - 1;
        self.open.push(Request { number, parameters, lists: 0 });
        Some(number)
    }

    /// One more list was asked for: the requests that waited long enough are answered.
    pub(super) fn ripen(&mut self, after_lists: u32, now: i64) {
        let (mut ripe, mut open) = (Vec::new(), Vec::new());
        for mut request in std::mem::take(&mut self.open) {
            request.lists += 1;
            if request.lists > after_lists { ripe.push(request) } else { open.push(request) }
        }
        self.open = open;
        for request in ripe {
            let id = FIRST.1 + self.kept.len() as u64;
            self.kept.push(answer(id, &request, now));
        }
    }

    /// The messages of the last days about codes that may be seen, the newest first.
    pub(super) fn list(&self, days: i64, visible: impl Fn(&str) -> bool, now: i64) -> Vec<&Message> {
        let recent = |message: &&Message| message.created > now - days * DAY && visible(&message.code);
        let mut listed: Vec<&Message> = self.kept.iter().filter(recent).collect();
        listed.sort_by_key(|message| std::cmp::Reverse((message.created, message.id)));
        listed
    }

    /// The PDF of a message about a code that may be seen.
    pub(super) fn pdf(&self, id: &str, visible: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
        let id: u64 = id.parse().ok()?;
        self.kept.iter().find(|message| message.id == id && visible(&message.code)).map(|message| page(&message.lines))
    }

    /// How many requests wait.
    pub(super) fn waiting(&self) -> usize {
        self.open.len()
    }
}

impl Message {
    /// The message as it is listed.
    pub(super) fn line(&self, dates: Dates) -> Value {
        json!({ "id": self.id.to_string(), "detalii": self.details, "cif": self.code,
            "data_creare": written(self.created, dates),
            "id_solicitare": self.request.map(|number| number.to_string()), "tip": self.kind })
    }
}

fn answer(id: u64, request: &Request, now: i64) -> Message {
    let value = |name: &str| request.parameters.get(name).cloned().unwrap_or_default();
    let (asked, code, number) = (value("tip"), value("cui"), request.number);
    let kind = if asked == INCOME { "ADEVERINTA VENIT" } else { "RASPUNS SOLICITARE" };
    let details = format!("raspuns la solicitarea {number}, tip {asked}, pentru CIF {code}");
    let mut lines =
        vec![format!("{kind} - DATE INVENTATE"), format!("Solicitarea {number}"), format!("CIF/CNP: {code}")];
    if asked == INCOME {
        lines.push(format!("Anul: {}", value("an")));
        lines.push(format!("Motivul: {}", value("motiv")));
        lines.push("Venit brut: 48000 lei   Venit net: 28080 lei   Impozit: 3120 lei".to_owned());
    }
    Message { id, details, code, created: now, request: Some(number), kind, lines }
}

fn written(time: i64, dates: Dates) -> String {
    let form = match dates {
        Dates::Dotted => "%d.%m.%Y %H:%M:%S",
        Dates::Compact => "%d%m%Y%H%M%S",
    };
    Timestamp::from_second(time).unwrap_or_default().to_zoned(bucharest()).strftime(form).to_string()
}
