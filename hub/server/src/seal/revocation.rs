//! Asks issuers whether certificates are revoked: OCSP first, then revocation lists. Bounded in time and size; it judges
//! what comes back by [`hub_signatures::revocation`] and keeps nothing itself.

use std::time::Duration;

use hub_signatures::certificate::Certificate;
use hub_signatures::revocation::{
    Answer, OCSP_REPLY_TYPE, OCSP_REQUEST_TYPE, RevocationKind, Status, crl_from_file, judge, ocsp_request,
};

/// For one whole answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read: revocation lists of large issuers have some MiB.
const LONGEST: usize = 10 * 1024 * 1024;

/// The client of issuers. Addresses come from the configuration or from certificates, never from a request.
#[derive(Clone)]
pub struct Issuers {
    http: reqwest::Client,
    /// Sources that take the place of those in the seal's own certificate.
    ocsp: Option<String>,
    crl: Option<String>,
}

/// A certificate with its issuer, and where to ask.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The certificate.
    pub certificate: Certificate,
    /// Its issuer.
    pub issuer: Certificate,
    /// Where to ask, in this order: an address, or a file for lists.
    pub sources: Vec<(RevocationKind, String)>,
}

/// What was found out about one certificate.
#[derive(Debug, Clone)]
pub enum Found {
    /// An answer that holds now.
    Fresh {
        /// Its kind.
        kind: RevocationKind,
        /// Its bytes, DER.
        value: Vec<u8>,
        /// What it says.
        answer: Answer,
    },
    /// Nothing that holds now.
    Unknown {
        /// Until when the newest answer was good, where there was one.
        until: Option<i64>,
        /// What went wrong with each source.
        why: String,
    },
}

impl Issuers {
    /// A client; `ocsp` and `crl` take the place of what the seal's own certificate names.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(ocsp: Option<String>, crl: Option<String>) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::limited(3))
            .connect_timeout(PATIENCE / 2)
            .timeout(PATIENCE)
            .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, ocsp, crl })
    }

    /// The certificates of a chain (a seal's own first) about which somebody can be asked.
    #[must_use]
    pub fn of_seal(&self, chain: &[Certificate]) -> Vec<Asked> {
        let mut asked = of_chain(chain);
        let configured: Vec<_> = [(RevocationKind::Ocsp, &self.ocsp), (RevocationKind::Crl, &self.crl)]
            .into_iter()
            .filter_map(|(kind, place)| Some((kind, place.clone()?)))
            .collect();
        if let Some(own) = asked.iter_mut().find(|one| Some(&one.certificate) == chain.first())
            && !configured.is_empty()
        {
            own.sources = configured;
        }
        asked.retain(|one| !one.sources.is_empty());
        asked
    }

    /// Asks the sources one after the other until one gives an answer that holds at `now` (Unix seconds).
    pub async fn ask(&self, asked: &Asked, now: i64) -> Found {
        let (mut until, mut why) = (None, Vec::new());
        for (kind, place) in &asked.sources {
            let value = match self.fetch(*kind, place, asked).await {
                Ok(value) => value,
                Err(error) => {
                    why.push(format!("{place}: {error:#}"));
                    continue;
                }
            };
            match judge(*kind, &value, (&asked.certificate, &asked.issuer), now) {
                // "Revoked" does not age.
                Ok(answer) if answer.next_update.is_none_or(|next| next >= now) || answer.status != Status::Good => {
                    return Found::Fresh { kind: *kind, value, answer };
                }
                Ok(answer) => {
                    until = until.max(answer.next_update);
                    why.push(format!("{place}: the answer is out of date"));
                }
                Err(error) => why.push(format!("{place}: {error}")),
            }
        }
        Found::Unknown { until, why: why.join("; ") }
    }

    async fn fetch(&self, kind: RevocationKind, place: &str, asked: &Asked) -> anyhow::Result<Vec<u8>> {
        if !place.starts_with("http://") && !place.starts_with("https://") {
            return Ok(crl_from_file(&tokio::fs::read(place).await?)?);
        }
        let request = match kind {
            RevocationKind::Crl => self.http.get(place),
            RevocationKind::Ocsp => {
                let body = ocsp_request(&asked.certificate, &asked.issuer)?;
                let request = self.http.post(place).header("content-type", OCSP_REQUEST_TYPE);
                request.header("accept", OCSP_REPLY_TYPE).body(body)
            }
        };
        let mut response = request.send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            anyhow::ensure!(body.len() + chunk.len() <= LONGEST, "the answer is longer than {LONGEST} bytes");
            body.extend_from_slice(&chunk);
        }
        // Some issuers serve their lists as PEM.
        if kind == RevocationKind::Crl { Ok(crl_from_file(&body)?) } else { Ok(body) }
    }
}

/// Each certificate of a chain whose issuer is in it too, with the sources it names itself.
pub(super) fn of_chain(chain: &[Certificate]) -> Vec<Asked> {
    let pair = |certificate: &Certificate| {
        let issuer = chain.iter().find(|one| *one != certificate && certificate.is_issued_by(one))?.clone();
        let ocsp = certificate.ocsp_addresses().into_iter().map(|place| (RevocationKind::Ocsp, place));
        let crl = certificate.crl_addresses().into_iter().map(|place| (RevocationKind::Crl, place));
        Some(Asked { certificate: certificate.clone(), issuer, sources: ocsp.chain(crl).collect() })
    };
    chain.iter().filter_map(pair).collect()
}
