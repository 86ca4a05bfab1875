//! Who may transmit: a town hall, with its SIRUTA code and the token of its administrator, by HTTP Basic or in the header
//! block `ranAuthentication`, which goes first where both are there (sheet E2, published server).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::codes::Problem;
use super::nomenclature;
use crate::soap::{Envelope, child_text};

/// The UAT that calls. The token of the twin's accounts is `jeton-<siruta>`.
pub(super) fn caller(envelope: &Envelope<'_>, authorization: Option<&str>) -> Result<u32, Problem> {
    if let Some(block) = envelope.block("ranAuthentication") {
        let wanted = |name: &str| child_text(block, name).ok_or_else(|| Problem::new("REQ-VAL-ERROR-1", &[name]));
        return known(&wanted("username")?, &wanted("password")?);
    }
    let said = authorization.and_then(|value| value.strip_prefix("Basic "));
    let said = said.ok_or_else(|| Problem::new("REQ-VAL-ERROR-17", &[]))?;
    let decoded = STANDARD.decode(said.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let (user, token) = decoded.split_once(':').ok_or_else(|| Problem::new("WS-AUTH-2", &[]))?;
    known(user, token)
}

fn known(user: &str, token: &str) -> Result<u32, Problem> {
    let siruta: u32 = user.parse().map_err(|_| Problem::new("WS-AUTH-0", &[user]))?;
    if nomenclature::place(siruta).is_none() {
        return Err(Problem::new("WS-AUTH-0", &[user]));
    }
    if !nomenclature::is_uat(siruta) {
        return Err(Problem::new("WS-AUTH-4", &[user]));
    }
    if token == format!("jeton-{siruta}") { Ok(siruta) } else { Err(Problem::new("WS-AUTH-2", &[])) }
}
