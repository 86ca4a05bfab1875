//! The other systems of the hub, for a register that is put together of several.
//!
//! Each is asked as the same institution could ask it: its own lookup agreement for the same purpose, its own entry in the
//! journal, an earlier answer that is fresh enough, its own breaker and quota. The entries share the batch that is named
//! after the first question. What is asked so asks nobody further.

use std::collections::BTreeMap;

use async_trait::async_trait;
use connectors_contract::{Answer, Systems};

use crate::directory::Permission;
use crate::hub::Hub;
use crate::lookup::freshness;
use crate::lookup::reasons::Said;
use crate::lookup::{Answered, Outcome, Standing};

use super::matter::Matter;
use super::put::Put;
use super::{Asking, alone, enter, standing};

/// Asks in the name of whoever put a question.
pub(super) struct Others<'a> {
    pub hub: &'a Hub,
    pub put: &'a Put,
}

#[async_trait]
impl Systems for Others<'_> {
    async fn ask(&self, system: &str, operation: &str, arguments: BTreeMap<String, String>) -> Result<Answer, String> {
        let Self { hub, put } = *self;
        if put.entry.batch.is_some() {
            return Err("este întrebat el însuși de alt sistem, sau cu multe întrebări deodată".to_owned());
        }
        let missing = |what: &str| format!("{what}; anunțați administratorul hubului dacă trebuie întrebat");
        let matter = Matter::of(hub, self.asking(system, operation));
        let matter = matter.map_err(|_| missing("niciun canal nu duce la el, sau cere mai multe motive"))?;
        if !matches!(matter.permission, Permission::Granted { .. }) {
            return Err(missing("instituția nu are un acord pentru el cu acest scop"));
        }
        let further = Put::of(hub, &matter, &arguments, Some(put.entry.id.0));
        let further = further.map_err(|_| "nu primește întrebarea în forma aceasta".to_owned())?;
        let unwritten = || "întrebarea nu a putut fi scrisă în jurnal".to_owned();
        enter(hub, &matter, std::slice::from_ref(&further)).await.map_err(|_| unwritten())?;
        alone(hub, &further).await.map_err(|_| unwritten())?;
        let told = standing(hub, &further.entry.party, further.entry.id).await.map_err(|_| unwritten())?;
        Ok(answer(hub, told.standing))
    }
}

impl Others<'_> {
    /// The same reasons, about another system.
    fn asking(&self, system: &str, operation: &str) -> Asking {
        let Put { entry, wish, .. } = self.put;
        let reasons = &entry.reasons;
        Asking {
            party: entry.party.clone(),
            authentication: entry.authentication.clone(),
            system: system.to_owned(),
            operation: operation.to_owned(),
            said: Said {
                purpose: Some(reasons.purpose.clone()),
                legal_basis: Some(reasons.legal_basis.clone()),
                case_number: reasons.case_number.clone(),
                user: reasons.user.clone(),
            },
            wish: *wish,
        }
    }
}

/// What a question came to, in the words of connectors.
fn answer(hub: &Hub, standing: Standing) -> Answer {
    let unavailable = |reason: Option<String>, retry_after| {
        let reason = reason.unwrap_or_else(|| "sistemul nu a răspuns".to_owned());
        Answer::Unavailable { reason, retry_after }
    };
    match standing {
        Standing::Answered(Answered { outcome: Outcome::Absent, .. }) => Answer::Absent,
        Standing::Answered(Answered { value, as_of, .. }) => {
            Answer::Found { value: value.unwrap_or_default(), as_of, document: None }
        }
        Standing::Ended { outcome: Outcome::Refused, code, reason, .. } => {
            Answer::Refused { code: code.unwrap_or_default(), reason: reason.unwrap_or_default() }
        }
        Standing::Ended { reason, retry_at, .. } => {
            let now = hub.clock.now();
            unavailable(reason, retry_at.map(|at| freshness::age(now, at)))
        }
        Standing::Waiting { next_at, .. } => {
            let retry_after = Some(freshness::age(hub.clock.now(), next_at));
            Answer::Pending { request: None, retry_after }
        }
        Standing::Underway => unavailable(None, None),
    }
}
