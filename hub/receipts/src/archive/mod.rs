//! Papers of the archive (Law 16/1996): the inventory with the columns of annex 2, the minutes of the hand-over, the minutes
//! of the selection commission, and the proof of destruction. As many A4 pages as they take, PDF/A-2b.
//!
//! Pure: facts in, bytes out; same facts, same bytes. They are Romanian: the law prescribes their words. What is sealed is the
//! XML beside the proof; the paper is a rendering of it, and says so.

mod facts;
pub(crate) mod forms;
pub(crate) mod pages;

use crate::paper::{Imprint, Profile, print};
use crate::{ReceiptError, moment};

pub use facts::{Destruction, HandOver, Inventory, Line, Member, Selected, Selection};

use facts::Made;
use forms::Form;

/// The inventory of dossiers: annex 2, closing text and signatures included.
///
/// # Errors
/// A time is not one.
pub fn inventory(facts: &Inventory, made: &crate::Moment) -> Result<Vec<u8>, ReceiptError> {
    printed(&forms::inventory(facts), &Made { id: &facts.id, institution: &facts.institution, at: made })
}

/// The minutes of the hand-over between unit and archive.
///
/// # Errors
/// A time is not one.
pub fn hand_over(facts: &HandOver, made: &crate::Moment) -> Result<Vec<u8>, ReceiptError> {
    printed(&forms::hand_over(facts), &Made { id: &facts.id, institution: &facts.institution, at: made })
}

/// The minutes of the selection commission.
///
/// # Errors
/// A time is not one.
pub fn selection(facts: &Selection, made: &crate::Moment) -> Result<Vec<u8>, ReceiptError> {
    printed(&forms::selection(facts), &Made { id: &facts.id, institution: &facts.institution, at: made })
}

/// The proof of destruction.
///
/// # Errors
/// A time is not one.
pub fn destruction(facts: &Destruction, made: &crate::Moment) -> Result<Vec<u8>, ReceiptError> {
    printed(&forms::destruction(facts), &Made { id: &facts.id, institution: &facts.institution, at: made })
}

fn printed(form: &Form, made: &Made<'_>) -> Result<Vec<u8>, ReceiptError> {
    let imprint = Imprint {
        title: form.title.clone(),
        language: "ro",
        author: made.institution.to_owned(),
        id: format!("{}/{}", made.id, form.kind),
        at: moment(made.at)?,
    };
    print(&pages::lay_out(form), &imprint, Profile::Archive2b)
}
