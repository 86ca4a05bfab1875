//! Whose account it is that a provider speaks of.

use std::sync::Arc;

use hub_flow::authorization::Grant;
use hub_flow::db::DbError;
use hub_flow::identity::{self, Account, AccountId, AccountState, Act, Change, FactorId, FactorKind, Record};
use serde_json::Value;

use crate::api::App;
use crate::api::problem::Problem;
use crate::sign_in::entering::factor;

use super::token::Told;
use super::{Failed, NotBelieved, Provider};

/// The account: the one that came by this provider before, else the one with the verified claim as login, else a new one where
/// the provider may make them. Of an institution the provider speaks for, and active.
pub(super) async fn of(app: &App, provider: &Provider, told: &Told) -> Result<Account, Failed> {
    let db = &app.hub.db;
    let name = format!("{} {}", provider.settings.issuer, told.subject);
    let problem = |error: DbError| Failed::Problem(error.into());
    let link = identity::factor_by_name(db, FactorKind::Provider, &name).await.map_err(problem)?;
    if let Some(link) = link {
        let account = identity::account(db, link.account).await.map_err(problem)?;
        return usable(provider, account);
    }
    let login = verified(provider, told).ok_or(NotBelieved::Nobody)?;
    let (account, mut changes) = match identity::account_by_login(db, &login).await.map_err(problem)? {
        // Who was invited and comes by the provider needs no link: the provider's word stands for it.
        Some(account) if account.state == AccountState::Invited && speaks_for(provider, &account) => {
            let active = Account { state: AccountState::Active, version: account.version + 1, ..account };
            let kept = Change::Account(Box::new(active.clone()), "activated", format!("provider:{}", provider.id));
            (active, vec![kept])
        }
        Some(account) => (usable(provider, Some(account))?, Vec::new()),
        None => created(app, provider, told, login)?,
    };
    let id = FactorId(app.hub.ids.uuid(app.hub.clock.now()));
    let kept = (name, provider.name.clone(), String::new());
    changes.push(Change::AddFactor(Box::new(factor(app, &account, (id, FactorKind::Provider), kept))));
    match db.write(&Arc::new(Record), Act { changes, at: app.hub.clock.now() }).await {
        Ok(true) => Ok(account),
        Ok(false) | Err(DbError::Constraint { .. }) => Err(NotBelieved::Nobody.into()),
        Err(error) => Err(Failed::Problem(Problem::from(error))),
    }
}

fn speaks_for(provider: &Provider, account: &Account) -> bool {
    provider.settings.parties.contains(&account.party)
}

fn usable(provider: &Provider, account: Option<Account>) -> Result<Account, Failed> {
    let account = account.filter(|account| account.state == AccountState::Active && speaks_for(provider, account));
    account.ok_or_else(|| NotBelieved::Nobody.into())
}

/// The login a verified claim stands for.
fn verified(provider: &Provider, told: &Told) -> Option<String> {
    let claim = provider.settings.claim.as_str();
    let believed = claim != "email" || told.claims.get("email_verified") == Some(&Value::Bool(true));
    told.text(claim).filter(|_| believed).and_then(|text| identity::login(text).ok())
}

fn created(app: &App, provider: &Provider, told: &Told, login: String) -> Result<(Account, Vec<Change>), Failed> {
    let party = provider.settings.parties.first().filter(|_| provider.settings.creates_accounts);
    let party = party.ok_or(NotBelieved::Nobody)?.clone();
    let now = app.hub.clock.now();
    let shown: String =
        told.text("name").unwrap_or(&login).chars().filter(|sign| !sign.is_control()).take(120).collect();
    let account = Account {
        id: AccountId(app.hub.ids.uuid(now)),
        login,
        display_name: shown,
        pseudonym: format!("p-{}", hex::encode(&app.hub.ids.salt()[..6])),
        units: Vec::new(),
        grants: provider.settings.role.iter().map(|role| Grant::of(role, &party)).collect(),
        party,
        state: AccountState::Active,
        version: 1,
        changed_at: now,
    };
    let kept = Change::Account(Box::new(account.clone()), "created", format!("provider:{}", provider.id));
    Ok((account, vec![kept]))
}
