//! Fiscal codes: the check digit of a CUI.

/// The weights of the nine digits before the check digit.
const WEIGHTS: [u32; 9] = [7, 5, 3, 2, 1, 7, 5, 3, 2];

/// Whether the digits are a CUI with a right check digit.
pub(super) fn is_valid(code: &str) -> bool {
    let digits: Option<Vec<u32>> = code.chars().map(|one| one.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (2..=10).contains(&digits.len()) && digits[0] != 0) else { return false };
    let Some((check, rest)) = digits.split_last() else { return false };
    let offset = WEIGHTS.len() - rest.len();
    let sum: u32 = rest.iter().zip(&WEIGHTS[offset..]).map(|(digit, weight)| digit * weight).sum();
    sum * 10 % 11 % 10 == *check
}

/// The code without the mark of a VAT payer.
pub(super) fn bare(code: &str) -> &str {
    let code = code.trim();
    code.strip_prefix("RO").or_else(|| code.strip_prefix("ro")).unwrap_or(code).trim()
}

#[cfg(test)]
mod tests {
    use super::{bare, is_valid};

    #[test]
    fn the_check_digit_of_a_cui_is_computed() {
        for good in ["8000000000", "90000006", "90000014", "90000022", "1090", "12345674"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["8000000001", "12345678", "99999999", "0", "", "RO18547290", "12345678901"] {
            assert!(!is_valid(bad), "{bad}");
        }
        assert_eq!(bare(" RO90000006 "), "90000006");
    }
}
