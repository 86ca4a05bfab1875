//! Puts a package into `out/`, once.
//!
//! It grows in `out/.work`. When it is whole, an empty marker of its name is made in `out/.sent/<month>`, and only then it
//! is renamed into `out/`. A second sending that finds the marker finishes the rename if the package is still where it
//! grew, and otherwise knows that it was there already, even if the recipient has taken it away since.

use crate::place::{Place, PlaceError};
use crate::work::{GROWING, OUT, SENT};

/// What a sending did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// The package appeared now.
    Now,
    /// It had appeared before.
    Before,
}

/// A month and the one before it, as `2026-11`.
pub(crate) struct Months {
    /// The present one.
    pub this: String,
    /// The one before. Deliveries are given up after days, so no older marker is asked for.
    pub last: String,
}

/// Whether a package of this name has been whole.
pub(crate) fn is_sent(place: &mut dyn Place, months: &Months, name: &str) -> Result<bool, PlaceError> {
    for month in [&months.this, &months.last] {
        match place.size(&format!("{SENT}/{month}/{name}")) {
            Ok(_) => return Ok(true),
            Err(PlaceError::NotThere { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Makes a package whole, up to the last step.
pub(crate) fn prepare(place: &mut dyn Place, months: &Months, name: &str, content: &[u8]) -> Result<(), PlaceError> {
    if is_sent(place, months, name)? {
        return Ok(());
    }
    place.write(&format!("{GROWING}/{name}"), content)?;
    if place.make_folder(&format!("{SENT}/{}", months.this))? {
        forget_older(place, months)?;
    }
    place.write(&format!("{SENT}/{}/{name}", months.this), b"")
}

/// The last step: it appears.
pub(crate) fn appear(place: &mut dyn Place, name: &str) -> Result<Put, PlaceError> {
    match place.rename(&format!("{GROWING}/{name}"), &format!("{OUT}/{name}")) {
        Ok(()) => Ok(Put::Now),
        Err(PlaceError::NotThere { .. }) => Ok(Put::Before),
        Err(error) => Err(error),
    }
}

/// Once a month, the markers of the months before are removed, so that they do not grow without end.
fn forget_older(place: &mut dyn Place, months: &Months) -> Result<(), PlaceError> {
    for month in place.folders(SENT)? {
        if month >= months.last {
            continue;
        }
        for marker in place.list(&format!("{SENT}/{month}"), 100_000)? {
            place.remove(&format!("{SENT}/{month}/{}", marker.name))?;
        }
        place.remove_folder(&format!("{SENT}/{month}"))?;
    }
    Ok(())
}
