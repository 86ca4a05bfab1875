//! A hub whose door speaks TLS, and machines that prove who they are there.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_flow::approvals::{Approval, ApprovalKind, ApprovalState, Decide, Decision, Propose};
use hub_server::config::{ClientCertificates, Config, TlsConfig};
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sha::sha256;
use openssl::sign::{RsaPssSaltlen, Signer};
use reqwest::{Certificate, Identity};
use serde_json::{Value, json};

use crate::county::{self, key};
use crate::hub::unix_seconds;
use crate::issuer::{Issuer, SealOrder};
use crate::{Database, TestHub};

/// The party that runs the hub.
pub const OPERATOR: &str = "operator";
/// A system that is known by credentials alone, of the sending commune.
pub const KEYLESS: &str = "spas-113625";

/// A hub behind TLS, with the authority of its certificate and of its clients.
pub struct SecureHub {
    /// The hub.
    pub hub: TestHub,
    /// The authority.
    pub issuer: Issuer,
    /// Its TLS, as configured.
    pub tls: TlsConfig,
}

/// Adds to a hub's directory those who run it, and a system without a key.
pub fn with_machines(config: &mut Config) {
    let hash = hex::encode(sha256(key(OPERATOR).as_bytes()));
    county::change(config, |directory| {
        let keyless =
            format!("[[system]]\nid = '{KEYLESS}'\nparty = '{}'\nassurance = 'substantial'\n", county::SENDER);
        directory
            + &format!(
                "[[party]]\nid = '{OPERATOR}'\nname = 'Operatorul hubului'\nkind = 'operator'\n\
                 [[system]]\nid = 'system-operator'\nparty = '{OPERATOR}'\nkey_sha256 = '{hash}'\noperator = true\n"
            )
            + &keyless
    });
}

impl SecureHub {
    /// Starts a hub behind TLS. Client certificates are asked for as said; serial 1 is the authority's, 2 the hub's.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start(database: Database, client: ClientCertificates, order: SealOrder) -> Self {
        Self::on(database, client, order, |_| ()).await
    }

    /// The same on SQLite, with a configuration that the test changes.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start_with(client: ClientCertificates, order: SealOrder, change: impl FnOnce(&mut Config)) -> Self {
        Self::on(Database::Sqlite, client, order, change).await
    }

    async fn on(
        database: Database,
        client: ClientCertificates,
        order: SealOrder,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let issuer = Issuer::new(unix_seconds());
        issuer.say(&[2, 3, 4, 5, 6], &[]);
        issuer.write_list(86_400);
        let (key, certificate) = (issuer.file("door.key"), issuer.file("door.pem"));
        put(issuer.tls(order, true), &key, &certificate);
        let asked = client != ClientCertificates::Off;
        let tls = TlsConfig {
            certificate,
            key,
            client,
            client_roots: asked.then(|| issuer.file("ca.pem")),
            revocation: asked.then(|| issuer.file("crl.pem")).into_iter().collect(),
            ..TlsConfig::minimal()
        };
        let hub = TestHub::start_with(database, |config| {
            with_machines(config);
            config.tls = Some(tls.clone());
            change(config);
        })
        .await;
        Self { hub, issuer, tls }
    }

    /// A client that trusts the authority, and shows a certificate where one is given (key and chain).
    ///
    /// # Panics
    /// The client cannot be made.
    #[must_use]
    pub fn client(&self, identity: Option<&(Vec<u8>, Vec<u8>)>) -> reqwest::Client {
        let root = std::fs::read(self.issuer.file("ca.pem")).expect("the authority is there");
        let root = Certificate::from_pem(&root).expect("a certificate");
        let mut builder = reqwest::Client::builder().add_root_certificate(root);
        if let Some((key, chain)) = identity {
            builder = builder.identity(Identity::from_pkcs8_pem(chain, key).expect("an identity"));
        }
        builder.build().expect("a client")
    }

    /// An address at the door.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.hub.running().url())
    }
}

/// Writes key and chain where a hub looks for them.
///
/// # Panics
/// They cannot be written.
pub fn put((key, chain): (Vec<u8>, Vec<u8>), to_key: &PathBuf, to_chain: &PathBuf) {
    std::fs::write(to_key, key).expect("written");
    std::fs::write(to_chain, chain).expect("written");
}

/// Asks with JSON and a bearer token; answers status and body.
///
/// # Panics
/// The hub does not answer.
pub async fn asked(
    client: &reqwest::Client,
    (method, url): (reqwest::Method, &str),
    bearer: Option<&str>,
    body: Option<&Value>,
) -> (u16, Value) {
    let mut request = client.request(method, url);
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = crate::client::ask(request).await;
    (answer.status, answer.body)
}

/// Rotates the keys that sign tokens as one operator, after a second person approved it; answers status and body.
///
/// # Panics
/// The rotation is done without approval, or the approval is not taken.
pub async fn rotate_token_keys(hub: &TestHub, client: &reqwest::Client, body: &Value) -> (u16, Value) {
    let url = format!("{}/v1/token-keys/rotate", hub.running().url());
    let (status, refused) = asked(client, (reqwest::Method::POST, &url), Some(&key(OPERATOR)), Some(body)).await;
    assert_eq!((status, &refused["code"]), (409, &json!("approval-needed")), "{refused:#}");
    let id = approved(hub, OPERATOR, &refused["proposal"]).await;
    let request = client.post(&url).bearer_auth(key(OPERATOR)).header("punte-approval", id).json(body);
    let answer = crate::client::ask(request).await;
    (answer.status, answer.body)
}

/// Has what a refusal told to propose proposed and approved by two invented people; answers the approval. For doors no browser
/// of the tests comes in by; [`crate::people::approved_by_two`] goes by the API.
///
/// # Panics
/// It is not approved.
pub async fn approved(hub: &TestHub, party: &str, proposal: &Value) -> String {
    let hub = &hub.running().hub;
    let now = hub.clock.now();
    let text = |name: &str| proposal[name].as_str().expect("a refusal tells what to propose").to_owned();
    let content = hex::decode(text("content_sha256")).expect("hexadecimal digits");
    let approval = Approval {
        id: hub.ids.uuid(now),
        party: party.to_owned(),
        kind: ApprovalKind::parse(&text("kind")).expect("a kind of act"),
        subject: text("subject"),
        content: content.try_into().expect("SHA-256"),
        reason: "rotație anuală".to_owned(),
        proposed_by: "person:inventat-1".to_owned(),
        proposed_at: now,
        ends_at: now.plus_seconds(3600),
        state: ApprovalState::Proposed,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        done_by: None,
        done_at: None,
    };
    let id = approval.id;
    hub.db.write(&Arc::new(Propose), approval).await.expect("proposed");
    let by = "person:inventat-2".to_owned();
    let decision = Decision { id, state: ApprovalState::Approved, by, reason: None, at: now };
    assert!(hub.db.write(&Arc::new(Decide), decision).await.expect("decided"), "the second person may approve");
    id.to_string()
}

/// A client's own key pair, of one of the algorithms a hub takes.
pub struct ClientKey {
    /// The algorithm by its JWA name.
    pub algorithm: &'static str,
    /// The key.
    pub key: PKey<Private>,
    /// The public part, as it is registered.
    pub jwk: Value,
}

impl ClientKey {
    /// Makes a key pair for `ES256`, `RS256`, `PS256` or `EdDSA`.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn new(algorithm: &'static str, kid: &str) -> Self {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (key, mut jwk) = match algorithm {
            "ES256" => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("the curve is known");
                let key = EcKey::generate(&group).expect("a key is made");
                let (mut x, mut y) = (BigNum::new().expect("a number"), BigNum::new().expect("a number"));
                let mut context = BigNumContext::new().expect("a context");
                key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context).expect("a point");
                let padded = |number: &BigNum| text(&number.to_vec_padded(32).expect("a coordinate"));
                let jwk = json!({"kty": "EC", "crv": "P-256", "x": padded(&x), "y": padded(&y)});
                (PKey::from_ec_key(key).expect("a key"), jwk)
            }
            "EdDSA" => {
                let key = PKey::generate_ed25519().expect("a key is made");
                let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": text(&key.raw_public_key().expect("raw"))});
                (key, jwk)
            }
            _ => {
                let key = Rsa::generate(2048).expect("a key is made");
                let jwk = json!({"kty": "RSA", "n": text(&key.n().to_vec()), "e": text(&key.e().to_vec())});
                (PKey::from_rsa(key).expect("a key"), jwk)
            }
        };
        jwk["alg"] = algorithm.into();
        jwk["kid"] = kid.into();
        Self { algorithm, key, jwk }
    }

    /// Signs header and claims as they are given, right or wrong.
    ///
    /// # Panics
    /// It cannot be signed.
    #[must_use]
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match self.algorithm {
            "ES256" => {
                let key = self.key.ec_key().expect("a key");
                let signature = EcdsaSig::sign(&sha256(signed.as_bytes()), &key).expect("signed");
                let half = |number: &BigNumRef| number.to_vec_padded(32).expect("half a signature");
                [half(signature.r()), half(signature.s())].concat()
            }
            "EdDSA" => {
                let mut signer = Signer::new_without_digest(&self.key).expect("a signer");
                signer.sign_oneshot_to_vec(signed.as_bytes()).expect("signed")
            }
            algorithm => {
                let mut signer = Signer::new(MessageDigest::sha256(), &self.key).expect("a signer");
                if algorithm == "PS256" {
                    signer.set_rsa_padding(Padding::PKCS1_PSS).expect("set");
                    signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).expect("set");
                }
                signer.sign_oneshot_to_vec(signed.as_bytes()).expect("signed")
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A right assertion of a client for a hub, with the id of the assertion.
    ///
    /// # Panics
    /// It cannot be signed.
    #[must_use]
    pub fn assertion(&self, client: &str, audience: &str, id: &str) -> String {
        let header = json!({"alg": self.algorithm, "typ": "JWT", "kid": self.jwk["kid"]});
        self.sign(&header.to_string(), &claims(client, audience, id).to_string())
    }
}

/// Right claims of an assertion.
#[must_use]
pub fn claims(client: &str, audience: &str, id: &str) -> Value {
    let now = unix_seconds();
    json!({"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 300, "jti": id})
}

/// The body of a request for a token with an assertion.
#[must_use]
pub fn with_assertion(assertion: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
        ("client_assertion", assertion.to_owned()),
    ]
}

/// Posts a form; answers status and body.
///
/// # Panics
/// The hub does not answer.
pub async fn posted(client: &reqwest::Client, url: &str, form: &[(&str, String)]) -> (u16, Value) {
    let answer = crate::client::ask(form_of(client.post(url), form)).await;
    (answer.status, answer.body)
}

/// A request with a form for its body.
pub fn form_of(request: reqwest::RequestBuilder, form: &[(&str, String)]) -> reqwest::RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}
