//! The employers, their employees and contracts.

use std::collections::BTreeMap;

use openssl::sha::sha256;

/// One employer's register.
#[derive(Debug, Default)]
pub(super) struct Employer {
    pub(super) employees: BTreeMap<String, Employee>,
    pub(super) contracts: BTreeMap<String, Contract>,
}

/// An employee.
#[derive(Debug, Clone)]
pub(super) struct Employee {
    pub(super) cnp: String,
    pub(super) removed: bool,
}

/// A contract.
#[derive(Debug, Clone)]
pub(super) struct Contract {
    pub(super) number: String,
    pub(super) date: String,
    pub(super) employee: String,
    pub(super) state: ContractState,
}

/// Where a contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContractState {
    Active,
    Suspended,
    Ended,
    Removed,
}

/// A proposal of one employer to another: nothing happens without the other's consent.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// `Detasare` or `Mutare`.
    pub(super) kind: &'static str,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) contract: String,
    pub(super) open: bool,
    /// The message it was made by, and its receipt: the second result belongs to them.
    pub(super) message: String,
    pub(super) response: String,
}

/// A GUID that is the same for the same text.
pub(super) fn guid(of: &str) -> String {
    let text = hex::encode(&sha256(of.as_bytes())[..16]);
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
}

/// Whether a number is a fiscal code with the right control digit (weights 7 5 3 2 1 7 5 3 2).
pub(super) fn is_cui(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|letter| letter.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (2..=10).contains(&digits.len())) else { return false };
    let (control, number) = digits.split_last().unwrap_or((&0, &[]));
    let weights = [2, 3, 5, 7, 1, 2, 3, 5, 7];
    let sum: u32 = number.iter().rev().zip(weights).map(|(digit, weight)| digit * weight).sum();
    sum * 10 % 11 % 10 == *control
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fiscal_codes_are_told_apart() {
        // Synthetic codes.
        for (cui, right) in [("90000006", true), ("90000007", false), ("x", false), ("12345678901", false)] {
            assert_eq!(is_cui(cui), right, "{cui}");
        }
    }
}
