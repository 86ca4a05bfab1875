//! Signatures of version 4 (AWS Signature Version 4, service `s3`, one chunk).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::sign::Signer;
use secrecy::ExposeSecret as _;
use url::Url;

use super::S3Place;
use super::calls::Call;

/// A call ready to be sent.
pub(super) struct Signed {
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
}

/// Signs a call whose body has the digest.
pub(super) fn sign(place: &S3Place, call: &Call<'_>, digest: &[u8; 32], now: Timestamp) -> Signed {
    let path = match call.key {
        Some(key) => format!("/{}/{}{key}", place.bucket, place.prefix),
        None => format!("/{}", place.bucket),
    };
    let path = path.split('/').map(encode).collect::<Vec<_>>().join("/");
    let mut pairs: Vec<String> =
        call.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.sort_unstable();
    let query = pairs.join("&");
    let mut url = place.endpoint.clone();
    url.set_path(&path);
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));

    let at = now.to_zoned(TimeZone::UTC);
    let (day, moment) = (at.strftime("%Y%m%d").to_string(), at.strftime("%Y%m%dT%H%M%SZ").to_string());
    let mut headers = call.headers.clone();
    headers.push(("host", authority(&url)));
    headers.push(("x-amz-content-sha256", hex::encode(digest)));
    headers.push(("x-amz-date", moment.clone()));
    headers.sort_unstable();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let canonical = format!("{}\n{path}\n{query}\n{lines}\n{names}\n{}", call.method, hex::encode(digest));
    let scope = format!("{day}/{}/s3/aws4_request", place.region);
    let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hex::encode(sha256(canonical.as_bytes())));
    let secret = format!("AWS4{}", place.secret_key.expose_secret());
    let key = [day.as_str(), &place.region, "s3", "aws4_request"]
        .into_iter()
        .fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()));
    let signature = hex::encode(mac(&key, text.as_bytes()));
    let credential = format!("{}/{scope}", place.access_key);
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
    headers.retain(|(name, _)| *name != "host");
    headers.push(("authorization", authorization));
    Signed { url, headers }
}

/// The host as the client writes it: with its port where that is not the scheme's own.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Percent-encoding of everything but A-Z, a-z, 0-9 and `-._~`.
fn encode(text: &str) -> String {
    let letter = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(letter).collect()
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    const WHY: &str = "HMAC with SHA-256 takes any key and any bytes";
    let key = PKey::hmac(key).expect(WHY);
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect(WHY);
    signer.sign_oneshot_to_vec(bytes).expect(WHY)
}
