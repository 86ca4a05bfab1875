//! The exchange of a code for tokens, and what the ID token says (OpenID Connect core 1.0, section 3.1.3).

use hub_flow::clock::Timestamp;
use openssl::memcmp;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::App;
use crate::sign_in::entering::Proved;

use super::discovery::Metadata;
use super::jws::Unverified;
use super::{NotBelieved, Provider};

/// Seconds a provider's clock may be off.
const DRIFT: i64 = 60;

/// What a code is exchanged with.
pub(super) struct Exchange<'a> {
    pub code: &'a str,
    pub verifier: &'a str,
    pub address: &'a str,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// What a provider told of a person.
pub(super) struct Told {
    pub subject: String,
    pub claims: Map<String, Value>,
    id_token: String,
}

impl Told {
    /// A claim as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// What was proved there: by more than one factor where the provider says so (RFC 8176).
    pub(super) fn proved(&self, provider: &Provider, next: String) -> Proved {
        let ways = self.claims.get("amr").and_then(Value::as_array);
        let twice = ways.is_some_and(|ways| ways.iter().any(|way| way == "mfa"));
        let sid = self.claims.get("sid").cloned().unwrap_or_default();
        let kept = json!({"id": provider.id, "sub": self.subject, "sid": sid, "id_token": self.id_token});
        Proved { method: format!("provider:{}", provider.id), twice, provider: Some(kept.to_string()), next }
    }
}

impl Provider {
    /// Exchanges a code and believes what the tokens say, or not.
    pub(super) async fn told(
        &self,
        app: &App,
        metadata: &Metadata,
        exchange: Exchange<'_>,
        nonce: &str,
    ) -> Result<Told, NotBelieved> {
        let tokens = self.exchanged(metadata, exchange).await?;
        let mut claims = self.claims(app, metadata, &tokens.id_token).await?;
        let told_nonce = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
        if told_nonce.len() != nonce.len() || !memcmp::eq(told_nonce.as_bytes(), nonce.as_bytes()) {
            return Err(NotBelieved::Token("nonce"));
        }
        let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| (1..=255).contains(&subject.len()));
        let subject = subject.ok_or(NotBelieved::Token("sub"))?.to_owned();
        if let (None, Some(endpoint), Some(access)) =
            (claims.get(&self.settings.claim), &metadata.userinfo_endpoint, &tokens.access_token)
        {
            let asked = self.http.get(endpoint.clone()).bearer_auth(access).send().await;
            let more: Map<String, Value> = self.read(asked.map_err(|error| self.silent(error))?).await?;
            // Of another person it says nothing here (section 5.3.2).
            if more.get("sub").and_then(Value::as_str) != Some(&subject) {
                return Err(NotBelieved::Token("sub"));
            }
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(Told { subject, claims, id_token: tokens.id_token })
    }

    async fn exchanged(&self, metadata: &Metadata, exchange: Exchange<'_>) -> Result<Tokens, NotBelieved> {
        let secret = crate::assembly::secret(&self.settings.client_secret);
        let secret = secret.ok_or_else(|| self.silent("its client_secret is not there"))?;
        let (id, secret) = (self.settings.client_id.as_str(), secret.expose_secret());
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code),
            ("redirect_uri", exchange.address),
            ("code_verifier", exchange.verifier),
        ];
        // Basic is what is meant where nothing is said (discovery 1.0, section 3).
        let methods = metadata.token_endpoint_auth_methods_supported.as_ref();
        let basic = methods.is_none_or(|methods| methods.iter().any(|one| one == "client_secret_basic"));
        let mut request = self.http.post(metadata.token_endpoint.clone());
        if basic {
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(id), Some(encoded(secret)));
        } else {
            form.extend([("client_id", id), ("client_secret", secret)]);
        }
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        self.read(request.send().await.map_err(|error| self.silent(error.without_url()))?).await
    }

    /// The claims of a token of this provider for this hub, in its time.
    pub(super) async fn claims(
        &self,
        app: &App,
        metadata: &Metadata,
        token: &str,
    ) -> Result<Map<String, Value>, NotBelieved> {
        let token = Unverified::read(token)?;
        let keys = self.keys(app, token.key_id()).await?;
        let claims = token.verified(&keys, &metadata.id_token_signing_alg_values_supported)?;
        meant_for(&claims, (&metadata.issuer, &self.settings.client_id), app.hub.clock.now())?;
        Ok(claims)
    }
}

/// Whether claims are of this issuer, for this client, and not over (section 3.1.3.7).
pub(super) fn meant_for(
    claims: &Map<String, Value>,
    (issuer, client): (&str, &str),
    now: Timestamp,
) -> Result<(), NotBelieved> {
    let seconds = now.0 / 1_000_000;
    let number = |name| claims.get(name).and_then(Value::as_i64);
    if claims.get("iss").and_then(Value::as_str) != Some(issuer) {
        return Err(NotBelieved::Token("iss"));
    }
    let (ours, alone) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, true),
        Some(Value::Array(many)) => (many.iter().any(|one| one == client), many.len() == 1),
        _ => (false, false),
    };
    let party = claims.get("azp").and_then(Value::as_str);
    if !ours || party.is_some_and(|party| party != client) || (!alone && party.is_none()) {
        return Err(NotBelieved::Token("aud"));
    }
    if number("exp").is_none_or(|end| seconds >= end.saturating_add(DRIFT)) {
        return Err(NotBelieved::Token("exp"));
    }
    if number("iat").is_none_or(|made| made > seconds.saturating_add(DRIFT)) {
        return Err(NotBelieved::Token("iat"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_somebody_else_by_somebody_else_or_of_another_day_is_not_believed() {
        let good = json!({"iss": "https://op", "aud": "hub", "exp": 1_000, "iat": 900});
        let of = |change: Value| {
            let mut claims = good.as_object().unwrap().clone();
            change
                .as_object()
                .unwrap()
                .iter()
                .for_each(|(name, value)| drop(claims.insert(name.clone(), value.clone())));
            meant_for(&claims, ("https://op", "hub"), Timestamp(950_000_000)).is_ok()
        };
        assert!(of(json!({})));
        assert!(of(json!({"aud": ["hub"]})));
        assert!(of(json!({"aud": ["other", "hub"], "azp": "hub"})));
        for wrong in [
            json!({"iss": "https://op.evil"}),
            json!({"aud": "other"}),
            json!({"aud": ["other", "hub"]}),
            json!({"aud": "hub", "azp": "other"}),
            json!({"aud": null}),
            json!({"exp": 880}),
            json!({"exp": "1000"}),
            json!({"iat": 1_020}),
            json!({"iat": null}),
        ] {
            assert!(!of(wrong.clone()), "{wrong}");
        }
    }
}
