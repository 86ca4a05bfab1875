//! `/console/messages/{message}`: a message as it came in, as it was understood, as it was sent on, and the answers.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::list::{Asked, Tone};
use crate::moment;
use crate::page::{Answer, page};
use crate::visit::Visit;

use super::copied;
use super::diff::{self, Kind, Line};
use super::messages;

/// View, Romanian, English.
const VIEWS: [(&str, &str, &str); 6] = [
    ("received", "Primit", "Received"),
    ("canonical", "Canonic", "Canonical"),
    ("sent", "Trimis", "Sent"),
    ("answered", "Răspuns", "Answered"),
    ("diff", "Diferențe", "Differences"),
    ("test", "Copiază ca test", "Copy as test"),
];

/// Outcome of an attempt, Romanian, English, and how it stands.
const OUTCOMES: [(&str, &str, &str, Tone); 6] = [
    ("delivered", "predat", "delivered", Tone::Good),
    ("refused", "refuzat", "refused", Tone::Bad),
    ("unavailable", "sistemul nu a răspuns", "the system was not available", Tone::Warn),
    ("unknown", "răspunsul s-a pierdut", "the answer was lost", Tone::Warn),
    ("absent", "sistemul nu are documentul", "the system does not have it", Tone::Warn),
    ("", "în curs", "under way", Tone::Plain),
];

/// What an attempt did, Romanian, English.
const ACTS: [(&str, &str, &str); 3] = [
    ("deliver", "trimitere", "sending"),
    ("inquire", "întrebare despre o trimitere dinainte", "inquiry about an earlier sending"),
    ("notify", "înștiințare", "notice"),
];

#[derive(askama::Template)]
#[template(path = "integrator/message.html")]
struct Page<'a> {
    v: &'a Visit,
    told: &'a Value,
    view: &'a str,
    at: usize,
    pair: (&'a str, &'a str),
}

impl Page<'_> {
    fn id(&self) -> &str {
        self.text(&self.told["message_id"])
    }

    fn text<'b>(&self, value: &'b Value) -> &'b str {
        value.as_str().unwrap_or_default()
    }

    fn views(&self) -> Vec<(String, &str, bool)> {
        let href = |view: &str| format!("/console/messages/{}?view={view}&delivery={}", self.id(), self.at);
        VIEWS.iter().map(|(view, ro, en)| (href(view), self.v.say(ro, en), *view == self.view)).collect()
    }

    /// The views that can be compared.
    fn sides(&self) -> Vec<(&'static str, &str)> {
        VIEWS[..4].iter().map(|(view, ro, en)| (*view, self.v.say(ro, en))).collect()
    }

    fn deliveries(&self) -> &[Value] {
        self.told["deliveries"].as_array().map_or(&[], Vec::as_slice)
    }

    fn delivery(&self) -> &Value {
        self.deliveries().get(self.at).unwrap_or(&Value::Null)
    }

    fn recipient<'b>(&self, delivery: &'b Value) -> &'b str {
        delivery["recipient_name"].as_str().or(delivery["recipient"].as_str()).unwrap_or_default()
    }

    fn state(&self, delivery: &Value) -> (String, &'static str) {
        let (text, tone) = messages::words(self.v, self.text(&delivery["state"]));
        (text, tone.class())
    }

    fn to(&self, at: &usize) -> String {
        format!("/console/messages/{}?view={}&delivery={at}", self.id(), self.view)
    }

    fn parts(&self) -> &[Value] {
        self.told["received"]["parts"].as_array().map_or(&[], Vec::as_slice)
    }

    fn verdicts(&self) -> &[Value] {
        self.told["canonical"]["verdicts"].as_array().map_or(&[], Vec::as_slice)
    }

    fn attempts<'b>(&self, delivery: &'b Value) -> &'b [Value] {
        delivery["attempts"].as_array().map_or(&[], Vec::as_slice)
    }

    fn outcome(&self, attempt: &Value) -> (&str, &'static str) {
        let held = self.text(&attempt["outcome"]);
        let known = OUTCOMES.iter().find(|(outcome, ..)| *outcome == held);
        known.map_or(("?", "plain"), |(_, ro, en, tone)| (self.v.say(ro, en), tone.class()))
    }

    fn act(&self, attempt: &Value) -> &str {
        let held = self.text(&attempt["act"]);
        ACTS.iter().find(|(act, ..)| *act == held).map_or("?", |(_, ro, en)| self.v.say(ro, en))
    }

    fn moment(&self, value: &Value) -> String {
        moment::moment(self.text(value))
    }

    fn number(&self, value: &Value) -> String {
        let number = self.text(&value["number"]);
        if number.is_empty() { String::new() } else { format!("{number} / {}", moment::day(self.text(&value["date"]))) }
    }

    /// Why the document goes where it goes, as `punte explain` tells it.
    fn routed(&self, delivery: &Value) -> String {
        let route = &delivery["route"];
        if let Some(reason) = route["failed"].as_str() {
            return format!("{} {reason}", self.v.say("Nerutat:", "Not routed:"));
        }
        let text = |name: &str| self.text(&route[name]).to_owned();
        let (unit, channel, rule, because) = (text("unit"), text("channel"), text("rule"), text("because"));
        let (version, territory) = (&route["rule_version"], self.text(&route["facts"]["territory"]));
        let sealed = route["end_to_end"].as_str().map(|words| format!(" {words}.")).unwrap_or_default();
        let (ro, en) = (
            format!(
                "Merge la {unit} prin canalul {channel}, după regula {rule} versiunea {version} ({because}; teritoriul {territory}).{sealed}"
            ),
            format!(
                "It goes to {unit} over the channel {channel}, by the rule {rule} version {version} ({because}; territory {territory}).{sealed}"
            ),
        );
        self.v.say(&ro, &en).to_owned()
    }

    /// How the sent form came about, in words.
    fn form(&self, delivery: &Value) -> String {
        let sent = &delivery["sent"];
        let mapping = format!("{} {}", self.text(&sent["mapping"]), self.text(&sent["mapping_version"]));
        let (ro, en) = match self.text(&delivery["form"]) {
            "mapped" => (
                format!("Documentul a fost transformat prin {mapping}; hubul a păstrat ce a trimis."),
                format!("The document was translated by {mapping}; the hub kept what it sent."),
            ),
            "erased" => (
                format!(
                    "Documentul a fost transformat prin {mapping}; ce s-a trimis a fost șters la termen, rămân rezumatele."
                ),
                format!(
                    "The document was translated by {mapping}; what was sent was erased when its term ended, the hashes remain."
                ),
            ),
            "as-received" => (
                "Sistemul primește documentul așa cum a venit, fără transformare.".to_owned(),
                "The system takes the document as it came, without translation.".to_owned(),
            ),
            _ => (
                "Nu se trimite nimic: documentul așteaptă în căsuță și destinatarul vine după el.".to_owned(),
                "Nothing is sent: the document waits in the inbox and the recipient comes for it.".to_owned(),
            ),
        };
        self.v.say(&ro, &en).to_owned()
    }

    /// Whether what an attempt sent is the kept form itself.
    fn same_hash(&self, delivery: &Value, attempt: &Value) -> String {
        let Some(sent) = attempt["sent_sha256"].as_str() else { return String::new() };
        let kept = delivery["sent"]["target_sha256"].as_str();
        let (ro, en) = if kept == Some(sent) {
            ("același cu forma păstrată", "the same as the form that was kept")
        } else {
            (
                "al cererii întregi, cum a pus-o conectorul pe fir",
                "of the whole request, as the connector put it on the wire",
            )
        };
        self.v.say(ro, en).to_owned()
    }

    /// The text of a view; empty where it is not shown.
    fn of(&self, view: &str) -> String {
        let pretty = |value: &Value| if value.is_null() { String::new() } else { format!("{value:#}") };
        let delivery = self.delivery();
        match view {
            "received" => self.text(&self.told["received"]["body"]).to_owned(),
            "canonical" => pretty(&self.told["canonical"]["body"]),
            "sent" => match delivery["sent"]["body"].as_str() {
                Some(body) => {
                    serde_json::from_str::<Value>(body).map_or_else(|_| body.to_owned(), |body| pretty(&body))
                }
                None if delivery["form"] == "as-received" => self.of("received"),
                None => String::new(),
            },
            _ if delivery.is_null() => String::new(),
            _ => {
                let last = self.attempts(delivery).last().cloned().unwrap_or_default();
                pretty(
                    &json!({"answer": delivery["answered"], "last_attempt": {"outcome": last["outcome"], "status": last["status"], "reason": last["reason"]}}),
                )
            }
        }
    }

    fn compared(&self) -> Option<Vec<Line>> {
        diff::lines(&self.of(self.pair.0), &self.of(self.pair.1))
    }

    fn fixture(&self) -> String {
        copied::fixture(self.told)
    }

    fn command(&self) -> String {
        copied::command(self.told)
    }
}

/// A message.
///
/// # Errors
/// There is none for the visitor's institution, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked, Path(message): Path<String>) -> Answer {
    let told = visit.get(format!("/v1/messages/{}/exchanges", piece(&message))).value().await?;
    let known = |name: &str, otherwise: &'static str| {
        VIEWS.iter().find(|(view, ..)| *view == asked.get(name)).map_or(otherwise, |(view, ..)| *view)
    };
    let pair = (known("a", "canonical"), known("b", "sent"));
    let at = asked.get("delivery").parse().unwrap_or(0);
    page(&Page { v: &visit, told: &told, view: known("view", "received"), at, pair })
}
