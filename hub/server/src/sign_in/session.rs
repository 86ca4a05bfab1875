//! Who a session speaks for: looked up once in a while, believed in between.
//!
//! A request costs one look into memory. What this node ends it forgets at once; what another node ends is believed here for
//! [`BELIEVED`] more at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use hub_flow::authorization::{BuiltIn, Held, Principal, Who};
use hub_flow::clock::Timestamp;
use hub_flow::identity::{self, Account, AccountId, AccountState, Act, Change, Record, Session, Token, Verdict};
use hub_flow::message::Authentication;

use crate::api::App;
use crate::api::problem::Problem;

use super::browser::{Cookie, foreign};

/// How long what was read of a session is believed, in microseconds.
const BELIEVED: i64 = 2_000_000;
/// How long a use is not written again, in microseconds; a fifteenth of the shortest silence that ends a session.
const TOUCHED: i64 = 60_000_000;
/// Sessions in memory at most.
const KNOWN: usize = 10_000;

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Signed {
    /// What the browser holds.
    pub token: Token,
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub account: Account,
    /// Its grants, with what their roles let do.
    pub held: Vec<Held>,
}

/// Sessions as they were last read.
#[derive(Default)]
pub struct Known(Mutex<HashMap<[u8; 32], (Timestamp, Found)>>);

/// A session, whose it is, and what that account holds.
type Found = Arc<(Session, Account, Vec<Held>)>;

impl Known {
    fn get(&self, id: &[u8; 32], now: Timestamp) -> Option<Found> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, found) = held.get(id)?;
        (now.0.saturating_sub(read_at.0) < BELIEVED).then(|| Arc::clone(found))
    }

    fn keep(&self, now: Timestamp, found: Found) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= KNOWN {
            held.retain(|_, (read_at, _)| now.0.saturating_sub(read_at.0) < BELIEVED);
        }
        if held.len() < KNOWN {
            held.insert(found.0.id, (now, found));
        }
    }

    /// Forgets what is known of an account's sessions, after it was changed.
    pub fn forget(&self, account: AccountId) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, (_, found)| found.1.id != account);
    }

    /// Forgets what is known of an institution's sessions, after one of its roles was changed.
    pub fn forget_party(&self, party: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, (_, found)| found.1.party != party);
    }
}

/// Who is signed in with what the browser holds; nobody where its session is not believed.
///
/// # Errors
/// The database does not answer.
pub async fn signed(app: &App, headers: &HeaderMap) -> Result<Option<Signed>, Problem> {
    let Some(token) = Cookie::Session.read(&app.sign_in.place, headers) else { return Ok(None) };
    let (id, now) = (token.digest(), app.hub.clock.now());
    let found = match app.sign_in.known.get(&id, now) {
        Some(found) => found,
        None => {
            let Some(session) = identity::load_session(&app.hub.db, id).await? else { return Ok(None) };
            let Some(account) = identity::account(&app.hub.db, session.account).await? else { return Ok(None) };
            let held = held(app, &account).await?;
            let found = Arc::new((session, account, held));
            app.sign_in.known.keep(now, Arc::clone(&found));
            found
        }
    };
    let (session, account, held) = found.as_ref().clone();
    if session.verdict(now, app.sign_in.idle()) != Verdict::Open || account.state != AccountState::Active {
        return Ok(None);
    }
    let touched = TOUCHED.min(app.sign_in.idle() / 15);
    if now.0.saturating_sub(session.used_at.0) >= touched {
        let act = Act { changes: vec![Change::TouchSession(id)], at: now };
        app.hub.db.write(&Arc::new(Record), act).await?;
        let used = Session { used_at: now, ..session.clone() };
        app.sign_in.known.keep(now, Arc::new((used, account.clone(), held.clone())));
    }
    Ok(Some(Signed { token, session, account, held }))
}

/// The grants of an account with what their roles let do; a role that the institution withdrew lets do nothing.
///
/// # Errors
/// The database does not answer.
pub(super) async fn held(app: &App, account: &Account) -> Result<Vec<Held>, Problem> {
    let of_its_own = account.grants.iter().any(|grant| BuiltIn::parse(&grant.role).is_none());
    let roles = if of_its_own { identity::roles(&app.hub.db, &account.party).await? } else { Vec::new() };
    Ok(account.grants.iter().filter_map(|grant| Held::of(grant.clone(), &roles)).collect())
}

impl Signed {
    /// The unit it acts for: the chosen one where it is still one of its own, else the first.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        let chosen = self.session.unit.as_ref().filter(|unit| self.account.units.contains(unit));
        chosen.or(self.account.units.first()).map(String::as_str)
    }

    /// Whether what changes something carries the token of this session, in a form or in the header `Punte-Form`.
    ///
    /// # Errors
    /// It does not: a problem 403.
    pub fn made(&self, form_token: Option<&str>) -> Result<(), Problem> {
        if form_token.is_some_and(|token| self.token.made(token)) { Ok(()) } else { Err(foreign()) }
    }

    /// Who acts, for which institution, with the roles of the account.
    #[must_use]
    pub fn principal(&self, unit: Option<&str>) -> Principal {
        Principal {
            who: Who::Person {
                account: self.account.id.to_string(),
                pseudonym: self.account.pseudonym.clone(),
                unit: unit.map(str::to_owned),
            },
            party: self.account.party.clone(),
            grants: self.held.clone(),
            narrowed_to: None,
        }
    }

    /// How it is known, as evidence states it: two factors are substantial, one is low.
    #[must_use]
    pub fn authentication(&self) -> Authentication {
        let method = self.session.method.split(['+', ':']).next().unwrap_or("password");
        Authentication {
            method: format!("urn:punte:authentication:{method}"),
            assurance: if self.session.second_factor { "substantial" } else { "low" }.to_owned(),
            delegate: None,
        }
    }
}
