//! What happened to a document, in words: its evidence in order.

use serde_json::Value;

use crate::visit::Visit;

use super::words::{either, text};

/// An event of the timeline.
pub(super) struct Event {
    pub at: String,
    pub words: String,
    pub class: &'static str,
    pub about: String,
    /// PDF, XML and facts of its receipt; none of another service's evidence.
    pub receipt: Option<String>,
    pub document: String,
}

/// The events of a chain of evidence.
pub(super) fn events(visit: &Visit, chain: &Value, deliveries: &[Value]) -> Vec<Event> {
    let chain = chain["evidence"].as_array().into_iter().flatten();
    let event = |one: &Value| {
        let code = text(one, "event");
        let known = EVENTS.iter().find(|(held, _)| *held == code);
        let spoken = known.map_or(code, |(_, words)| words);
        let meaning = either(text(one, "meaning"), spoken);
        let about = deliveries.iter().find(|way| way["id"] == one["delivery_id"] && one["delivery_id"].is_string());
        let bad = ["Rejection", "Failure", "Expiry"].iter().any(|end| code.ends_with(end));
        let good = code.ends_with("Handover") || code == "SubmissionAcceptance";
        let own = one["received"].is_null();
        Event {
            at: text(one, "event_time").to_owned(),
            words: visit.say(meaning, spoken).to_owned(),
            class: if bad {
                "bad"
            } else if good {
                "good"
            } else {
                ""
            },
            about: about.map_or("", |way| either(text(way, "recipient_name"), text(way, "recipient"))).to_owned(),
            receipt: own.then(|| text(one, "href").to_owned()),
            document: text(one, "href").to_owned(),
        }
    };
    chain.map(event).collect()
}

/// What an event says, in English; the API says it in Romanian.
const EVENTS: [(&str, &str); 22] = [
    ("SubmissionAcceptance", "The document was taken for delivery"),
    ("SubmissionRejection", "The document was not taken"),
    ("RelayAcceptance", "The recipient's service took the document"),
    ("RelayRejection", "The recipient's service did not take the document"),
    ("RelayFailure", "The document could not be relayed to the recipient's service"),
    ("NotificationForAcceptance", "The recipient was told that a document waits for its acceptance"),
    ("NotificationForAcceptanceFailure", "The recipient could not be told"),
    ("ConsignmentAcceptance", "The recipient accepted to receive the document"),
    ("ConsignmentRejection", "The recipient refused to receive the document"),
    ("AcceptanceRejectionExpiry", "The recipient did not answer in time"),
    ("NotificationDelivered", "The notification reached the recipient's system"),
    ("ContentConsignment", "The document was made available to the recipient"),
    ("ContentConsignmentFailure", "The document could not be made available to the recipient"),
    ("ConsignmentNotification", "The recipient was told that the document is available"),
    ("ConsignmentNotificationFailure", "The recipient could not be told that the document is available"),
    ("NotificationAccessTracking", "The recipient saw the notification"),
    ("ContentAccessTracking", "The recipient opened the content"),
    ("ContentHandover", "The document was handed over to the recipient"),
    ("ContentHandoverFailure", "The document could not be handed over to the recipient"),
    ("RelayToNonERDS", "The document left registered delivery"),
    ("RelayToNonERDSFailure", "The document could not leave registered delivery"),
    ("ReceivedFromNonERDS", "The document came from outside registered delivery; its origin is not vouched for"),
];
