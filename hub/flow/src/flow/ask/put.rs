//! One question: its entry in the journal, and what goes to the register.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors_contract::Question;
use schemas::Violation;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::directory::{LookupChannel, Versioned};
use crate::hub::Hub;
use crate::lookup::{About, Act, Copy, Entry, Subject, Wish, freshness, question};
use crate::message::LookupId;

use super::matter::Matter;

/// A question that may be put.
#[derive(Clone)]
pub(super) struct Put {
    pub entry: Entry,
    pub question: Question,
    /// Keyed digest of what is asked: the same for all who ask the same over the same channel.
    pub digest: [u8; 32],
    pub channel: Versioned<LookupChannel>,
    pub personal: bool,
    pub fresh_for: Option<Duration>,
    pub wish: Wish,
}

impl Put {
    /// A question of a matter, its arguments checked.
    pub(super) fn of(
        hub: &Hub,
        matter: &Matter,
        given: &BTreeMap<String, String>,
        batch: Option<Uuid>,
    ) -> Result<Self, Vec<Violation>> {
        let now = hub.clock.now();
        let id = LookupId(hub.ids.uuid(now));
        let mut entry = Entry {
            id,
            act: Act::Access,
            of_lookup: None,
            at: now,
            party: matter.asking.party.clone(),
            authentication: matter.asking.authentication.clone(),
            reasons: matter.reasons.clone(),
            asked: Some(matter.asked()),
            about: About::default(),
            batch,
        };
        let facts = facts(hub, &entry);
        let arguments = question::arguments(&matter.operation, given, &facts)?;
        let subject = question::subject(&matter.operation, &arguments);
        entry.about = About {
            subject: subject.map(|identifier| Subject::of(&hub.journal_key, identifier)),
            arguments: Some(arguments.clone()),
        };
        let operation = matter.asking.operation.clone();
        Ok(Self {
            digest: digest(hub, (&matter.asking.system, &operation, &matter.channel.entry.id), &arguments),
            question: Question { operation, arguments, facts },
            entry,
            channel: matter.channel.clone(),
            personal: matter.operation.personal,
            fresh_for: matter.operation.fresh_for,
            wish: matter.asking.wish,
        })
    }

    /// A question that was put before; none where what it asked with is erased, or system or channel are gone.
    pub(super) fn resumed(hub: &Hub, entry: &Entry) -> Option<Self> {
        let asked = entry.asked.as_ref()?;
        let arguments = entry.about.arguments.clone()?;
        let (_, operation) = hub.connectors.operation(&asked.system, &asked.operation)?;
        let channel = hub.directory().lookup_channel_by_id(&asked.channel.0)?.clone();
        Some(Self {
            digest: digest(hub, (&asked.system, &asked.operation, &channel.entry.id), &arguments),
            question: Question { operation: asked.operation.clone(), arguments, facts: facts(hub, entry) },
            entry: entry.clone(),
            channel,
            personal: operation.personal,
            fresh_for: operation.fresh_for,
            wish: Wish::default(),
        })
    }

    /// The same with the register's own number of it.
    pub(super) fn with_request(mut self, request: Option<&str>) -> Self {
        if let Some(request) = request {
            self.question.arguments.insert(question::REQUEST.to_owned(), request.to_owned());
        }
        self
    }

    /// Whether a copy is fresh enough for it.
    pub(super) fn takes(&self, copy: &Copy, now: Timestamp) -> bool {
        freshness::serves(copy, self.fresh_for, self.wish, now)
    }

    /// Whom it is about, in the clear.
    pub(super) fn subject(&self) -> Option<&str> {
        self.entry.about.subject.as_ref()?.clear.as_deref()
    }
}

fn digest(
    hub: &Hub,
    (system, operation, channel): (&str, &str, &str),
    arguments: &BTreeMap<String, String>,
) -> [u8; 32] {
    let named = arguments.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    hub.journal_key.question([system, operation, channel].into_iter().chain(named))
}

/// The facts a question carries beside its arguments.
fn facts(hub: &Hub, entry: &Entry) -> BTreeMap<String, String> {
    let party = hub.party_facts(&entry.party);
    let reasons = &entry.reasons;
    let facts = [
        ("caller", Some(entry.party.clone())),
        ("caller_cui", party.cui),
        ("caller_name", party.name),
        ("user", reasons.user.clone()),
        ("purpose", Some(reasons.purpose.clone())),
        ("legal_basis", Some(reasons.legal_basis.clone())),
        ("case_number", reasons.case_number.clone()),
        ("correlation_id", Some(entry.id.to_string())),
        ("today", Some(hub.clock.now().romanian_date().to_string())),
    ];
    let given = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.filter(|(_, value)| !value.is_empty()).collect()
}
