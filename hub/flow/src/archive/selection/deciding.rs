//! What clerks do about a selection: minutes, confirmation, and the two words that destroy.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::archive::acting::Order;
use crate::archive::dossier::{self, Dossier, DossierState};
use crate::archive::hold;
use crate::archive::office::{self, NewAct, NotDone, wrong};
use crate::db::{DbError, Tx};
use crate::params;

use super::model::{Confirming, Decided, Decision, MOST, Minutes, Selection};
use super::store;

/// Writes the minutes of the commission: every dossier was looked at, and may be decided on so.
pub(in crate::archive) async fn propose(
    tx: &mut Tx<'_>,
    order: &Order,
    minutes: &Minutes,
) -> Result<Result<Json, NotDone>, DbError> {
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    if let Err(refused) = well_formed(minutes) {
        return Ok(Err(refused));
    }
    let twice = "select id from archive_selection where party = $1 and number = $2 and date = $3";
    if !tx.query(twice, params![&order.party, &minutes.number, minutes.date.to_string()]).await?.is_empty() {
        let (ro, en) = ("Procesul-verbal este deja înregistrat", "These minutes are written down already");
        return Ok(Err(wrong("number", ro, en)));
    }
    let mut decisions = Vec::with_capacity(minutes.decisions.len());
    for decided in &minutes.decisions {
        let dossier = match dossier::held(tx, &order.party, decided.dossier).await? {
            Ok(dossier) => dossier,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(refused) = decidable(tx, order, &dossier, decided.decision).await? {
            return Ok(Err(refused));
        }
        let (name, title, term) = (dossier.name(), dossier.title, dossier.term);
        decisions.push(Decided { name, title, term, ..decided.clone() });
    }
    let text = |value: &Json| value.to_string();
    let row = params![
        order.id.into_bytes(),
        &order.party,
        &minutes.number,
        minutes.date.to_string(),
        text(&json!(minutes.members)),
        text(&json!(decisions)),
        "proposed",
        &order.clerk,
        order.at.0,
    ];
    tx.insert(
        "insert into archive_selection (id, party, number, date, members, decisions, state, author, made_at) values",
        9,
        vec![row],
    )
    .await?;
    let sql = "update archive_dossier set selection = $2, state = 'selected', changed_at = $3 where id = $1";
    let set = |one: &Decided| params![one.dossier.into_bytes(), order.id.into_bytes(), order.at.0];
    tx.execute_each(sql, decisions.iter().map(set).collect()).await?;
    note(tx, order, "selected", order.id, decisions.iter()).await?;
    let content = json!({"id": order.id, "number": minutes.number, "date": minutes.date, "state": "proposed",
                         "members": minutes.members, "decisions": decisions});
    Ok(Ok(content))
}

fn well_formed(minutes: &Minutes) -> Result<(), NotDone> {
    if !(1..=64).contains(&minutes.number.trim().chars().count()) {
        return Err(wrong("number", "Scrieți numărul procesului-verbal", "Write the number of the minutes"));
    }
    let count = |role: &str| minutes.members.iter().filter(|member| member.role == role).count();
    let named = minutes.members.iter().all(|member| (1..=128).contains(&member.name.trim().chars().count()));
    let known = minutes.members.len() == count("president") + count("secretary") + count("member");
    if minutes.members.len() < 3 || !known || !named || count("president") != 1 || count("secretary") != 1 {
        return Err(wrong(
            "members",
            "Comisia are un președinte (president), un secretar (secretary) și cel puțin un membru (member), fiecare cu nume",
            "A commission has one president, one secretary and at least one member, each with a name",
        ));
    }
    let dossiers: BTreeSet<Uuid> = minutes.decisions.iter().map(|one| one.dossier).collect();
    if dossiers.is_empty() || dossiers.len() > MOST || dossiers.len() != minutes.decisions.len() {
        return Err(wrong(
            "decisions",
            format!("Între 1 și {MOST} de dosare, fiecare o singură dată"),
            format!("1 to {MOST} dossiers, each once"),
        ));
    }
    Ok(())
}

async fn decidable(
    tx: &mut Tx<'_>,
    order: &Order,
    dossier: &Dossier,
    decision: Decision,
) -> Result<Result<(), NotDone>, DbError> {
    if dossier.state != DossierState::HandedOver {
        return Ok(Err(dossier::standing(dossier, "handed_over")));
    }
    let year = i64::from(order.at.romanian_date().year());
    if dossier.due_year.is_none_or(|due| due > year) {
        return Ok(Err(NotDone::NotDue { dossier: dossier.name(), due_year: dossier.due_year }));
    }
    if decision == Decision::Destroy {
        return hold::standing_against(tx, dossier).await;
    }
    Ok(Ok(()))
}

async fn note<'d>(
    tx: &mut Tx<'_>,
    order: &Order,
    act: &'static str,
    selection: Uuid,
    decisions: impl Iterator<Item = &'d Decided>,
) -> Result<(), DbError> {
    let content = json!({"selection": selection});
    let mut acts = vec![NewAct { subject: selection, act, author: &order.clerk, content }];
    acts.extend(decisions.map(|one| NewAct {
        subject: one.dossier,
        act,
        author: &order.clerk,
        content: json!({"selection": selection, "decision": one.decision, "reason": one.reason}),
    }));
    office::record(tx, &order.party, acts, order.at).await
}

/// Writes down the confirmation of the National Archives, which may keep what the commission would have destroyed.
pub(in crate::archive) async fn confirm(
    tx: &mut Tx<'_>,
    order: &Order,
    wanted: &Confirming,
) -> Result<Result<Json, NotDone>, DbError> {
    let mut held = match in_state(tx, order, wanted.selection, "proposed").await? {
        Ok(held) => held,
        Err(refused) => return Ok(Err(refused)),
    };
    for (field, text) in [("number", &wanted.number), ("service", &wanted.service)] {
        if !(1..=200).contains(&text.trim().chars().count()) {
            return Ok(Err(wrong(field, "Scrieți între 1 și 200 de caractere", "Write 1 to 200 characters")));
        }
    }
    for id in &wanted.kept {
        let Some(one) = held.decisions.iter_mut().find(|one| one.dossier == *id) else {
            let (ro, en) =
                ("Un dosar din kept nu este în această selecționare", "A dossier of kept is not in this selection");
            return Ok(Err(wrong("kept", ro, en)));
        };
        one.decision = Decision::Keep;
    }
    let confirmation =
        json!({"number": wanted.number, "date": wanted.date, "service": wanted.service, "kept": wanted.kept});
    let sql = "update archive_selection set state = 'confirmed', confirmation = $2, decisions = $3 where id = $1";
    let set = params![held.id.into_bytes(), confirmation.to_string(), json!(held.decisions).to_string()];
    tx.execute_each(sql, vec![set]).await?;
    // What is kept needs no further word.
    let kept: Vec<&Decided> = held.decisions.iter().filter(|one| one.decision == Decision::Keep).collect();
    let ids: Vec<Uuid> = kept.iter().map(|one| one.dossier).collect();
    dossier::move_to(tx, &ids, DossierState::Kept, order.at).await?;
    let sql = "update archive_dossier set due_year = null where id = $1";
    tx.execute_each(sql, ids.iter().map(|id| params![id.into_bytes()]).collect()).await?;
    note(tx, order, "confirmed", held.id, held.decisions.iter()).await?;
    Ok(Ok(json!({"id": held.id, "state": "confirmed", "confirmation": confirmation, "decisions": held.decisions})))
}

/// The first clerk asks for destruction, the second approves it; no hold may stand then.
pub(in crate::archive) async fn destroy(
    tx: &mut Tx<'_>,
    order: &Order,
    id: Uuid,
) -> Result<Result<Json, NotDone>, DbError> {
    let held = match in_state(tx, order, id, "confirmed").await? {
        Ok(held) => held,
        Err(refused) => return Ok(Err(refused)),
    };
    if held.to_destroy().next().is_none() {
        let (ro, en) = ("Comisia nu a hotărât distrugerea niciunui dosar", "No dossier is to be destroyed");
        return Ok(Err(wrong("decisions", ro, en)));
    }
    for one in held.to_destroy() {
        let dossier = match dossier::held(tx, &order.party, one.dossier).await? {
            Ok(dossier) => dossier,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(refused) = hold::standing_against(tx, &dossier).await? {
            return Ok(Err(refused));
        }
    }
    match &held.asked_by {
        None => {
            let sql = "update archive_selection set asked_by = $2, asked_at = $3 where id = $1";
            tx.execute_each(sql, vec![params![id.into_bytes(), &order.clerk, order.at.0]]).await?;
            order.record(tx, id, "destruction_asked", json!({})).await?;
            Ok(Ok(json!({"id": id, "state": "confirmed", "asked_by": order.clerk, "waits_for": "second_clerk"})))
        }
        Some(first) if *first == order.clerk => Ok(Err(NotDone::SameClerk)),
        Some(first) => {
            let sql =
                "update archive_selection set state = 'destroying', approved_by = $2, approved_at = $3 where id = $1";
            tx.execute_each(sql, vec![params![id.into_bytes(), &order.clerk, order.at.0]]).await?;
            order.record(tx, id, "destruction_approved", json!({"asked_by": first})).await?;
            Ok(Ok(json!({"id": id, "state": "destroying", "asked_by": first, "approved_by": order.clerk})))
        }
    }
}

async fn in_state(
    tx: &mut Tx<'_>,
    order: &Order,
    id: Uuid,
    wanted: &'static str,
) -> Result<Result<Selection, NotDone>, DbError> {
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    let Some(held) = store::held(tx, &order.party, id).await? else { return Ok(Err(NotDone::NotFound)) };
    if held.state != wanted {
        let subject = held.number.clone();
        return Ok(Err(NotDone::State { subject, state: held.state, wanted }));
    }
    Ok(Ok(held))
}
