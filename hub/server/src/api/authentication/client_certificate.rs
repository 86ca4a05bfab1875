//! Client certificates of the connection, or told by a proxy that is believed, bound to a system.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::header;
use axum::http::request::Parts;
use hub_flow::clock::Timestamp;
use hub_flow::credentials::Known;

use crate::accepting::Peer;
use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::tls::{ClientCertificate, Told};

use super::Resolver;
use super::system::{of_credential, refused};

/// Client certificates.
pub struct CertificateOfClient;

#[async_trait]
impl Resolver for CertificateOfClient {
    fn way(&self) -> (&'static str, &'static str) {
        ("un certificat de client înregistrat", "a registered client certificate")
    }

    async fn resolve(&self, parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
        // Who says who it is by a header means that, and is not taken for somebody else where the header is wrong.
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        let now = app.hub.clock.now();
        let Some(certificate) = shown(parts, app, now)? else { return Ok(None) };
        let has = |known: &Known| known.by_certificate(certificate.sha256, certificate.spki_sha256).is_some();
        let known = app.hub.credentials.known_with(&app.hub.db, now, has).await?;
        // A certificate alone says no more than that some authority knows its holder: a session may still say who it is.
        let Some(held) = known.by_certificate(certificate.sha256, certificate.spki_sha256) else { return Ok(None) };
        held.credential.stands(now).map_err(|not| {
            refused(
                format!("Certificatul înregistrat nu mai este valabil: {not}"),
                format!("The registered certificate does not count: {not}"),
            )
        })?;
        of_credential(app, held, ("client-certificate", held.credential.made.operations), now).map(Some)
    }
}

/// The certificate a request comes with, where it still stands.
///
/// # Errors
/// There is one, and it does not.
pub fn shown(parts: &Parts, app: &App, now: Timestamp) -> Result<Option<Arc<ClientCertificate>>, Problem> {
    let Some(peer) = parts.extensions.get::<Peer>() else { return Ok(None) };
    if let Some(certificate) = &peer.certificate {
        let state = app.tls.as_ref().map(|tls| tls.state());
        if !certificate.stands(now, state.as_ref().and_then(|state| state.anchors.as_ref())) {
            return Err(refused(
                "Certificatul de client a expirat sau a fost revocat de la deschiderea conexiunii",
                "The client certificate expired or was revoked since the connection was opened",
            ));
        }
        return Ok(Some(Arc::clone(certificate)));
    }
    match app.proxies.told(peer.address.ip(), &parts.headers, now) {
        Told::Nothing => Ok(None),
        Told::Certificate(certificate) => Ok(Some(certificate)),
        Told::Unbelievable(why) => Err(refused(
            format!("Certificatul transmis de proxy nu este crezut: {why}"),
            format!("The certificate told by the proxy is not believed: {why}"),
        )),
    }
}
