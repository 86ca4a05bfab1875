//! The road through the appliance: cookies, the wall, the certificate, the nonce, and back to where we wanted to go.

use connectors_contract::permits;
use std::time::Duration;

use bytes::Bytes;
use connectors_contract::Channel;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;
use url::Url;

use super::jar::Jar;
use super::page::{Html, Page};

/// The most hops of one walk; two or three are usual.
const MOST_HOPS: usize = 8;
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 20 * 1024 * 1024;

/// A session with the service, begun when it is needed. Has no Debug on purpose: it holds the cookies.
pub(super) struct Session {
    client: reqwest::Client,
    base: Url,
    has_identity: bool,
    /// Held for a whole walk: two log-ins at once would end each other's session.
    jar: Mutex<Jar>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Lost {
    /// The line broke or was too slow.
    #[error("{0}")]
    Line(String),
    /// The certificate was shown and not taken.
    #[error("ANAF nu a primit certificatul: verificați că este valabil și înrolat în SPV")]
    NotAdmitted,
    /// The page of an ended session came before a certificate was asked for.
    #[error("ANAF a încheiat sesiunea SPV înainte să înceapă; încercați mai târziu")]
    Ended,
    /// A certificate is needed and the channel has none.
    #[error("sesiunea SPV s-a încheiat și canalul nu are certificat: adăugați certificatul sau o sesiune nouă")]
    NoCertificate,
    /// The firewall blocked the request.
    #[error("firewall-ul ANAF a blocat cererea; încercați mai târziu")]
    Blocked,
    /// A page or a redirect that has no meaning here.
    #[error("în locul răspunsului a venit o pagină necunoscută ({0})")]
    Strange(String),
}

impl Session {
    pub(super) fn new(client: reqwest::Client, base: Url, channel: &Channel) -> Self {
        let jar = channel.secret.as_ref().map(|secret| Jar::of(secret.expose_secret())).unwrap_or_default();
        Self { client, base, has_identity: channel.identity.is_some(), jar: Mutex::new(jar) }
    }

    /// Fetches a page of the service, logging in on the way where that is needed. The whole walk takes at most so long.
    pub(super) async fn get(&self, operation: &str, query: &[(&str, &str)], patience: Duration) -> Result<Page, Lost> {
        let mut wanted = self.base.clone();
        if let Ok(mut path) = wanted.path_segments_mut() {
            path.pop_if_empty().push(operation);
        }
        wanted.query_pairs_mut().clear().extend_pairs(query);
        // A page of the service; the steps of the log-in in front of it are no requests to it.
        permits::request().await.map_err(Lost::Line)?;
        match timeout(patience, self.walk(&wanted)).await {
            Ok(walked) => walked,
            Err(_) => Err(Lost::Line(format!("niciun răspuns în {} s", patience.as_secs_f32()))),
        }
    }

    /// A text without the session's secrets.
    pub(super) async fn hide(&self, text: String) -> String {
        self.jar.lock().await.hide(text)
    }

    async fn walk(&self, wanted: &Url) -> Result<Page, Lost> {
        let mut jar = self.jar.lock().await;
        let (mut at, mut proved, mut began_anew) = (wanted.clone(), false, jar.is_empty());
        for _ in 0..MOST_HOPS {
            let (page, location) = self.step(&at, &mut jar).await?;
            let next = match location {
                Some(location) => self.hop(&at, &location)?,
                None => match page.html() {
                    None => return Ok(page),
                    Some(Html::Blocked) => return Err(Lost::Blocked),
                    Some(Html::Other) if page.status >= 400 => return Ok(page),
                    Some(Html::Other) => return Err(Lost::Strange("HTML".to_owned())),
                    Some(Html::LoggedOut) if began_anew => {
                        jar.clear();
                        return Err(match (proved, self.has_identity) {
                            (true, _) => Lost::NotAdmitted,
                            (false, true) => Lost::Ended,
                            (false, false) => Lost::NoCertificate,
                        });
                    }
                    Some(Html::LoggedOut) => {
                        // The session of before has ended without saying so: once more from the wall.
                        (began_anew, proved) = (true, false);
                        jar.clear();
                        wanted.clone()
                    }
                },
            };
            if next.path() == "/my.policy" {
                if proved || !self.has_identity {
                    jar.clear();
                    return Err(if proved { Lost::NotAdmitted } else { Lost::NoCertificate });
                }
                (proved, began_anew) = (true, true);
            }
            at = next;
        }
        Err(Lost::Strange(format!("mai mult de {MOST_HOPS} redirecționări")))
    }

    /// One request; a redirect is told apart from an answer.
    async fn step(&self, at: &Url, jar: &mut Jar) -> Result<(Page, Option<String>), Lost> {
        let mut request = self.client.get(at.clone()).header(ACCEPT, "*/*");
        if let Some((name, value)) = jar.header() {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(|error| Lost::Line(described(&error)))?;
        jar.take(answer.headers());
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (status, location) = (answer.status().as_u16(), header(LOCATION));
        let (content_type, retry_after) = (header(CONTENT_TYPE).unwrap_or_default(), header(RETRY_AFTER));
        let body = read(answer).await?;
        let redirect = location.filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308));
        Ok((Page { status, content_type, retry_after, body }, redirect))
    }

    /// Where a redirect leads, if it leads to the service or to the appliance in front of it.
    fn hop(&self, from: &Url, location: &str) -> Result<Url, Lost> {
        let next = from.join(location).map_err(|_| Lost::Strange("redirecționare greșită".to_owned()))?;
        if next.origin() != self.base.origin() {
            return Err(Lost::Strange("redirecționare spre altă gazdă".to_owned()));
        }
        let path = next.path();
        let ours = path.starts_with(self.base.path().trim_end_matches('/'));
        let known = ours || matches!(path, "/my.policy" | "/my.policy_nonce") || path.starts_with("/vdesk/");
        if known { Ok(next) } else { Err(Lost::Strange("redirecționare necunoscută".to_owned())) }
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Bytes, Lost> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| Lost::Line(described(&error)))? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(Lost::Line(format!("răspunsul este mai lung de {LONGEST_ANSWER} octeți")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// What broke, without the address: its query holds codes of persons.
fn described(error: &reqwest::Error) -> String {
    connectors_http::broken(error).words
}
