//! Seals what is said of a series.

use hub_proofs::register_proof::{Document, Nature, Series, Standing};
use hub_signatures::xades;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::seal::Seal;

/// A sealed document.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The XML.
    pub document: String,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Seals a statement or a closing act over a series as it stands.
///
/// # Errors
/// The seal cannot be made, or may not be used at this moment.
pub fn seal(
    seal: &Seal,
    (id, at): (Uuid, Timestamp),
    nature: Nature,
    series: &Series,
    standing: Standing,
) -> Result<Sealed, DbError> {
    let unsealed = |cause: String| DbError::Unavailable(format!("the register cannot be sealed: {cause}"));
    if let Some(halt) = seal.unfit_at(at) {
        return Err(unsealed(halt.in_english().to_owned()));
    }
    let document = Document {
        id: id.to_string(),
        nature,
        service: seal.issuer.name.clone(),
        at: at.to_utc(),
        series: series.clone(),
        standing,
    };
    let body = document.write().map_err(|error| unsealed(error.to_string()))?;
    let document = xades::seal(&body, &*seal.signer(), &at.to_utc()).map_err(|error| unsealed(error.to_string()))?;
    Ok(Sealed { sha256: sha256(document.as_bytes()), document })
}
