//! Codes and tokens that are alive.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openssl::error::ErrorStack;
use openssl::sha::sha256;

use super::super::settings::AnafSettings;
use super::jwt::Signer;

/// How long a code may wait for its exchange, in seconds.
const CODE_LIFETIME: i64 = 60;
/// The most living tokens of one kind; beyond, tokens are given out and never live.
const MOST_TOKENS: usize = 10_000;

/// What gives tokens out and knows which are alive.
pub(in crate::anaf) struct Issuer {
    signer: Signer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    issued: u64,
    codes: HashMap<String, Code>,
    access: HashMap<String, i64>,
    refresh: HashMap<String, (String, i64)>,
}

struct Code {
    client: String,
    address: String,
    until: i64,
}

/// An access token and the refresh token that came with it.
pub(in crate::anaf) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) expires_in: i64,
}

/// Which tokens are to die at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::anaf) enum Expire {
    Access,
    Refresh,
    All,
}

impl Issuer {
    pub(in crate::anaf) fn new() -> Result<Self, ErrorStack> {
        Ok(Self { signer: Signer::new()?, state: Mutex::default() })
    }

    pub(super) fn code(&self, client: &str, address: &str, now: i64) -> String {
        let mut state = self.locked();
        state.issued += 1;
        let code = hex::encode(&sha256(format!("code {} {now} {client}", state.issued).as_bytes())[..16]);
        state.codes.retain(|_, code| code.until >= now);
        let kept = Code { client: client.to_owned(), address: address.to_owned(), until: now + CODE_LIFETIME };
        state.codes.insert(code.clone(), kept);
        code
    }

    /// A code is good once, for its client, for its address, for a minute.
    pub(super) fn exchange(
        &self,
        code: &str,
        (client, address): (&str, &str),
        now: i64,
        settings: &AnafSettings,
    ) -> Option<Pair> {
        let code = self.locked().codes.remove(code)?;
        let good = code.client == client && code.address == address && now <= code.until;
        good.then(|| self.pair(client, now, settings))
    }

    /// A refresh token is good once: the pair that comes out replaces it.
    pub(super) fn rotate(&self, refresh: &str, client: &str, now: i64, settings: &AnafSettings) -> Option<Pair> {
        let (owner, until) = self.locked().refresh.remove(refresh)?;
        (owner == client && now < until).then(|| self.pair(client, now, settings))
    }

    pub(in crate::anaf) fn pair(&self, client: &str, now: i64, settings: &AnafSettings) -> Pair {
        let (access_until, refresh_until) = (now + settings.access_lifetime_s, now + settings.refresh_lifetime_s);
        let mut state = self.locked();
        state.issued += 2;
        let number = state.issued;
        let access = self.signer.token(client, &settings.serial, (now, access_until), number);
        let refresh = self.signer.token(client, &settings.serial, (now, refresh_until), number + 1);
        state.access.retain(|_, until| *until > now);
        state.refresh.retain(|_, (_, until)| *until > now);
        if state.access.len() < MOST_TOKENS && state.refresh.len() < MOST_TOKENS {
            state.access.insert(access.clone(), access_until);
            state.refresh.insert(refresh.clone(), (client.to_owned(), refresh_until));
        }
        Pair { access, refresh, expires_in: settings.access_lifetime_s }
    }

    pub(super) fn is_living(&self, access: &str, now: i64) -> bool {
        self.locked().access.get(access).is_some_and(|until| now < *until)
    }

    pub(in crate::anaf) fn expire(&self, which: Expire) {
        let mut state = self.locked();
        if which != Expire::Refresh {
            state.access.clear();
        }
        if which != Expire::Access {
            state.refresh.clear();
        }
    }

    pub(in crate::anaf) fn public_key_pem(&self) -> String {
        self.signer.public_key_pem()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
