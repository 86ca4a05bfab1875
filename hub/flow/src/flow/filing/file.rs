//! Writing down that something is in its dossier, in the archive and in the register at once.

use std::sync::Arc;

use serde_json::json;

use crate::archive::filing::{self, Filed};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::message::Ids;
use crate::registration::{self, Author, Effect, Entry, NewAct, NotActed, Status};

use super::gather::Gathered;

/// Files what was gathered.
pub(super) struct FileEnded {
    pub ids: Arc<dyn Ids>,
}

impl WriteVerb for FileEnded {
    type Item = Gathered;
    /// Where it was filed; none where it waits.
    type Output = Option<Filed>;
    const ORDER: u16 = 932;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Gathered]) -> Result<Vec<Self::Output>, DbError> {
        let outcomes: Vec<_> = items.iter().map(|one| &one.outcome).collect();
        let filed = filing::write_down(tx, &outcomes).await?;
        let entries =
            items.iter().zip(&filed).filter_map(|(one, filed)| Some((one, one.entry.as_ref()?, filed.as_ref()?)));
        let acts: Vec<NewAct> = entries.map(|(one, entry, filed)| self.act(entry, filed, one.outcome.1)).collect();
        let acted = registration::act(tx, &acts).await?;
        // Somebody else was at the entry since it was read: what they wrote stays, and the dossier is told all the same.
        let outdated = acts.into_iter().zip(acted).filter(|(_, acted)| matches!(acted, Err(NotActed::Outdated { .. })));
        let again: Vec<NewAct> = outdated
            .map(|(act, _)| {
                let effect = Effect { particulars: None, to: None, from: Vec::new(), ..act.effect };
                NewAct { expected: None, effect, salt: self.ids.salt(), ..act }
            })
            .collect();
        if !again.is_empty() {
            registration::act(tx, &again).await?;
        }
        Ok(filed)
    }
}

impl FileEnded {
    fn act(&self, entry: &Entry, filed: &Filed, at: Timestamp) -> NewAct {
        let state = &entry.state;
        let mut particulars = state.particulars.clone();
        let unknown = particulars.dossier_code.as_deref() != Some(&filed.code);
        particulars.dossier_code = Some(filed.code.clone());
        // What still waits for an answer goes on waiting, dossier or not.
        let ended = matches!(state.status, Status::Resolved | Status::Redirected | Status::Rejected);
        NewAct {
            key: entry.key.clone(),
            act: "filed".to_owned(),
            content: json!({"dossier": filed.dossier, "name": filed.name, "code": filed.code, "documents": filed.documents}),
            author: Author { clerk: None, unit: None },
            expected: Some(state.acts),
            effect: Effect {
                to: ended.then_some(Status::Filed),
                particulars: unknown.then_some(particulars),
                ..Effect::default()
            },
            salt: self.ids.salt(),
            at,
        }
    }
}
