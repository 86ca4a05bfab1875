//! Persons an institution has to do with, natural and legal, each with a set of identifiers: a CNP is one of them, and may be
//! missing (foreigners with a NIF, the newborn, those whose identity is unknown).
//!
//! An identifier is found by keyed hash and shown by decrypting, with keys outside the database; never in a log, an error or
//! an address. Every change is a version with who and why. Nothing here is seen by another institution, and nothing is asked
//! of a register.

mod model;
mod identifier;
mod keys;
mod store;
mod reading;

pub use identifier::{Identifier, NotAnIdentifier, Scheme};
pub use keys::{KeyFault, PersonKeys, SealedIdentifier};
pub use model::{Act, Draft, Person, PersonId, PersonKind, Shown, Unmasking, Validation, Verdict};
pub use reading::{Version, find, history, list, load, sealed, under_others, unmaskings, validations};
pub use store::{
    ChangePerson, CreatePerson, MergePersons, Merging, NewPerson, NotKept, RecordUnmasking, RecordValidation, Rekey,
    Revised,
};
