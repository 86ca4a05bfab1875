//! Sessions: what a browser holds, and when it stops being believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::sign::Signer;

use crate::clock::Timestamp;

use super::model::AccountId;

/// What a browser holds: 256 random bits, of which the hub keeps the digest.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// A token of two draws of sixteen random bytes.
    #[must_use]
    pub fn of(one: [u8; 16], other: [u8; 16]) -> Self {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&one);
        bytes[16..].copy_from_slice(&other);
        Self(bytes)
    }

    /// Reads what a browser sent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = (text.len() == 43).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// What the browser is given.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.0)
    }

    /// The random bytes themselves, for what is derived from them.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// What forms of this session carry. Who has not the cookie cannot make it, and it tells nothing of the cookie.
    ///
    /// # Panics
    /// Never: HMAC-SHA-256 is built in.
    #[must_use]
    pub fn form_token(&self) -> String {
        const WHY: &str = "HMAC-SHA-256 is built in";
        let key = PKey::hmac(&self.0).expect(WHY);
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect(WHY);
        URL_SAFE_NO_PAD.encode(signer.sign_oneshot_to_vec(b"punte form token 1").expect(WHY))
    }

    /// Whether a form carries this session's token, compared in the same time whatever it carries.
    #[must_use]
    pub fn made(&self, form_token: &str) -> bool {
        let expected = self.form_token();
        form_token.len() == expected.len() && memcmp::eq(form_token.as_bytes(), expected.as_bytes())
    }
}

/// A session as it stands.
#[derive(Debug, Clone)]
pub struct Session {
    /// Digest of its token.
    pub id: [u8; 32],
    /// Whose it is.
    pub account: AccountId,
    /// How the person proved itself: `password`, `password+totp`, `passkey`, `provider:<id>`.
    pub method: String,
    /// Whether by more than one factor.
    pub second_factor: bool,
    /// The unit it acts for; the first of its account where absent.
    pub unit: Option<String>,
    /// Where from.
    pub address: String,
    /// As the browser calls itself.
    pub agent: String,
    /// What the identity provider told of it, as JSON.
    pub provider: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was used last, to the minute.
    pub used_at: Timestamp,
    /// When it ends whatever is done in it.
    pub ends_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// Whether a session is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Open,
    /// It was ended, by its person or by an administrator.
    Ended,
    /// Nothing was done in it for too long.
    Idle,
    /// It has reached its end.
    Over,
}

impl Session {
    /// Whether it is believed at a moment, `idle` microseconds without use being too long.
    #[must_use]
    pub fn verdict(&self, now: Timestamp, idle: i64) -> Verdict {
        match self {
            Self { ended_at: Some(_), .. } => Verdict::Ended,
            Self { ends_at, .. } if now >= *ends_at => Verdict::Over,
            Self { used_at, .. } if now.0.saturating_sub(used_at.0) >= idle => Verdict::Idle,
            _ => Verdict::Open,
        }
    }

    /// The name under which its person sees it: a part of the digest, which opens nothing.
    #[must_use]
    pub fn name(&self) -> String {
        hex::encode(&self.id[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_is_read_again_and_a_form_token_is_its_own() {
        let (one, other) = (Token::of([1; 16], [2; 16]), Token::of([1; 16], [3; 16]));
        let again = Token::parse(&one.to_text()).unwrap();
        assert_eq!(again.digest(), one.digest());
        assert!(one.made(&again.form_token()));
        assert!(!other.made(&one.form_token()));
        assert!(!one.made("") && !one.made(&one.to_text()));
        for wrong in ["", "x", &"A".repeat(44), &"!".repeat(43)] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_session_ends_by_word_by_silence_and_by_time() {
        let minute = 60_000_000;
        let session = Session {
            id: [0; 32],
            account: AccountId(Uuid::nil()),
            method: "password".into(),
            second_factor: false,
            unit: None,
            address: String::new(),
            agent: String::new(),
            provider: None,
            opened_at: Timestamp(0),
            used_at: Timestamp(10 * minute),
            ends_at: Timestamp(60 * minute),
            ended_at: None,
        };
        let at = |minutes| session.verdict(Timestamp(minutes * minute), 15 * minute);
        assert_eq!((at(10), at(24), at(25)), (Verdict::Open, Verdict::Open, Verdict::Idle));
        let busy = Session { used_at: Timestamp(59 * minute), ..session.clone() };
        assert_eq!(busy.verdict(Timestamp(60 * minute), 15 * minute), Verdict::Over);
        let ended = Session { ended_at: Some(Timestamp(1)), ..session };
        assert_eq!(ended.verdict(Timestamp(11 * minute), 15 * minute), Verdict::Ended);
    }
}
