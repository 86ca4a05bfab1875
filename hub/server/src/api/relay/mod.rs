//! `/v1/relay`: what other delivery services hand over here, and what they tell of what was handed to them.

pub mod dispatch;
pub mod evidence;

use axum::extract::{FromRequest as _, Multipart, Request};
use bytes::Bytes;

use crate::problems;

use super::App;
use super::messages::receive::{malformed, next, small};
use super::problem::Problem;
use crate::api::door::Door;

/// The doors of partner services.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/relay", dispatch::dispatch)
        .carrying("multipart/form-data")
        .post("/v1/relay/evidence", evidence::tell)
        .carrying("multipart/form-data")
}

/// Evidence one message may bring.
const MOST_EVIDENCE: usize = 32;

/// The form with its first field, the sealed metadata.
async fn metadata(app: &App, request: Request) -> Result<(Bytes, Multipart), Problem> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| {
        malformed(format!("Formularul nu poate fi citit: {error}"), format!("The form cannot be read: {error}"))
    })?;
    let first = next(app, &mut form).await?.filter(|field| field.name() == Some("metadata"));
    let Some(first) = first else {
        return Err(malformed(
            "Prima parte a formularului trebuie să fie „metadata”, cu metadatele releului",
            "The first field of the form must be \"metadata\", with the relay metadata",
        ));
    };
    let document = small(app, first).await?;
    Ok((document, form))
}

fn not_a_service() -> Problem {
    Problem::of(&problems::FORBIDDEN).detail(
        "Doar un serviciu partener din director (kind = \"erds\") poate folosi releul",
        "Only a partner service of the directory (kind = \"erds\") may relay",
    )
}

fn too_much() -> Problem {
    malformed(
        format!("Un mesaj poate aduce cel mult {MOST_EVIDENCE} de dovezi"),
        format!("A message may bring at most {MOST_EVIDENCE} evidences"),
    )
}
