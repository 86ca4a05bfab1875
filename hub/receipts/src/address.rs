//! The address of the public page as a QR code (ISO/IEC 18004, correction level M), drawn as one path.

use qrcode::{Color, EcLevel, QrCode};

use crate::sheet::Mark;
use crate::{LONGEST_ADDRESS, ReceiptError};

/// Four modules of white around the code, which readers need.
const QUIET: usize = 4;

/// Refuses an address that cannot be printed whole and read back: too long, or not printable ASCII.
pub fn checked(address: &str) -> Result<&str, ReceiptError> {
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic());
    if address.is_empty() || address.len() > LONGEST_ADDRESS || !printable {
        return Err(ReceiptError::Address { length: address.len() });
    }
    Ok(address)
}

/// The code at a corner, quiet zone included, as wide as `side`.
pub fn draw(address: &str, (x, y): (f32, f32), side: f32) -> Result<Mark, ReceiptError> {
    let code = QrCode::with_error_correction_level(checked(address)?, EcLevel::M)
        .map_err(|_| ReceiptError::Address { length: address.len() })?;
    let width = code.width();
    let module = side / (width + 2 * QUIET) as f32;
    let dark = code.into_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let corners = dark.map(|(place, _)| {
        let (column, row) = (place % width + QUIET, place / width + QUIET);
        (x + column as f32 * module, y + row as f32 * module)
    });
    Ok(Mark::Squares(corners.collect(), module))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_could_not_be_read_back_is_refused() {
        assert!(checked("https://punte.exemplu.ro/v/7K3M-9QXT").is_ok());
        for wrong in ["", "https://exemplu.ro/a b", "https://exemplu.ro/ș", &"a".repeat(LONGEST_ADDRESS + 1)] {
            assert!(matches!(checked(wrong), Err(ReceiptError::Address { length }) if length == wrong.len()));
        }
    }
}
