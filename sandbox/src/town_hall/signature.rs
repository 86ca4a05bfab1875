//! Verifying a Standard Webhooks signature.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

/// How far the sender's clock may be off, in seconds.
const TOLERANCE: u64 = 300;

/// The key out of a `whsec_…` secret.
pub(super) fn key(secret: &str) -> Option<PKey<Private>> {
    let bytes = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    if (24..=64).contains(&bytes.len()) { PKey::hmac(&bytes).ok() } else { None }
}

/// The `webhook-id`, if signature and time are right.
pub(super) fn verified(
    key: &PKey<Private>,
    headers: &HeaderMap,
    body: &[u8],
    now: i64,
) -> Result<String, &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
    let (Some(id), Some(timestamp), Some(signatures)) =
        (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"))
    else {
        return Err("Lipsesc antetele webhook-id, webhook-timestamp sau webhook-signature.");
    };
    let seconds: i64 = timestamp.parse().map_err(|_| "webhook-timestamp nu este un număr de secunde.")?;
    if now.abs_diff(seconds) > TOLERANCE {
        return Err("webhook-timestamp este prea departe de ora noastră.");
    }
    let expected = signed(key, &[format!("{id}.{timestamp}.").as_bytes(), body].concat()).unwrap_or_default();
    let right = signatures
        .split(' ')
        .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
        .any(|one| !expected.is_empty() && one.len() == expected.len() && memcmp::eq(&one, &expected));
    if right { Ok(id.to_owned()) } else { Err("Semnătura nu se potrivește cu secretul.") }
}

fn signed(key: &PKey<Private>, text: &[u8]) -> Option<Vec<u8>> {
    let mut signer = Signer::new(MessageDigest::sha256(), key).ok()?;
    signer.update(text).ok()?;
    signer.sign_to_vec().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the Standard Webhooks reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const NOW: i64 = 1_614_265_330;

    fn headers(timestamp: i64, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
        headers.insert("webhook-timestamp", timestamp.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    #[test]
    fn the_example_of_the_standard_is_accepted_and_nothing_beside_it() {
        let key = key(SECRET).unwrap();
        assert!(verified(&key, &headers(NOW, SIGNATURE), BODY, NOW + 299).is_ok());
        assert!(verified(&key, &headers(NOW, &format!("v1,AAAA v2,x {SIGNATURE}")), BODY, NOW).is_ok());
        assert!(verified(&key, &headers(NOW, SIGNATURE), BODY, NOW + 301).is_err());
        assert!(verified(&key, &headers(NOW, SIGNATURE), b"{}", NOW).is_err());
        assert!(verified(&key, &headers(NOW + 1, SIGNATURE), BODY, NOW).is_err());
        assert!(verified(&key, &headers(NOW, "v1,"), BODY, NOW).is_err());
        assert!(verified(&key, &HeaderMap::new(), BODY, NOW).is_err());
    }
}
