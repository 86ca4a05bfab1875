//! What is asked for, read strictly: a public key or a certificate becomes what is compared later.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_flow::authorization::{Permission, PermissionSet};
use hub_flow::clock::Timestamp;
use hub_flow::credentials::{Kind, Proof, Secret};
use hub_flow::message::CredentialId;
use hub_signatures::jws;
use openssl::x509::X509;
use serde::Deserialize;
use serde_json::Value;

use crate::api::App;
use crate::api::problem::Problem;
use crate::problems;
use crate::tls::ClientCertificate;

/// Days a credential lives where nothing is said.
const LIFE_DAYS: u32 = 365;
/// The longest life, in days.
const LONGEST_DAYS: u32 = 730;

/// What a client gives of itself.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Material {
    /// `client_key`: a JSON Web Key, or a set with one key in it.
    pub public_key: Option<Value>,
    /// `certificate`: the certificate, PEM.
    pub certificate: Option<String>,
    /// `certificate`: its SHA-256 (of the whole in DER) in hexadecimal, instead of it.
    pub certificate_sha256: Option<String>,
    /// `certificate`: SHA-256 of its public key (SubjectPublicKeyInfo in DER) in hexadecimal, instead of it.
    pub public_key_sha256: Option<String>,
    /// `certificate`: bind the public key of the certificate rather than the certificate, so that it may be renewed.
    pub bind_public_key: bool,
}

/// What is kept of it, and what is shown once.
pub(super) struct Made {
    pub proof: Proof,
    pub public_key: Option<String>,
    pub secret: Option<String>,
    /// A certificate ends with its own time.
    pub ends: Option<Timestamp>,
}

pub(super) fn wrong(ro: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::of(&problems::INVALID_CREDENTIAL).detail(ro, en)
}

/// Makes of the material what is compared later; secrets are drawn here.
pub(super) fn made(app: &App, (kind, id): (Kind, CredentialId), material: &Material) -> Result<Made, Problem> {
    let given = [
        material.public_key.is_some(),
        material.certificate.is_some(),
        material.certificate_sha256.is_some(),
        material.public_key_sha256.is_some(),
    ];
    let count = given.iter().filter(|one| **one).count();
    match kind {
        Kind::ApiKey | Kind::ClientSecret if count == 0 => {
            let random = [app.hub.ids.salt(), app.hub.ids.salt()];
            let text = Secret::write(kind, id, random).expect("this kind has a secret");
            let proof = Proof::Secret(hub_flow::credentials::digest_of(&text));
            Ok(Made { proof, public_key: None, secret: Some(text), ends: None })
        }
        Kind::ClientKey if count == 1 && given[0] => client_key(material.public_key.as_ref()),
        Kind::Certificate if count == 1 && !given[0] => certificate(material),
        _ => Err(wrong(
            "O cheie API și un secret nu primesc material; client_key primește public_key (JWK); certificate primește unul dintre certificate (PEM), certificate_sha256, public_key_sha256",
            "An API key and a secret take no material; client_key takes public_key (JWK); certificate takes one of certificate (PEM), certificate_sha256, public_key_sha256",
        )),
    }
}

fn client_key(given: Option<&Value>) -> Result<Made, Problem> {
    let text = given.map(Value::to_string).unwrap_or_default();
    let keys = jws::keys(text.as_bytes()).map_err(|error| {
        wrong(format!("Cheia publică nu poate fi folosită: {error}"), format!("The public key cannot be used: {error}"))
    })?;
    let [key] = keys.as_slice() else {
        return Err(wrong("Înregistrați câte o cheie pe rând", "Register one key at a time"));
    };
    let unusable = |error: jws::WrongKey| wrong(error.to_string(), error.to_string());
    let proof = Proof::PublicKey(key.digest().map_err(unusable)?);
    // Kept as the hub writes it: nothing that came along with it stays.
    let public_key = Some(key.to_jwk().map_err(unusable)?.to_string());
    Ok(Made { proof, public_key, secret: None, ends: None })
}

fn certificate(material: &Material) -> Result<Made, Problem> {
    let (proof, ends) = if let Some(pem) = &material.certificate {
        let parsed = X509::from_pem(pem.as_bytes()).and_then(ClientCertificate::of);
        let parsed = parsed.map_err(|error| {
            wrong(
                format!("Certificatul nu poate fi citit: {error}"),
                format!("The certificate cannot be read: {error}"),
            )
        })?;
        if material.bind_public_key {
            (Proof::PublicKey(parsed.spki_sha256), None)
        } else {
            (Proof::Certificate(parsed.sha256), Some(parsed.not_after))
        }
    } else if let Some(text) = &material.certificate_sha256 {
        (Proof::Certificate(digest(text)?), None)
    } else {
        (Proof::PublicKey(digest(material.public_key_sha256.as_deref().unwrap_or_default())?), None)
    };
    Ok(Made { proof, public_key: None, secret: None, ends })
}

/// SHA-256 as 64 hexadecimal digits (with colons, as OpenSSL prints it, or without) or as base64url.
fn digest(text: &str) -> Result<[u8; 32], Problem> {
    let plain: String = text.chars().filter(|letter| *letter != ':').collect();
    let bytes = hex::decode(&plain).ok().or_else(|| URL_SAFE_NO_PAD.decode(text).ok());
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        wrong("Amprenta SHA-256 are 64 de cifre hexazecimale", "The SHA-256 fingerprint has 64 hexadecimal digits")
    })
}

/// The permissions asked for, none of them unknown.
pub(super) fn operations(named: Option<&[String]>) -> Result<Option<PermissionSet>, Problem> {
    let Some(named) = named else { return Ok(None) };
    let one = |name: &String| {
        Permission::parse(name).ok_or_else(|| {
            wrong(format!("{name} nu este o permisiune a hubului"), format!("{name} is no permission of the hub"))
        })
    };
    let set: PermissionSet = named.iter().map(one).collect::<Result<_, _>>()?;
    if named.is_empty() {
        return Err(wrong(
            "operations este gol: lăsați câmpul deoparte pentru tot ce poate sistemul, sau numiți permisiuni",
            "operations is empty: leave it out for all the system may do, or name permissions",
        ));
    }
    Ok(Some(set))
}

/// The life of a credential, in seconds.
pub(super) fn life(days: Option<u32>) -> Result<i64, Problem> {
    let days = days.unwrap_or(LIFE_DAYS);
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(wrong(
            format!("expires_in_days este între 1 și {LONGEST_DAYS}"),
            format!("expires_in_days is from 1 to {LONGEST_DAYS}"),
        ));
    }
    Ok(i64::from(days) * 86_400)
}

/// A text that people wrote: on one line, not too long.
pub(super) fn text(what: &str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(wrong(
            format!("{what} are 1 până la {longest} de caractere, pe un rând"),
            format!("{what} has 1 to {longest} characters, on one line"),
        ));
    }
    Ok(text.to_owned())
}
