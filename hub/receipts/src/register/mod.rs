//! The register on paper: A4 across, the 13 columns of the Instructions of the National Archives 217/1996, art. 9, and the
//! act that closes a year. In Romanian only: it is the register of a Romanian institution.
//!
//! Pure, as every paper here. What does not fit in a cell ends in an ellipsis; the register itself is in the hub.

mod facts;
mod columns;
mod table;
mod closing;

pub use facts::{ClosingAct, ClosingNote, Mark, Print, Row};

use crate::paper::{self, Imprint, Profile};
use crate::sheet::{HEIGHT, WIDTH};
use crate::{Language, ReceiptError, moment};

/// Most rows of one file: what a reader of PDF opens without waiting. More is printed in volumes.
pub const MOST_ROWS: usize = 20_000;

/// The register, PDF/A-2b, as many pages as it takes.
///
/// # Errors
/// [`ReceiptError`] says which fact is wrong.
pub fn print(facts: &Print) -> Result<Vec<u8>, ReceiptError> {
    print_under(Profile::Archive2b, facts)
}

/// The same register under another archive profile, for validators. What people get is [`print`].
///
/// # Errors
/// As [`print`].
#[doc(hidden)]
pub fn print_under(profile: Profile, facts: &Print) -> Result<Vec<u8>, ReceiptError> {
    let sheets = table::lay_out(facts);
    let imprint = Imprint {
        title: format!("{}, {}: {}", facts.register, facts.year, facts.institution),
        language: Language::Romanian.tag(),
        author: facts.service.clone(),
        id: format!("{}/{}/{}/{}", facts.party, facts.register_id, facts.year, facts.span),
        at: moment(&facts.made_at)?,
    };
    paper::print_of_size(&sheets, (HEIGHT, WIDTH), &imprint, profile)
}

/// The act that closed a year of a register, one page of A4, PDF/A-2b.
///
/// # Errors
/// [`ReceiptError`] says which fact is wrong.
pub fn closing_act(facts: &ClosingAct) -> Result<Vec<u8>, ReceiptError> {
    let imprint = Imprint {
        title: format!("Act de închidere: {}, {}", facts.register, facts.year),
        language: Language::Romanian.tag(),
        author: facts.service.clone(),
        id: facts.id.clone(),
        at: moment(&facts.at)?,
    };
    paper::print(&[closing::lay_out(facts)], &imprint, Profile::Archive2b)
}
