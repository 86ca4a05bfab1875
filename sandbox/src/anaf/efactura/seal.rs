//! The ministry's seal: a detached XML signature over the document of an archive, by a key of the twin's own.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use openssl::sign::{Signer, Verifier};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use serde_json::json;

use super::super::{Anaf, answers, oauth};

const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

pub(super) struct Seal {
    key: PKey<Private>,
    certificate: X509,
}

impl Seal {
    pub(super) fn new(now: i64) -> Result<Self, ErrorStack> {
        let key = PKey::from_rsa(Rsa::generate(2048)?)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_text("C", "RO")?;
        name.append_entry_by_text("O", "DEMO - nu este Ministerul Finantelor")?;
        name.append_entry_by_text("CN", "Sigiliu de proba RO e-Factura")?;
        let name = name.build();
        let mut builder = X509Builder::new()?;
        builder.set_version(2)?;
        builder.set_serial_number(BigNum::from_u32(1)?.to_asn1_integer()?.as_ref())?;
        builder.set_subject_name(&name)?;
        builder.set_issuer_name(&name)?;
        builder.set_not_before(Asn1Time::from_unix(now - 86_400)?.as_ref())?;
        builder.set_not_after(Asn1Time::from_unix(now + 3_650 * 86_400)?.as_ref())?;
        builder.set_pubkey(&key)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Self { key, certificate: builder.build() })
    }

    /// The signature over a member of the archive, which it names.
    pub(super) fn sign(&self, member: &str, document: &[u8]) -> String {
        let inner = format!(
            "<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">\
             </CanonicalizationMethod><SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">\
             </SignatureMethod><Reference URI=\"{member}\"><DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>{}</DigestValue>\
             </Reference>",
            STANDARD.encode(sha256(document))
        );
        let signature = Signer::new(MessageDigest::sha256(), &self.key)
            .and_then(|mut signer| signer.sign_oneshot_to_vec(canonical(&inner).as_bytes()))
            .expect("an RSA key of 2048 bits signs SHA-256");
        let certificate = STANDARD.encode(self.certificate.to_der().expect("a built certificate has its DER"));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Signature xmlns=\"{XMLDSIG}\"><SignedInfo>{inner}</SignedInfo>\
             <SignatureValue>{}</SignatureValue><KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate>\
             </X509Data></KeyInfo></Signature>\n",
            STANDARD.encode(signature)
        )
    }

    /// Whether a signature is this seal's, over this document.
    fn is_over(&self, signature: &str, document: &[u8]) -> Option<bool> {
        let inner = between(signature, "<SignedInfo>", "</SignedInfo>")?;
        let digest = STANDARD.decode(between(inner, "<DigestValue>", "</DigestValue>")?).ok()?;
        let value = STANDARD.decode(between(signature, "<SignatureValue>", "</SignatureValue>")?).ok()?;
        let mut verifier = Verifier::new(MessageDigest::sha256(), &self.key).ok()?;
        let signed = verifier.verify_oneshot(&value, canonical(inner).as_bytes()).ok()?;
        Some(signed && digest == sha256(document))
    }
}

/// What is signed: `SignedInfo` alone inherits the default namespace, which is all its canonical form adds.
fn canonical(inner: &str) -> String {
    format!("<SignedInfo xmlns=\"{XMLDSIG}\">{inner}</SignedInfo>")
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    let rest = text.split_once(from)?.1;
    Some(rest.split_once(to)?.0)
}

/// `/api/validate/signature`: the verdict is in the words, the status is 200 for both.
pub(super) async fn validate_signature(
    State(twin): State<Arc<Anaf>>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let guarded = answers::host(&headers).starts_with("api.");
    if let Some(refusal) = guarded.then(|| oauth::check(&twin, &headers)).flatten() {
        return refusal;
    }
    let Ok(form) = form else { return incorrect() };
    let Some((document, signature)) = both_files(form).await else { return incorrect() };
    let good = twin.invoices.seal.is_over(&String::from_utf8_lossy(&signature), &document).unwrap_or(false);
    let words = if good {
        "Fisierele încarcate au fost validate cu succes, din perspectiva autenticitatii semnaturii aplicate."
    } else {
        "Fisierele încarcate NU au putut fi validate cu succes."
    };
    Json(json!({ "msg": words })).into_response()
}

async fn both_files(mut form: Multipart) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut document, mut signature) = (None, None);
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.ok()?.to_vec();
        match name.as_str() {
            "file" => document = Some(bytes),
            "signature" => signature = Some(bytes),
            _ => {}
        }
    }
    document.zip(signature)
}

fn incorrect() -> Response {
    let words = "Eroare tehnică: request incorect. Trebuie sa existe fisierele file si signature";
    (StatusCode::BAD_REQUEST, Json(json!({ "msg": words }))).into_response()
}

/// The certificate of the seal, for whoever wants to verify what was downloaded.
pub(super) async fn certificate(State(twin): State<Arc<Anaf>>) -> Response {
    let pem = twin.invoices.seal.certificate.to_pem().expect("a built certificate has its PEM");
    ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response()
}
