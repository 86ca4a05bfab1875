//! Messages between services, written by hand in a hub's name: right ones, and wrong ones no hub would write.

use hub_flow::clock::Timestamp;
use hub_flow::evidence::{
    Event, NewEvidence, OWN_SCHEME, PartFacts, PartyFacts, Reason, Reasoned, Seal, Subject, Terms, sealed,
};
use hub_flow::message::{Authentication, DeliveryId, Envelope, EvidenceId, MessageId, Registration};
use hub_flow::relay::{Dispatch, MessageType};
use hub_signatures::xades;
use openssl::sha::sha256;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A letter on its way between services, to be changed and then sealed.
#[derive(Clone)]
pub struct Handmade {
    /// The seal of the service in whose name it is written.
    pub seal: Seal,
    /// The message.
    pub message: Uuid,
    /// Whom the metadata name.
    pub recipient: String,
    /// The envelope in the metadata.
    pub envelope: Value,
    /// The body.
    pub body: Value,
    /// What stands in the metadata between the parts and the consignment mode, or before the sender.
    pub asked: Vec<(&'static str, String)>,
    /// The message the evidence of submission is about.
    pub evidence_of: Uuid,
}

impl Handmade {
    /// A letter that every rule lets pass.
    #[must_use]
    pub fn to(seal: Seal, recipient: &str, message: Uuid) -> Self {
        let letter = crate::documents::letter(&[recipient], "scrisă de mână");
        let mut envelope = letter["envelope"].clone();
        envelope["territory"] = "113625".into();
        envelope["sender_registration"] = json!({"register": "general", "number": "5", "date": "2026-11-20"});
        let body = letter["body"].clone();
        Self { seal, message, recipient: recipient.to_owned(), envelope, body, asked: Vec::new(), evidence_of: message }
    }

    /// The form as it goes over the wire, with the evidence of submission.
    ///
    /// # Panics
    /// It cannot be sealed.
    #[must_use]
    pub fn form(&self, at: Timestamp) -> Form {
        let evidence =
            self.evidence((Event::SubmissionAcceptance, Reason::MessageAccepted), EvidenceId(self.message), at);
        let xml = |text: String| Part::text(text).mime_str("application/xml").expect("a media type");
        let body = Part::bytes(self.bytes()).file_name("scrisoare.json").mime_str("application/json");
        Form::new()
            .part("metadata", xml(self.metadata(MessageType::Dispatch, at)))
            .part("evidence", xml(evidence).file_name("SubmissionAcceptance.xml"))
            .part("part", body.expect("a media type"))
    }

    /// The form of an evidence that is told back.
    ///
    /// # Panics
    /// It cannot be sealed.
    #[must_use]
    pub fn receipt(&self, evidence: String, at: Timestamp) -> Form {
        let xml = |text: String| Part::text(text).mime_str("application/xml").expect("a media type");
        let metadata = xml(self.metadata(MessageType::Receipt, at));
        Form::new().part("metadata", metadata).part("evidence", xml(evidence).file_name("evidence.xml"))
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.body).expect("plain data")
    }

    fn parts(&self) -> Vec<PartFacts> {
        let (name, content_type) = ("scrisoare.json".to_owned(), "application/json".to_owned());
        vec![PartFacts { name, content_type, sha256: sha256(&self.bytes()) }]
    }

    fn metadata(&self, message_type: MessageType, at: Timestamp) -> String {
        let envelope: Envelope = serde_json::from_value(self.envelope.clone()).expect("an envelope");
        let dispatch = Dispatch {
            message_type,
            identifier: &self.message.to_string(),
            relayed_at: at,
            sender: &party(crate::county::SENDER),
            recipient: &party(&self.recipient),
            parts: &self.parts(),
            envelope: (message_type == MessageType::Dispatch).then_some(&envelope),
        };
        let sealed = dispatch.sealed(&*self.seal.signer()).expect("sealed");
        if self.asked.is_empty() {
            return sealed;
        }
        let body = sealed.split("<ds:Signature").next().expect("a body").to_owned();
        let changed = self.asked.iter().fold(body, |body, (before, element)| {
            assert!(body.contains(before), "{before} is not in the metadata");
            body.replacen(before, &format!("{element}{before}"), 1)
        });
        xades::seal(&format!("{changed}</erds:RelayMetadata>"), &*self.seal.signer(), &at.to_utc()).expect("sealed")
    }

    /// An evidence of the message in the name of the service that holds the seal.
    ///
    /// # Panics
    /// It cannot be sealed.
    #[must_use]
    pub fn evidence(&self, (event, reason): (Event, Reason), id: EvidenceId, at: Timestamp) -> String {
        let subject = Subject {
            message: MessageId(self.evidence_of),
            identifier: None,
            sender: party(crate::county::SENDER),
            sender_delegate: None,
            authentication: Some(Authentication {
                method: "urn:punte:authentication:api-key".to_owned(),
                assurance: "substantial".to_owned(),
                delegate: None,
            }),
            authenticated_at: None,
            origin: None,
            recipients: vec![party(&self.recipient)],
            submitted_at: at,
            parts: self.parts(),
            terms: Terms::default(),
        };
        let mut evidence = NewEvidence::new(id, (event, vec![Reasoned::from(reason)]), at, Arc::new(subject));
        evidence.delivery = event.concerns_one_recipient().then_some((DeliveryId(self.message), 1));
        evidence.external_service = Some(party("hub"));
        evidence.sender_registration = Some(Registration {
            register: "general".to_owned(),
            number: "5".to_owned(),
            date: "2026-11-20".to_owned(),
        });
        sealed(&evidence, &self.seal).expect("sealed").document
    }
}

fn party(id: &str) -> PartyFacts {
    PartyFacts { id: id.to_owned(), scheme: Some(OWN_SCHEME.to_owned()), ..PartyFacts::default() }
}
