//! What administrators do with accounts: invite, change, stop and reset.

use hub_flow::authorization::{BuiltIn, Grant, Held};
use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::hub::Hub;
use hub_flow::identity::{
    self, Account, AccountId, AccountState, Act, Change, FactorKind, Invitation, NameWrong, Record, Token,
};
use std::sync::Arc;

/// Longest display name, in characters.
const LONGEST_NAME: usize = 120;

/// An account to be.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its institution.
    pub party: String,
    /// What is typed at sign-in.
    pub login: String,
    /// How its person is called on screens.
    pub display_name: String,
    /// What acts record.
    pub pseudonym: String,
    /// Units it may act for.
    pub units: Vec<String>,
    /// Its roles.
    pub grants: Vec<Grant>,
}

/// Why an account is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NotManaged {
    /// The hub has no such institution.
    #[error("the directory has no institution {0:?}")]
    Party(String),
    /// A name cannot be used.
    #[error("{0}: {1}")]
    Name(&'static str, NameWrong),
    /// The display name is empty or too long.
    #[error("display_name has 1 to 120 characters on one line")]
    DisplayName,
    /// There is no such role for people.
    #[error("there is no role {0:?} for people")]
    Role(String),
    /// Login or pseudonym belongs to another account.
    #[error("the login or the pseudonym is taken")]
    Taken,
    /// The account's state does not allow it, or somebody else was faster.
    #[error("the account is {0}")]
    State(&'static str),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Who manages, and with what.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The hub.
    pub hub: &'a Hub,
    /// Who, as history and audit name it.
    pub by: &'a str,
    /// Hours a link is good for.
    pub link_hours: u32,
}

impl Desk<'_> {
    /// Makes an account; answers it with the token of its one-time link, which is told to nobody else.
    ///
    /// # Errors
    /// [`NotManaged`] says why not.
    pub async fn invite(self, new: NewAccount) -> Result<(Account, Token, Timestamp), NotManaged> {
        if self.hub.directory().party(&new.party).is_none() {
            return Err(NotManaged::Party(new.party));
        }
        let now = self.hub.clock.now();
        let account = Account {
            id: AccountId(self.hub.ids.uuid(now)),
            login: identity::login(&new.login).map_err(|wrong| NotManaged::Name("login", wrong))?,
            pseudonym: identity::pseudonym(&new.pseudonym).map_err(|wrong| NotManaged::Name("pseudonym", wrong))?,
            display_name: display_name(&new.display_name)?,
            units: new.units,
            grants: self.grants(&new.party, new.grants, &[]).await?,
            party: new.party,
            state: AccountState::Invited,
            version: 1,
            changed_at: now,
        };
        let (token, invitation) = self.link(account.id);
        let ends_at = invitation.ends_at;
        let kept = Change::Account(Box::new(account.clone()), "invited", self.by.to_owned());
        self.write(vec![kept, Change::Invite(invitation)]).await?;
        Ok((account, token, ends_at))
    }

    /// Gives an account other units and roles. Its sessions end: what was begun under the old ones is not gone on with.
    ///
    /// # Errors
    /// [`NotManaged`] says why not.
    pub async fn grant(self, account: &Account, units: Vec<String>, given: Vec<Grant>) -> Result<Account, NotManaged> {
        if account.state == AccountState::Retired {
            return Err(NotManaged::State(account.state.as_str()));
        }
        let grants = self.grants(&account.party, given, &account.grants).await?;
        let changed = Account { units, grants, ..account.clone() };
        self.next(changed, "granted", vec![Change::EndSessions(account.id, None, "granted")]).await
    }

    /// Locks, unlocks or retires an account; its sessions end.
    ///
    /// # Errors
    /// [`NotManaged`] says why not.
    pub async fn set_state(self, account: &Account, state: AccountState) -> Result<Account, NotManaged> {
        // Unlocking ends a lock and nothing else: a person that was never there needs its link.
        let unlocks = account.state == AccountState::Locked || state != AccountState::Active;
        if !account.state.may_become(state) || state == AccountState::Invited || !unlocks {
            return Err(NotManaged::State(account.state.as_str()));
        }
        let changed = Account { state, ..account.clone() };
        let act = match state {
            AccountState::Active => "unlocked",
            AccountState::Locked => "locked",
            AccountState::Retired | AccountState::Invited => "retired",
        };
        self.next(changed, act, vec![Change::EndSessions(account.id, None, act)]).await
    }

    /// Takes away everything an account proves itself with, ends its sessions, and gives a new one-time link.
    ///
    /// # Errors
    /// [`NotManaged`] says why not.
    pub async fn reset(self, account: &Account) -> Result<(Account, Token, Timestamp), NotManaged> {
        if !account.state.may_become(AccountState::Invited) {
            return Err(NotManaged::State(account.state.as_str()));
        }
        let (token, invitation) = self.link(account.id);
        let ends_at = invitation.ends_at;
        let kinds =
            [FactorKind::Password, FactorKind::Totp, FactorKind::Recovery, FactorKind::Passkey, FactorKind::Provider];
        let mut then: Vec<Change> = kinds.map(|kind| Change::RemoveFactors(account.id, kind)).into();
        then.push(Change::EndSessions(account.id, None, "reset"));
        then.push(Change::Invite(invitation));
        let changed = Account { state: AccountState::Invited, ..account.clone() };
        Ok((self.next(changed, "reset", then).await?, token, ends_at))
    }

    async fn next(self, account: Account, act: &'static str, then: Vec<Change>) -> Result<Account, NotManaged> {
        let account = Account { version: account.version + 1, changed_at: self.hub.clock.now(), ..account };
        let mut changes = vec![Change::Account(Box::new(account.clone()), act, self.by.to_owned())];
        changes.extend(then);
        if self.write(changes).await? { Ok(account) } else { Err(NotManaged::State("changed meanwhile")) }
    }

    /// Grants for people, each in the account's own institution, of roles that are in force there; what is held already
    /// may stay.
    async fn grants(self, party: &str, given: Vec<Grant>, before: &[Grant]) -> Result<Vec<Grant>, NotManaged> {
        let roles = identity::roles(&self.hub.db, party).await?;
        let own = |grant: Grant| {
            let grant = Grant { party: party.to_owned(), ..grant };
            let of_programs = grant.role == BuiltIn::PartnerSystem.as_str();
            let exists = before.contains(&grant) || Held::of(grant.clone(), &roles).is_some();
            if exists && !of_programs { Ok(grant) } else { Err(NotManaged::Role(grant.role)) }
        };
        given.into_iter().map(own).collect()
    }

    fn link(self, account: AccountId) -> (Token, Invitation) {
        let token = Token::of(self.hub.ids.salt(), self.hub.ids.salt());
        let ends_at = self.hub.clock.now().plus_seconds(i64::from(self.link_hours) * 3600);
        let invitation = Invitation { token: token.digest(), account, ends_at };
        (token, invitation)
    }

    async fn write(self, changes: Vec<Change>) -> Result<bool, NotManaged> {
        let act = Act { changes, at: self.hub.clock.now() };
        match self.hub.db.write(&Arc::new(Record), act).await {
            // SQLite names the columns, PostgreSQL the rule.
            Err(DbError::Constraint { rule }) if rule.contains("login") || rule.contains("pseudonym") => {
                Err(NotManaged::Taken)
            }
            written => Ok(written?),
        }
    }
}

/// The path of a one-time link.
#[must_use]
pub fn link_path(token: &Token) -> String {
    format!("/sign-in/invitation?token={}", token.to_text())
}

fn display_name(name: &str) -> Result<String, NotManaged> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(NotManaged::DisplayName) }
}
