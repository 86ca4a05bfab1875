//! The WS-Security header of what is sent, and the check of the one that comes (OASIS Web Services Security 1.1.1).

mod username;
mod signature;
pub(crate) mod verification;

pub(crate) use signature::SigningKey;
pub(crate) use username::Account;

use crate::envelope::Draft;
use crate::settings::Version;

/// `wsse`.
pub(crate) const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// The value type of an X.509 v3 certificate (X.509 Token Profile 1.1.1, section 3.1).
pub(crate) const X509_V3: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
/// What a body that is signed is called.
pub(crate) const BODY_ID: &str = "corp";

/// What proves who we are inside the envelope. Has no Debug on purpose.
pub(crate) enum Prover {
    None,
    Account(Account),
    Key(Box<SigningKey>),
}

impl Prover {
    /// The Id the body must carry.
    pub(crate) fn body_id(&self) -> Option<&'static str> {
        matches!(self, Self::Key(_)).then_some(BODY_ID)
    }

    /// The header block for a draft at the instant `now`, with 16 random bytes.
    pub(crate) fn header(&self, draft: &Draft, now: i64, random: [u8; 16]) -> Result<String, String> {
        let content = match self {
            Self::None => return Ok(String::new()),
            Self::Account(account) => account.token(now, random),
            Self::Key(key) => key.signature(draft, now)?,
        };
        let must_understand = match draft.version {
            Version::V11 => "1",
            Version::V12 => "true",
        };
        Ok(format!(
            "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{}\" soap:mustUnderstand=\"{must_understand}\">{content}</wsse:Security>",
            hub_signatures::WSU_NAMESPACE
        ))
    }
}
