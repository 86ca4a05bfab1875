//! `punte account`: the first administrator of an institution, and the way back in when nobody can sign in any more.
//!
//! It works on the database of the configuration, past the door: who can run it has the hub in hand anyway. What it does is in
//! the history of the account as done by `console`.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use hub_flow::authorization::Grant;
use hub_flow::identity::{self, Account, AccountState};

use crate::assembly::assemble;
use crate::config::Config;
use crate::sign_in::managing::{Desk, NewAccount, link_path};

use super::NO;

/// Who the console is in the history of accounts.
const CONSOLE: &str = "console";

/// Accounts of people.
#[derive(clap::Args)]
pub(super) struct Accounts {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Make an account and print its one-time link.
    Invite(Invite),
    /// List the accounts of an institution.
    List {
        /// The institution, by its id in the directory.
        party: String,
    },
    /// Take away password, second factors and sessions of an account, and print a new one-time link.
    Reset {
        /// What is typed at sign-in.
        login: String,
    },
    /// Lock an account and end its sessions.
    Lock {
        /// What is typed at sign-in.
        login: String,
    },
}

#[derive(clap::Args)]
struct Invite {
    /// The institution, by its id in the directory.
    party: String,
    /// What is typed at sign-in: an e-mail address, or a name.
    login: String,
    /// How the person is called on screens.
    #[arg(long)]
    name: String,
    /// What acts record in its place; never a name or a CNP.
    #[arg(long)]
    pseudonym: String,
    /// A role; may be said again.
    #[arg(long = "role", default_value = "administrator")]
    roles: Vec<String>,
    /// A unit it may act for; may be said again.
    #[arg(long = "unit")]
    units: Vec<String>,
}

impl Accounts {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let hub = assemble(config).await.context("while the hub runs on SQLite, stop it first")?;
        let link_hours = config.sign_in.invitation_hours.get();
        let desk = Desk { hub: &hub.hub, by: CONSOLE, link_hours };
        let base = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
        let linked = |account: &Account, token: &identity::Token| {
            println!("{} ({}): {}{}", account.login, account.party, base.trim_end_matches('/'), link_path(token));
            println!("linkul este bun o singură dată, {link_hours} ore; dați-l numai persoanei");
        };
        match self.act {
            Act::Invite(new) => {
                let grants = new.roles.iter().map(|role| Grant::of(role, &new.party)).collect();
                let new = NewAccount {
                    party: new.party,
                    login: new.login,
                    display_name: new.name,
                    pseudonym: new.pseudonym,
                    units: new.units,
                    grants,
                };
                let (account, token, _) = desk.invite(new).await?;
                linked(&account, &token);
            }
            Act::List { party } => {
                for account in identity::accounts(&hub.hub.db, &party, 10_000).await? {
                    let roles: Vec<&str> = account.grants.iter().map(|grant| grant.role.as_str()).collect();
                    let (state, roles) = (account.state.in_romanian(), roles.join(", "));
                    println!("{}  {}  {}  {state}  {roles}", account.login, account.display_name, account.pseudonym);
                }
            }
            Act::Reset { login } => {
                let Some(account) = find(&hub.hub, &login).await? else { return Ok(NO) };
                let (account, token, _) = desk.reset(&account).await?;
                linked(&account, &token);
            }
            Act::Lock { login } => {
                let Some(account) = find(&hub.hub, &login).await? else { return Ok(NO) };
                let account = desk.set_state(&account, AccountState::Locked).await?;
                println!("{}: {}", account.login, account.state.in_romanian());
            }
        }
        Ok(0)
    }
}

async fn find(hub: &hub_flow::hub::Hub, login: &str) -> anyhow::Result<Option<Account>> {
    let Ok(login) = identity::login(login) else { bail!("{login:?} is no login") };
    let account = identity::account_by_login(&hub.db, &login).await?;
    if account.is_none() {
        eprintln!("nu există contul {login}");
    }
    Ok(account)
}
