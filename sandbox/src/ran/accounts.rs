//! Who may transmit: a town hall, by HTTP Basic with its SIRUTA code and the token of its administrator (sheet E2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::codes::Problem;
use super::nomenclature;

/// The UAT that calls. The token of the twin's accounts is `jeton-<siruta>`.
pub(super) fn caller(authorization: Option<&str>) -> Result<u32, Problem> {
    let said = authorization.and_then(|value| value.strip_prefix("Basic "));
    let said = said.ok_or_else(|| Problem::new("REQ-VAL-ERROR-17", &[]))?;
    let decoded = STANDARD.decode(said.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let wrong = || Problem::new("WS-AUTH-2", &[]);
    let (user, token) = decoded.split_once(':').ok_or_else(wrong)?;
    let siruta: u32 = user.parse().map_err(|_| Problem::new("WS-AUTH-0", &[user]))?;
    if nomenclature::place(siruta).is_none() {
        return Err(Problem::new("WS-AUTH-0", &[user]));
    }
    if !nomenclature::is_uat(siruta) {
        return Err(Problem::new("WS-AUTH-4", &[user]));
    }
    if token == format!("jeton-{siruta}") { Ok(siruta) } else { Err(wrong()) }
}
