//! The UsernameToken (OASIS Web Services Security UsernameToken Profile 1.1.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_signatures::instant::to_date_time;
use openssl::sha::Sha1;
use secrecy::{ExposeSecret, SecretString};

use super::BASE64;
use crate::settings::PasswordForm;
use crate::xml_text::escaped;

const TYPES: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";

/// A user and a password.
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) password: SecretString,
    pub(crate) form: PasswordForm,
}

impl Account {
    /// The token at the instant `now` (Unix seconds). Nonce and time go along with a plain password too: they let the
    /// receiver refuse what was recorded (section 3.1).
    pub(super) fn token(&self, now: i64, nonce: [u8; 16]) -> String {
        let (created, encoded) = (to_date_time(now), STANDARD.encode(nonce));
        let password = self.password.expose_secret();
        let (kind, said) = match self.form {
            PasswordForm::Text => ("PasswordText", escaped(password)),
            PasswordForm::Digest => {
                let mut hasher = Sha1::new();
                [&nonce, created.as_bytes(), password.as_bytes()].into_iter().for_each(|part| hasher.update(part));
                ("PasswordDigest", STANDARD.encode(hasher.finish()))
            }
        };
        let user = escaped(&self.user);
        format!(
            "<wsse:UsernameToken><wsse:Username>{user}</wsse:Username>\
             <wsse:Password Type=\"{TYPES}#{kind}\">{said}</wsse:Password>\
             <wsse:Nonce EncodingType=\"{BASE64}\">{encoded}</wsse:Nonce>\
             <wsu:Created>{created}</wsu:Created></wsse:UsernameToken>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_hides_the_password_and_is_the_one_of_the_profile() {
        let account = |form| Account { user: "a&b".to_owned(), password: "p<q".to_owned().into(), form };
        let text = account(PasswordForm::Text).token(0, [7; 16]);
        assert!(text.contains(">a&amp;b<") && text.contains("#PasswordText\">p&lt;q<"));
        let digest = account(PasswordForm::Digest).token(0, [7; 16]);
        assert!(!digest.contains("p&lt;q"));
        let joined = [[7; 16].as_slice(), b"1970-01-01T00:00:00Z", b"p<q"].concat();
        let expected = STANDARD.encode(openssl::sha::sha1(&joined));
        assert!(digest.contains(&format!("#PasswordDigest\">{expected}<")), "{digest}");
    }
}
