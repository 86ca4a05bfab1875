//! What the audit is told of a change of the directory: each entry by itself, a file of many as one import.

use serde_json::json;

use crate::audit::{AuditEvent, HUB, Kind as Told, Principal};

use super::Kind;
use super::changing::{Act, Planned};
use super::store::FILE;

/// So many entries at once are an import; what becomes of each is in the history of the directory.
const ONE_BY_ONE: usize = 20;

/// The events of changes that are written together.
pub(super) fn told(planned: &[Planned], act: &Act) -> Vec<AuditEvent> {
    if planned.len() > ONE_BY_ONE {
        return vec![event(act, Told::DirectoryImported).with(json!({"entries": planned.len()}))];
    }
    planned.iter().map(|one| of(one, act)).collect()
}

fn of(one: &Planned, act: &Act) -> AuditEvent {
    let state = one.document.as_ref().map(|document| document["state"].as_str().unwrap_or_default());
    let details = json!({"entry": one.kind.as_str(), "version": one.version});
    let mut event = event(act, kind(one.kind, state)).on(&one.id).with(details);
    let party = one.document.as_ref().and_then(|document| document["party"].as_str());
    // Where somebody else writes what is an institution's own, the institution sees it in its audit too.
    event.on_behalf = party.filter(|party| *party != event.party).map(str::to_owned);
    event
}

fn event(act: &Act, kind: Told) -> AuditEvent {
    let (party, principal) = match (&act.clerk, act.by.as_str()) {
        (_, FILE) => (HUB, Principal::hub("command-line")),
        (Some(clerk), by) => (by, Principal::person(clerk)),
        (None, by) => (by, Principal::system(by)),
    };
    AuditEvent::new(kind, act.at, party, principal).because(Some(act.reason.clone()))
}

/// The kind of event of an entry; `state` is that of an agreement, none where the entry is withdrawn.
fn kind(kind: Kind, state: Option<&str>) -> Told {
    let by = |changed, withdrawn| if state.is_some() { changed } else { withdrawn };
    match kind {
        Kind::Party => by(Told::InstitutionChanged, Told::InstitutionWithdrawn),
        Kind::System => by(Told::SystemChanged, Told::SystemWithdrawn),
        Kind::Channel | Kind::LookupChannel | Kind::Source => by(Told::ChannelChanged, Told::ChannelWithdrawn),
        Kind::Competence => by(Told::CompetenceChanged, Told::CompetenceWithdrawn),
        Kind::LookupAgreement => by(Told::LookupAgreementChanged, Told::LookupAgreementWithdrawn),
        Kind::Register => by(Told::RegisterDefined, Told::RegisterWithdrawn),
        Kind::Unit | Kind::Post | Kind::Staff | Kind::Delegation => {
            by(Told::StructureChanged, Told::StructureWithdrawn)
        }
        Kind::Agreement => match state {
            Some("draft") => Told::AgreementProposed,
            Some("ended") | None => Told::AgreementEnded,
            Some(_) => Told::AgreementApproved,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::clock::Timestamp;

    fn told_of(kind: Kind, document: Option<Value>, clerk: Option<&str>) -> AuditEvent {
        let act = Act {
            by: "uat-1".to_owned(),
            clerk: clerk.map(str::to_owned),
            reason: "motiv".to_owned(),
            at: Timestamp(7),
        };
        told(&[Planned { kind, id: "x".to_owned(), version: 2, document }], &act).remove(0)
    }

    #[test]
    fn the_steps_of_an_agreement_have_words_of_their_own() {
        for (document, kind) in [
            (Some(json!({"state": "draft"})), Told::AgreementProposed),
            (Some(json!({"state": "signed"})), Told::AgreementApproved),
            (Some(json!({"state": "ended"})), Told::AgreementEnded),
            (None, Told::AgreementEnded),
        ] {
            assert_eq!(told_of(Kind::Agreement, document, Some("eva")).kind, kind);
        }
    }

    #[test]
    fn an_institution_sees_what_another_wrote_of_it() {
        let event = told_of(Kind::System, Some(json!({"party": "uat-2"})), Some("eva"));
        assert_eq!((event.party.as_str(), event.on_behalf.as_deref()), ("uat-1", Some("uat-2")));
        assert_eq!(event.principal, Principal::person("eva"));
        assert_eq!(told_of(Kind::Unit, None, None).kind, Told::StructureWithdrawn);
    }
}
