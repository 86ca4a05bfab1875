//! Amounts with up to six decimals, added without rounding.

/// An amount in millionths, so that sums of an invoice are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount(i128);

impl Amount {
    pub(super) const ZERO: Self = Self(0);

    /// Reads `-123.45`; nothing when it is not a number like that.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 18 || part.len() > 6 || !plain(whole) || !plain(part) {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let part: i128 = if part.is_empty() { 0 } else { format!("{part:0<6}").parse().ok()? };
        Some(Self(sign * (whole * 1_000_000 + part)))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn amounts_are_exact() {
        let read = |text| Amount::read(text).unwrap();
        assert_eq!(read("0.1").plus(read("0.2")), read("0.30"));
        assert_eq!(read("-1").plus(read("1.000000")), Amount::ZERO);
        for bad in ["", "a", "1,5", "--1", "1e3", "1.1234567"] {
            assert_eq!(Amount::read(bad), None, "{bad}");
        }
    }
}
