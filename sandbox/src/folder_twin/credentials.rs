//! Whether a request carries what the manifest says it carries.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors_contract::manifest::Auth;
use openssl::memcmp;

/// Compares the credentials with the secret of the channel.
pub(super) fn check(auth: &Auth, secret: &str, headers: &HeaderMap) -> Result<(), &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wanted = match auth {
        Auth::None => return Ok(()),
        Auth::Bearer => ("authorization", format!("Bearer {secret}")),
        Auth::Basic { user: Some(user) } => ("authorization", basic(&format!("{user}:{secret}"))),
        Auth::Basic { user: None } => ("authorization", basic(secret)),
        Auth::Header { name } => (name.as_str(), secret.to_owned()),
        // The signature is checked by the twin of a town hall; here its presence is.
        Auth::StandardWebhooks if !header("webhook-signature").is_empty() => return Ok(()),
        Auth::StandardWebhooks => return Err("Lipsește semnătura webhook."),
    };
    let (name, value) = wanted;
    let given = header(name);
    if given.len() == value.len() && memcmp::eq(given.as_bytes(), value.as_bytes()) {
        Ok(())
    } else {
        Err("Datele de autentificare lipsesc sau nu sunt cele din canal.")
    }
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}
