//! What the audit is told of a change of people. Whoever changes an account, a factor or a session comes by here, so that no
//! page and no route can forget it.
//!
//! It tells ids, pseudonyms, roles and units; never a login, a name, an address or what somebody proves itself with.

use serde_json::{Value, json};

use crate::audit::{AuditEvent, HUB, Kind, Principal};
use crate::db::{DbError, Tx};
use crate::params;

use super::super::model::{Account, AccountId, FactorId, FactorKind};
use super::{Act, Change};

/// Who an account is, for the audit.
struct Known {
    party: String,
    pseudonym: String,
}

/// The events of an act, each with the number of the change it tells of: it counts where that change takes.
pub(super) async fn told(tx: &mut Tx<'_>, act: &Act) -> Result<Vec<(usize, AuditEvent)>, DbError> {
    let mut events = Vec::new();
    // An administrator's act tells of the factors and sessions it ends by itself.
    let managed = act.changes.iter().find_map(|change| match change {
        Change::Account(account, what, by) => Some((&**account, *what, by.as_str())),
        _ => None,
    });
    let mut codes_made = false;
    for (index, change) in act.changes.iter().enumerate() {
        let event = match change {
            Change::Account(account, what, by) => Some(of_account(tx, account, (what, by), act).await?),
            Change::EndSessions(..) => match managed {
                Some((account, what, by)) if what != "activated" => {
                    let event = begun(tx, account, (Kind::SessionsEnded, by), act).await?;
                    Some(event.with(json!({"after": what})))
                }
                _ => None,
            },
            Change::AddFactor(factor) if factor.kind == FactorKind::Recovery => {
                let first = !std::mem::replace(&mut codes_made, true);
                own(tx, (factor.account, act), Kind::RecoveryCodesMade, Value::Null).await?.filter(|_| first)
            }
            Change::AddFactor(factor) => {
                let kind = added(factor.kind);
                let by = managed.filter(|(account, ..)| account.id == factor.account);
                match by {
                    Some((account, ..)) => {
                        Some(of_person(&known(account), (factor.account, act), kind, json!({"factor": factor.kind})))
                    }
                    None => own(tx, (factor.account, act), kind, json!({"factor": factor.kind})).await?,
                }
            }
            Change::RemoveFactor(account, id) => match factor_kind(tx, *account, *id).await? {
                Some(kind) => own(tx, (*account, act), removed(&kind), json!({"factor": kind})).await?,
                None => None,
            },
            Change::OpenSession(session) => {
                let details = json!({"method": session.method, "second_factor": session.second_factor});
                own(tx, (session.account, act), Kind::SignedIn, details).await?
            }
            Change::EndSession(account, _, why) => {
                let kind = if *why == "signed_out" { Kind::SignedOut } else { Kind::SessionEnded };
                own(tx, (*account, act), kind, json!({"why": why})).await?
            }
            Change::ChooseUnit(session, unit) => match account_of(tx, session).await? {
                Some(account) => own(tx, (account, act), Kind::UnitChosen, json!({"unit": unit})).await?,
                None => None,
            },
            _ => None,
        };
        events.extend(event.map(|event| (index, event)));
    }
    Ok(events)
}

const fn added(kind: FactorKind) -> Kind {
    match kind {
        FactorKind::Password => Kind::PasswordSet,
        FactorKind::Totp | FactorKind::Passkey => Kind::SecondFactorEnrolled,
        FactorKind::Recovery => Kind::RecoveryCodesMade,
        FactorKind::Provider => Kind::ProviderLinked,
    }
}

/// A code on paper goes only by being used; passwords are never removed alone.
fn removed(word: &str) -> Kind {
    if word == FactorKind::Recovery.as_str() {
        Kind::RecoveryCodeUsed
    } else if word == FactorKind::Provider.as_str() {
        Kind::ProviderUnlinked
    } else {
        Kind::SecondFactorRemoved
    }
}

async fn of_account(
    tx: &mut Tx<'_>,
    account: &Account,
    (what, by): (&str, &str),
    act: &Act,
) -> Result<AuditEvent, DbError> {
    let kind = match what {
        "invited" => Kind::AccountInvited,
        "created" => Kind::AccountCreated,
        "activated" => Kind::AccountActivated,
        "locked" => Kind::AccountLocked,
        "unlocked" => Kind::AccountUnlocked,
        "retired" => Kind::AccountRetired,
        "reset" => Kind::AccountReset,
        _ => Kind::GrantsChanged,
    };
    let grants: Vec<_> = account.grants.iter().map(|grant| json!(grant)).collect();
    let details = json!({
        "pseudonym": account.pseudonym, "version": account.version, "units": account.units, "grants": grants,
    });
    Ok(begun(tx, account, (kind, by), act).await?.with(details))
}

/// An event over an account by whoever its history names.
async fn begun(tx: &mut Tx<'_>, account: &Account, (kind, by): (Kind, &str), act: &Act) -> Result<AuditEvent, DbError> {
    let person = by.strip_prefix("person:").and_then(|id| id.parse::<AccountId>().ok());
    let principal = match (person, by.strip_prefix("system:")) {
        (Some(id), _) if id == account.id => Some(Principal::person(&account.pseudonym)),
        (Some(id), _) => account_known(tx, id).await?.map(|known| Principal::person(known.pseudonym)),
        (None, Some(system)) => Some(Principal::system(system)),
        (None, None) => None,
    };
    let event = match principal {
        Some(principal) => AuditEvent::new(kind, act.at, &account.party, principal),
        // The hub's own hand works for the institution whose account it is.
        None => {
            let mut event = AuditEvent::new(kind, act.at, HUB, Principal::hub(by));
            event.on_behalf = Some(account.party.clone());
            event
        }
    };
    Ok(event.on(account.id.to_string()))
}

/// What a person does with what is its own.
async fn own(
    tx: &mut Tx<'_>,
    (account, act): (AccountId, &Act),
    kind: Kind,
    details: Value,
) -> Result<Option<AuditEvent>, DbError> {
    // An account that is made in this very act is not in the database yet.
    let made = act.changes.iter().find_map(|change| match change {
        Change::Account(made, ..) if made.id == account => Some(known(made)),
        _ => None,
    });
    let known = match made {
        Some(known) => Some(known),
        None => account_known(tx, account).await?,
    };
    Ok(known.map(|known| of_person(&known, (account, act), kind, details)))
}

fn of_person(known: &Known, (account, act): (AccountId, &Act), kind: Kind, details: Value) -> AuditEvent {
    AuditEvent::new(kind, act.at, &known.party, Principal::person(&known.pseudonym))
        .on(account.to_string())
        .with(details)
}

fn known(account: &Account) -> Known {
    Known { party: account.party.clone(), pseudonym: account.pseudonym.clone() }
}

async fn account_known(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Known>, DbError> {
    let sql = "select party, pseudonym from account where id = $1";
    let row = tx.query(sql, params![id]).await?.into_iter().next();
    row.map(|mut row| Ok(Known { party: row.take("party")?, pseudonym: row.take("pseudonym")? })).transpose()
}

async fn factor_kind(tx: &mut Tx<'_>, account: AccountId, id: FactorId) -> Result<Option<String>, DbError> {
    let sql = "select kind from account_factor where account_id = $1 and id = $2";
    let row = tx.query(sql, params![account, id]).await?.into_iter().next();
    row.map(|mut row| row.take("kind")).transpose()
}

async fn account_of(tx: &mut Tx<'_>, session: &[u8; 32]) -> Result<Option<AccountId>, DbError> {
    let row =
        tx.query("select account_id from session where id_sha256 = $1", params![*session]).await?.into_iter().next();
    row.map(|mut row| row.take("account_id")).transpose()
}
