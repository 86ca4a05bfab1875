//! The declarations, in memory and bounded, and the UIT codes they got.

use std::sync::{Mutex, MutexGuard, PoisonError};

use openssl::sha::sha256;
use serde::Serialize;

use super::declaration::{Declaration, Kind};

/// The most declarations the twin takes.
const MOST: usize = 20_000;

/// A declaration that was taken.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Taken {
    pub(super) index: u64,
    pub(super) uit: String,
    pub(super) environment: String,
    pub(super) cif: String,
    pub(super) declaration: Declaration,
    pub(super) sha256: String,
    pub(super) taken_at: i64,
    pub(super) polls_left: u32,
    pub(super) errors: Vec<String>,
    /// Whether a later declaration deleted it.
    pub(super) deleted: bool,
}

#[derive(Default)]
pub(in crate::anaf) struct Register(Mutex<Vec<Taken>>);

impl Register {
    pub(super) fn locked(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a declaration: a notification gets a UIT of its own, everything else is about an existing one.
    pub(super) fn take(&self, mut taken: Taken) -> Option<Taken> {
        let mut all = self.locked();
        if all.len() >= MOST {
            return None;
        }
        taken.index = all.len() as u64 + 1;
        taken.uit = match (&taken.declaration.kind, &taken.declaration.about) {
            (Kind::Notification, _) | (_, None) => uit(taken.index),
            (_, Some(about)) => about.clone(),
        };
        if taken.declaration.kind != Kind::Notification {
            let about = taken.uit.clone();
            let is_it = |one: &&mut Taken| {
                one.uit == about && one.cif == taken.cif && one.environment == taken.environment && !one.deleted
            };
            match all.iter_mut().find(is_it) {
                Some(one) => one.deleted = taken.declaration.kind == Kind::Deletion,
                None => taken.errors.push(format!("Nu exista notificare activa cu UIT= {about}")),
            }
        }
        all.push(taken.clone());
        Some(taken)
    }
}

/// Fourteen letters and digits, different for every declaration, and two check digits: the last two of the sum of their
/// ASCII codes (schema of e-Transport v2, rule BR-019).
fn uit(index: u64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ACDEFHJKLMNPQRTUVWXY01";
    let hash = sha256(format!("UIT {index}").as_bytes());
    let code: String = hash.iter().take(14).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let check = check_digits(&code);
    code + &check
}

fn check_digits(code: &str) -> String {
    let sum: u32 = code.bytes().map(u32::from).sum();
    format!("{:02}", sum % 100)
}

/// Whether a code is a UIT.
pub(super) fn is_uit(code: &str) -> bool {
    code.len() == 16 && code.is_ascii() && check_digits(&code[..14]) == code[14..]
}
