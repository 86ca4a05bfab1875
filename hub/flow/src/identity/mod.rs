//! People: their accounts, what they prove themselves with, and their sessions.
//!
//! ```text
//! invite  :  account ─► one-time link ─► password ─► second factor, where a role asks for it
//! sign in :  patience ─► password │ passkey │ provider ─► second factor ─► session, with an id of its own
//! request :  session ─► account ─► who acts: party, pseudonym, unit, roles
//! ```
//!
//! It may assume that who calls it has the right to. It knows no HTTP and no page; it never keeps a password, a session's id or
//! a recovery code, only their digests, and it never tells a stranger whether an account exists.

mod model;
mod names;
mod password;
mod breach;
mod totp;
mod sealing;
mod recovery;
mod session;
mod patience;
mod cbor;
mod passkey;
mod store;

pub use breach::{BreachList, BreachListWrong};
pub use model::{Account, AccountId, AccountState, Factor, FactorId, FactorKind};
pub use names::{NameWrong, login, pseudonym};
pub use passkey::{Assertion, Challenge, PasskeyWrong, Registered, Registration, register, verify as verify_passkey};
pub use password::{Password, PasswordWeak, check as check_password, hash as hash_password, verify as verify_password};
pub use patience::{Attempt, TakeAttempt};
pub use recovery::{code as recovery_code, digest as recovery_digest};
pub use sealing::SeedKey;
pub use session::{Session, Token, Verdict};
pub use store::{Act, Change, Invitation, ONCE, Record, SignInStep, StepKind, Version};
pub use store::{KeepRole, RoleChange, RoleVersion, role_versions, roles};
pub use store::{
    account, account_by_login, accounts, factor_by_name, factors, invitation, session as load_session, sessions,
    sessions_of_providers, step, versions,
};
pub use totp::{Seed, step_at};
