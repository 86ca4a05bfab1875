//! The compact form: read strictly, judged by one key, and written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use serde_json::{Map, Value, json};

use super::json;
use super::key::Key;

/// Longest token, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// Members of a header that bring keys along, or change what is signed. A token that has one is refused, whatever its
/// value (RFC 8725, sections 2.9 and 3.10).
const REFUSED: [&str; 8] = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"];

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is longer than anybody needs.
    #[error("the token is longer than {LONGEST} bytes")]
    TooLong,
    /// It is no compact JWS.
    #[error("the token is no compact JWS: {0}")]
    Malformed(String),
    /// Its header has a member that is never honoured.
    #[error("the header of the token has {0}, which is never honoured")]
    Header(&'static str),
    /// It names another algorithm than the key's.
    #[error("the token is signed with {0}, which is not the algorithm of the key")]
    Algorithm(String),
    /// It is not signed by the key.
    #[error("the signature is not that of the key")]
    Signature,
}

/// A token taken apart; nothing in it is believed yet.
#[derive(Debug, Clone)]
pub struct Compact<'a> {
    /// What is signed.
    signed: &'a [u8],
    signature: Vec<u8>,
    algorithm: String,
    /// The id of the key it names.
    pub key: Option<String>,
    /// Its kind (`at+jwt`, `JWT`), in small letters, without `application/`.
    pub kind: Option<String>,
    claims: Map<String, Value>,
}

impl<'a> Compact<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// It is no compact JWS with a JSON object in it.
    pub fn read(token: &'a str) -> Result<Self, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        let malformed = |what: &str| Refused::Malformed(what.to_owned());
        let (signed, signature) = token.rsplit_once('.').ok_or_else(|| malformed("it has no parts"))?;
        let (header, claims) = signed.split_once('.').ok_or_else(|| malformed("it has two parts"))?;
        // A further point would be no base64url.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("a part is no base64url"));
        let read = |part: &str| json::object(&decode(part)?).map_err(|error| Refused::Malformed(error.to_string()));
        let header = read(header)?;
        if let Some(name) = REFUSED.into_iter().find(|name| header.contains_key(*name)) {
            return Err(Refused::Header(name));
        }
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= 128 => Ok(Some(text.clone())),
            Some(_) => Err(malformed("alg, kid or typ is no short text")),
        };
        let kind = text("typ")?.map(|kind| kind.to_ascii_lowercase());
        Ok(Self {
            signed: signed.as_bytes(),
            signature: decode(signature)?,
            algorithm: text("alg")?.ok_or_else(|| malformed("alg is missing"))?,
            key: text("kid")?,
            kind: kind.map(|kind| kind.strip_prefix("application/").map_or(kind.clone(), str::to_owned)),
            claims: read(claims)?,
        })
    }

    /// The claims, not believed yet: for finding out whose key must have signed them.
    #[must_use]
    pub fn unverified(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, if this key signed them.
    ///
    /// # Errors
    /// Another algorithm, or another key.
    pub fn verified(self, key: &Key) -> Result<Map<String, Value>, Refused> {
        if self.algorithm != key.algorithm.as_str() {
            return Err(Refused::Algorithm(self.algorithm));
        }
        if !key.verifies(self.signed, &self.signature) {
            return Err(Refused::Signature);
        }
        Ok(self.claims)
    }
}

/// Signs claims with a key on P-256 (ES256).
///
/// # Errors
/// OpenSSL cannot sign with this key.
pub fn sign(
    (kind, key_id): (&str, &str),
    claims: &Value,
    key: &PKey<Private>,
) -> Result<String, openssl::error::ErrorStack> {
    let header = json!({"alg": "ES256", "typ": kind, "kid": key_id});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let key = key.ec_key()?;
    let signature = EcdsaSig::sign(&sha256(signed.as_bytes()), &key)?;
    let (r, s) = (signature.r().to_vec_padded(32)?, signature.s().to_vec_padded(32)?);
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode([r, s].concat())))
}

#[cfg(test)]
mod tests {
    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;
    use proptest::prelude::*;

    use super::*;

    fn signer() -> (PKey<Private>, Key) {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let public = Key::of_p256("k".to_owned(), &key).unwrap();
        (key, public)
    }

    #[test]
    fn a_token_is_read_as_it_was_signed_and_a_changed_one_is_not() {
        let (private, public) = signer();
        let token = sign(("at+jwt", "k"), &json!({"sub": "spas"}), &private).unwrap();
        let compact = Compact::read(&token).unwrap();
        assert_eq!((compact.kind.as_deref(), compact.key.as_deref()), (Some("at+jwt"), Some("k")));
        assert_eq!(compact.verified(&public).unwrap()["sub"], "spas");
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            let verdict = Compact::read(&other).and_then(|compact| compact.verified(&public));
            assert!(verdict.is_err(), "place {at}");
        }
        assert!(Compact::read(&token).unwrap().verified(&signer().1).is_err(), "another key");
    }

    #[test]
    fn the_example_of_the_standard_verifies() {
        // RFC 7515, appendix A.3.
        let key = super::super::keys(br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#);
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        assert_eq!(Compact::read(token).unwrap().verified(&key.unwrap()[0]).unwrap()["iss"], "joe");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,200}", parts in proptest::collection::vec("[A-Za-z0-9_-]{0,80}", 0..5)) {
            let _ = Compact::read(&text);
            let (_, public) = signer();
            if let Ok(compact) = Compact::read(&parts.join(".")) {
                prop_assert!(compact.verified(&public).is_err());
            }
        }
    }
}
