//! What goes: a package in `out/`, under a name that follows from the idempotency key.
//!
//! Without confirmations a package that is durable in the recipient's own folder is delivered, and its name is the
//! receipt: sending again makes no second file. With confirmations it is delivered when the recipient's program says so,
//! and until then the hub asks.

use std::sync::Arc;

use async_trait::async_trait;
use connectors_contract::{Attempt, Consignment, Exchange, Inquiry, Outbound, Outcome, SideEffect};
use connectors_drop::{PackError, outgoing_name, pack};
use tokio::time::Instant;

use crate::confirmation;
use crate::engine::Site;
use crate::place::{Place, PlaceError};
use crate::sending::{Months, appear, is_sent, prepare};
use crate::work::{OUT, prepare_sendings};

/// Delivers into one folder.
pub(crate) struct FolderOutbound {
    site: Arc<Site>,
}

/// Up to where a sending came.
enum Came {
    /// It is in the folder.
    There,
    /// It certainly is not.
    Nowhere(PlaceError),
    /// The last step was asked for and its answer was lost.
    Unsure(PlaceError),
}

impl FolderOutbound {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self { site }
    }

    async fn send(&self, consignment: &Consignment) -> (Outcome, Option<[u8; 32]>) {
        let (name, limit) = (outgoing_name(&consignment.idempotency_key), self.site.settings.most_bytes() as u64);
        let packing = consignment.clone();
        let packed = match tokio::task::spawn_blocking(move || pack(&packing, limit)).await {
            Ok(Ok(packed)) => packed,
            Ok(Err(error)) => return (unpacked(&error), None),
            Err(stopped) => return (Outcome::Unavailable { reason: stopped.to_string(), retry_after: None }, None),
        };
        let (bytes, months, sent) = (packed.bytes, self.months(), name.clone());
        let visit = self.site.visit(move |_, place| {
            let prepared = prepare_sendings(place).and_then(|()| prepare(place, &months, &sent, &bytes));
            Ok(match prepared {
                Err(error) => Came::Nowhere(error),
                Ok(()) => match appear(place, &sent) {
                    Ok(_) => Came::There,
                    Err(error @ PlaceError::Cut { .. }) => Came::Unsure(error),
                    Err(error) => Came::Nowhere(error),
                },
            })
        });
        let outcome = match visit.await.unwrap_or_else(Came::Nowhere) {
            Came::There => self.arrived(&name),
            Came::Nowhere(error) => Outcome::Unavailable { reason: error.to_string(), retry_after: None },
            Came::Unsure(error) => Outcome::Unknown { reason: error.to_string() },
        };
        (outcome, Some(packed.sha256))
    }

    fn arrived(&self, name: &str) -> Outcome {
        match &self.site.settings.confirmations {
            None => Outcome::Delivered { receipt: Some(format!("{OUT}/{name}")) },
            Some(folder) => Outcome::Unknown {
                reason: format!(
                    "pachetul {name} este în dosarul destinatarului; se așteaptă răspunsul lui în {folder}/"
                ),
            },
        }
    }

    fn months(&self) -> Months {
        let now = jiff::Timestamp::from_second(self.site.now()).unwrap_or_default();
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let last = today.first_of_month().yesterday().unwrap_or(today);
        let shown = |date: jiff::civil::Date| format!("{:04}-{:02}", date.year(), date.month());
        Months { this: shown(today), last: shown(last) }
    }
}

#[async_trait]
impl Outbound for FolderOutbound {
    fn side_effect(&self) -> SideEffect {
        self.site.side_effect
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        let started = Instant::now();
        let (outcome, sent_sha256) = self.send(consignment).await;
        Attempt { outcome, exchange: Exchange { status: None, sent_sha256, took: started.elapsed() } }
    }

    async fn inquire(&self, consignment: &Consignment) -> Inquiry {
        let (name, months) = (outgoing_name(&consignment.idempotency_key), self.months());
        let confirmations = self.site.settings.confirmations.clone();
        let visit = self.site.visit(move |_, place| {
            prepare_sendings(place)?;
            if let Some(folder) = confirmations {
                let stem = name.trim_end_matches(".zip");
                match place.read(&format!("{folder}/{stem}.json"), 0, confirmation::MOST_BYTES) {
                    Ok(content) => return Ok(confirmation::read(&content)),
                    Err(PlaceError::NotThere { .. }) => {}
                    Err(error) => return Err(error),
                }
            } else if is_sent(place, &months, &name)? {
                appear(place, &name)?;
                return Ok(Inquiry::Present { receipt: Some(format!("{OUT}/{name}")) });
            }
            unconfirmed(place, &months, &name)
        });
        let unanswered = |error: PlaceError| Inquiry::Unanswered { reason: error.to_string(), retry_after: None };
        visit.await.unwrap_or_else(unanswered)
    }
}

/// What is known of a package nobody confirmed.
fn unconfirmed(place: &mut dyn Place, months: &Months, name: &str) -> Result<Inquiry, PlaceError> {
    if !is_sent(place, months, name)? {
        return Ok(Inquiry::Absent);
    }
    // A sending that fell before its last step is finished here.
    appear(place, name)?;
    let reason = match place.size(&format!("{OUT}/{name}")) {
        Ok(_) => "pachetul așteaptă în dosarul destinatarului, nu a fost încă ridicat",
        Err(PlaceError::NotThere { .. }) => "pachetul a fost ridicat, dar destinatarul nu l-a confirmat încă",
        Err(error) => return Err(error),
    };
    Ok(Inquiry::Unanswered { reason: reason.to_owned(), retry_after: None })
}

/// A part that cannot be read now may be read later; the rest no second try mends.
fn unpacked(error: &PackError) -> Outcome {
    match error {
        PackError::Read { .. } => Outcome::Unavailable { reason: error.to_string(), retry_after: None },
        PackError::TooLarge { .. } | PackError::Changed { .. } | PackError::Name { .. } => {
            Outcome::Refused { code: "connector.unsendable".to_owned(), reason: error.to_string() }
        }
    }
}
