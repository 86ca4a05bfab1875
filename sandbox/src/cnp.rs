//! The control digit of a personal number, as institutions check it.

/// The weights of the control digit of a CNP.
const WEIGHTS: [u32; 12] = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

/// Whether the text has 13 digits and the last one is right.
pub(crate) fn is_cnp(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|letter| letter.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 13) else { return false };
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let control = if sum % 11 == 10 { 1 } else { sum % 11 };
    digits[12] == control
}
