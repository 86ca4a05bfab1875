//! The folders of a channel.

use crate::place::{Place, PlaceError};

/// Where a town hall puts packages.
pub(crate) const IN: &str = "in";
/// Where they are while the hub has them in hand.
pub(crate) const CLAIMED: &str = "in/.work";
/// Where a town hall finds what was sent to it.
pub(crate) const OUT: &str = "out";
/// Where packages grow before they appear.
pub(crate) const GROWING: &str = "out/.work";
/// What was sent, by month: an empty file for each package that was whole.
pub(crate) const SENT: &str = "out/.sent";
/// Where answers are put.
pub(crate) const VERDICTS: &str = "verdicts";
/// Where packages go that were taken.
pub(crate) const DONE: &str = "done";
/// Where packages go that were not.
pub(crate) const REJECTED: &str = "rejected";

/// Makes what an arrival needs, if the folder is the right one.
pub(crate) fn prepare_arrivals(place: &mut dyn Place) -> Result<(), PlaceError> {
    expect(place, IN)?;
    make(place, &[CLAIMED, VERDICTS, DONE, REJECTED])
}

/// Makes what a sending needs, if the folder is the right one.
pub(crate) fn prepare_sendings(place: &mut dyn Place) -> Result<(), PlaceError> {
    expect(place, OUT)?;
    make(place, &[GROWING, SENT])
}

/// `in` and `out` are made by people, once. A share that is not mounted has neither, and must not be written to as if it
/// were there.
fn expect(place: &mut dyn Place, folder: &str) -> Result<(), PlaceError> {
    if place.is_folder(folder)? {
        return Ok(());
    }
    Err(PlaceError::Unreachable {
        reason: format!("dosarul {folder} al canalului nu există; verificați dacă locul este montat sau creați-l"),
    })
}

fn make(place: &mut dyn Place, folders: &[&str]) -> Result<(), PlaceError> {
    for folder in folders {
        place.make_folder(folder)?;
        // A link in place of a folder would lead what is written somewhere else.
        if !place.is_folder(folder)? {
            return Err(PlaceError::Failed { path: (*folder).to_owned(), reason: "nu este un dosar".to_owned() });
        }
    }
    Ok(())
}
