//! Tokens as JWT signed with RS512, with the claims a third party saw live.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use serde_json::{Value, json};

pub(super) struct Signer {
    key: PKey<Private>,
}

impl Signer {
    pub(super) fn new() -> Result<Self, ErrorStack> {
        Ok(Self { key: PKey::from_rsa(Rsa::generate(2048)?)? })
    }

    /// A token that lives from its first to its second moment. The number makes it differ from every other one.
    pub(super) fn token(&self, client: &str, serial: &str, (from, until): (i64, i64), number: u64) -> String {
        let header = json!({ "kid": "anaf_demo", "alg": "RS512" });
        let claims = json!({
            "token_type": "Bearer", "iss": "https://logincert.anaf.ro", "iat": from, "nbf": from, "exp": until,
            "scope": "clientappid info issuer role serial", "role": ["EFACTURA", "ETRANSPORT", "SRV_EFACTURA", "HELLO"],
            "clientappid": client, "serial": serial, "jti": number.to_string(),
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = openssl::sign::Signer::new(MessageDigest::sha512(), &self.key)
            .and_then(|mut signer| signer.sign_oneshot_to_vec(signed.as_bytes()))
            .expect("an RSA key of 2048 bits signs SHA-512");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(super) fn public_key_pem(&self) -> String {
        let pem = self.key.public_key_to_pem().expect("an RSA key has a public part");
        String::from_utf8(pem).expect("PEM is ASCII")
    }
}
