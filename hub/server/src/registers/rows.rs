//! A row of a register as people read it.

use hub_flow::clock::Timestamp;
use hub_flow::extract::Row;
use hub_flow::registration::{self, Status};
use hub_register_files::{Direction, Record, State};
use jiff::civil::Date;

use super::Source;

/// The row as files and paper show it.
#[must_use]
pub fn record(source: &Source, party: &str, row: &Row) -> Record {
    let particulars = &row.particulars;
    let other = row
        .correspondent
        .clone()
        .or_else(|| (!row.counterpart.is_empty()).then(|| source.institution(&row.counterpart)));
    let house = Some(source.institution(party));
    let direction = match row.direction {
        registration::Direction::In => Direction::In,
        registration::Direction::Out => Direction::Out,
        registration::Direction::Internal => Direction::Internal,
    };
    let (state, reason) = match (&row.annulled, row.status) {
        (Some((reason, true)), _) => (State::Struck, Some(reason.clone())),
        (Some((reason, false)), _) => (State::Annulled, Some(reason.clone())),
        (None, Status::Reserved) => (State::Reserved, None),
        (None, _) => (State::Used, None),
    };
    let has_document = state != State::Reserved && state != State::Struck;
    let (issuer, addressee) = match direction {
        _ if !has_document => (None, None),
        Direction::In => (other, None),
        Direction::Out => (house, other),
        Direction::Internal => (house, other),
    };
    // What came has the issuer's number; of what left, the addressee's number is in the hub and on the receipt.
    let theirs = row.counterpart_registration.as_ref().filter(|_| direction == Direction::In);
    Record {
        number: row.shown.clone(),
        date: civil(row.recorded_at),
        direction,
        issuer_number: particulars.external_number.clone().or_else(|| theirs.map(|held| held.number.clone())),
        issuer_date: particulars.external_date.or_else(|| theirs.and_then(|held| held.date.parse().ok())),
        pages: particulars.pages,
        annexes: particulars.annexes,
        issuer,
        subject: particulars.subject.clone(),
        unit: particulars.unit.clone(),
        sent: particulars.dispatched_on,
        resolution: particulars.resolution.clone(),
        addressee,
        connected: (!row.connected.is_empty()).then(|| row.connected.join(", ")),
        file_code: particulars.dossier_code.clone(),
        state,
        reason: reason.filter(|reason| !reason.is_empty()),
        others: Vec::new(),
    }
}

fn civil(at: Timestamp) -> Date {
    at.romanian_date()
}
