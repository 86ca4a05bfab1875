//! Receipts for people: a sealed evidence as one page of A4, and the story of a message as a paper for a court (PDF/A-2b).
//!
//! Pure: facts in, bytes out. It reads no file, no clock and no network, and decides nothing about truth: whoever calls it has
//! verified the evidence. The page is a rendering; the evidence is the sealed XML (ETSI EN 319 522), and the page says so.
//! Same facts, same bytes.

pub mod event;
pub mod reason;
pub mod facts;
mod words;
mod phrases;
mod law;
mod printable;
mod typeface;
mod sheet;
mod address;
mod page;
mod story;
mod paper;
pub mod register;
pub mod archive;
pub mod accesses;
pub mod reports;
pub mod conformity;

use jiff::Timestamp;

pub use event::{Event, Outcome};
pub use facts::{
    Account, Days, Deadline, Document, LogPlace, Moment, Narrative, Part, Party, Reason, Receipt, Registration, Seal,
    Service, Stamp, Standing, Transformation,
};
#[doc(hidden)]
pub use paper::Profile;
pub use words::Language;

/// Longest address that becomes a QR code which a telephone reads from paper, in bytes.
pub const LONGEST_ADDRESS: usize = 200;

/// Why a paper cannot be made. All of them are faults of the facts, except `Profile`.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// A time is not RFC 3339.
    #[error("the time {0:?} is not one of RFC 3339")]
    Time(String),
    /// The evidence is about a recipient that the message does not have.
    #[error("the evidence is about recipient {place}, but there are {recipients}")]
    NoSuchRecipient {
        /// The place it names, from 1.
        place: usize,
        /// How many there are.
        recipients: usize,
    },
    /// The verification address would not be read back from the code.
    #[error("the verification address of {length} bytes is not printable ASCII of at most {LONGEST_ADDRESS}")]
    Address {
        /// Its length in bytes.
        length: usize,
    },
    /// The facts do not fit on one page, however shortened. A test with hostile facts holds that this does not happen.
    #[error("the receipt does not fit on one page")]
    DoesNotFit,
    /// The writer refused the document as no PDF/A: a fault of this package.
    #[error("the page breaks its archive profile: {0}")]
    Profile(String),
}

/// One A4 page, PDF/A-2b.
///
/// # Errors
/// [`ReceiptError`] says which fact is wrong.
pub fn receipt(facts: &Receipt, language: Language) -> Result<Vec<u8>, ReceiptError> {
    receipt_under(Profile::Archive2b, facts, language)
}

/// The same page under another archive profile, for validators. What people get is [`receipt`].
///
/// # Errors
/// As [`receipt`].
#[doc(hidden)]
pub fn receipt_under(profile: Profile, facts: &Receipt, language: Language) -> Result<Vec<u8>, ReceiptError> {
    let at = moment(&facts.at)?;
    recipient(facts.about, &facts.recipients)?;
    let sheet = page::lay_out(facts, language)?;
    let words = language.words();
    let imprint = paper::Imprint {
        title: format!("{}: {}", words.labels.receipt, words.event(facts.event).happened),
        language: language.tag(),
        author: facts.service.name.clone(),
        id: format!("{}/{}", facts.evidence_id, language.tag()),
        at,
    };
    paper::print(&[sheet], &imprint, profile)
}

/// The story of a message for a court: as many A4 pages as it takes, PDF/A-2b.
///
/// # Errors
/// [`ReceiptError`] says which fact is wrong.
pub fn narrative(facts: &Narrative, language: Language) -> Result<Vec<u8>, ReceiptError> {
    narrative_under(Profile::Archive2b, facts, language)
}

/// The same story under another archive profile, for validators. What people get is [`narrative`].
///
/// # Errors
/// As [`narrative`].
#[doc(hidden)]
pub fn narrative_under(profile: Profile, facts: &Narrative, language: Language) -> Result<Vec<u8>, ReceiptError> {
    let sheets = story::lay_out(&story::tell(facts, language)?, language);
    let words = language.words();
    let imprint = paper::Imprint {
        title: format!("{}: {}", words.story.title, facts.message_id),
        language: language.tag(),
        author: facts.service.name.clone(),
        id: format!("{}/{}", facts.message_id, language.tag()),
        at: moment(&facts.made_at)?,
    };
    paper::print(&sheets, &imprint, profile)
}

/// The same story as plain text of UTF-8, for reading without a program for PDF. Its last lines are those `sha256sum --check` reads.
///
/// # Errors
/// As [`narrative`].
pub fn narrative_text(facts: &Narrative, language: Language) -> Result<String, ReceiptError> {
    Ok(story::as_text(&story::tell(facts, language)?))
}

fn moment(given: &Moment) -> Result<Timestamp, ReceiptError> {
    given.utc.parse().map_err(|_| ReceiptError::Time(given.utc.clone()))
}

/// The recipient at a place from 1, where one is named.
fn recipient(place: Option<usize>, recipients: &[Party]) -> Result<Option<&Party>, ReceiptError> {
    let Some(place) = place else { return Ok(None) };
    let found = place.checked_sub(1).and_then(|index| recipients.get(index));
    found.map(Some).ok_or(ReceiptError::NoSuchRecipient { place, recipients: recipients.len() })
}
