//! The course of an agreement: proposed by one, approved by another, in force on its days, ended. Pure.

use jiff::civil::Date;

use super::model::{Agreement, AgreementState, Signature};

/// Where an agreement stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStanding {
    /// Proposed, not approved.
    Draft,
    /// Approved; its first day is to come.
    Signed,
    /// It lets documents through.
    InForce,
    /// Its last day is over.
    Expired,
    /// It was ended before.
    Ended,
}

impl AgreementStanding {
    /// The word people read.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Draft => "propus",
            Self::Signed => "semnat, încă neintrat în vigoare",
            Self::InForce => "în vigoare",
            Self::Expired => "expirat",
            Self::Ended => "încetat",
        }
    }
}

/// Why a step of an agreement is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoStep {
    /// Its state does not allow the step.
    #[error("the agreement does not stand so that this can be done")]
    State(AgreementState),
    /// Who proposed cannot approve.
    #[error("who proposed an agreement cannot approve it")]
    SamePerson,
    /// What the national framework asks of a flow is not written (HG 908/2017, legal level).
    #[error("these fields must be written before the agreement is approved: {0:?}")]
    Incomplete(Vec<&'static str>),
}

impl Agreement {
    /// Where it stands on a day.
    #[must_use]
    pub fn standing(&self, day: Date) -> AgreementStanding {
        match self.state {
            AgreementState::Draft => AgreementStanding::Draft,
            AgreementState::Ended => AgreementStanding::Ended,
            AgreementState::Signed if day < self.valid_from => AgreementStanding::Signed,
            AgreementState::Signed if day > self.valid_to => AgreementStanding::Expired,
            AgreementState::Signed => AgreementStanding::InForce,
        }
    }

    /// The agreement as somebody proposes it, or proposes it otherwise.
    #[must_use]
    pub fn proposed(self, by: Signature) -> Self {
        let by = Signature { act: "proposed".to_owned(), ..by };
        Self { state: AgreementState::Draft, signatures: vec![by], ..self }
    }

    /// The agreement approved by another than who proposed it.
    ///
    /// # Errors
    /// [`NoStep`].
    pub fn approved(mut self, by: Signature) -> Result<Self, NoStep> {
        if self.state != AgreementState::Draft {
            return Err(NoStep::State(self.state));
        }
        if self.signatures.iter().any(|one| one.clerk == by.clerk && one.party == by.party) {
            return Err(NoStep::SamePerson);
        }
        let absent = self.absent();
        if !absent.is_empty() {
            return Err(NoStep::Incomplete(absent));
        }
        self.state = AgreementState::Signed;
        self.signatures.push(Signature { act: "approved".to_owned(), ..by });
        Ok(self)
    }

    /// The agreement ended: from now on it lets nothing through.
    ///
    /// # Errors
    /// It has ended.
    pub fn ended(mut self, by: Signature) -> Result<Self, NoStep> {
        if self.state == AgreementState::Ended {
            return Err(NoStep::State(self.state));
        }
        self.state = AgreementState::Ended;
        self.signatures.push(Signature { act: "ended".to_owned(), ..by });
        Ok(self)
    }

    /// The last day it let anything through: its last day, or that on which it was ended.
    #[must_use]
    pub fn last_day(&self) -> Date {
        let ended = self.signatures.iter().rev().find(|one| one.act == "ended" && self.state == AgreementState::Ended);
        let day = ended.and_then(|one| crate::clock::Timestamp::parse_utc(&one.at));
        day.map_or(self.valid_to, |at| at.romanian_date().min(self.valid_to))
    }

    /// What the national framework asks of a flow and this one does not say.
    #[must_use]
    pub fn absent(&self) -> Vec<&'static str> {
        [
            ("controller", self.controller.is_none()),
            ("data_categories", self.data_categories.is_empty()),
            ("retention", self.retention.is_none()),
            ("sla", self.sla.is_none()),
            ("number", self.number.is_none()),
            ("contact", self.contact.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, absent)| absent.then_some(name))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement() -> Agreement {
        serde_json::from_value(serde_json::json!({
            "id": "a", "senders": {"kind": "uat"}, "recipients": {"kind": "dgaspc"}, "document_types": ["document-generic"],
            "purpose": "p", "legal_basis": "l", "valid_from": "2026-02-01", "valid_to": "2026-02-28", "controller": "c",
            "data_categories": ["d"], "retention": "r", "sla": "s", "number": "1/2026", "contact": "x@exemplu.ro",
        }))
        .expect("an agreement")
    }

    fn by(clerk: &str) -> Signature {
        let text = |text: &str| text.to_owned();
        Signature { act: String::new(), party: text("p"), clerk: text(clerk), at: text("2026-01-01T00:00:00Z") }
    }

    #[test]
    fn an_agreement_needs_two_and_holds_on_its_days() {
        let draft = agreement().proposed(by("f-1"));
        let day = |text: &str| text.parse().expect("a day");
        assert_eq!(draft.standing(day("2026-02-10")), AgreementStanding::Draft);
        assert_eq!(draft.clone().approved(by("f-1")).map(|_| ()), Err(NoStep::SamePerson));
        let signed = draft.approved(by("f-2")).expect("another approves");
        for (on, standing) in [
            ("2026-01-31", AgreementStanding::Signed),
            ("2026-02-01", AgreementStanding::InForce),
            ("2026-02-28", AgreementStanding::InForce),
            ("2026-03-01", AgreementStanding::Expired),
        ] {
            assert_eq!(signed.standing(day(on)), standing, "{on}");
        }
        assert_eq!(signed.clone().approved(by("f-3")).map(|_| ()), Err(NoStep::State(AgreementState::Signed)));
        let ended = signed.ended(by("f-1")).expect("it ends");
        assert_eq!(ended.standing(day("2026-02-10")), AgreementStanding::Ended);
        assert!(ended.ended(by("f-1")).is_err());
    }

    #[test]
    fn what_the_framework_asks_for_must_be_written() {
        let bare = Agreement { retention: None, data_categories: vec![], ..agreement() }.proposed(by("f-1"));
        let refused = bare.approved(by("f-2")).map(|_| ());
        assert_eq!(refused, Err(NoStep::Incomplete(vec!["data_categories", "retention"])));
    }
}
