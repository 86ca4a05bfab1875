//! The addresses of a mail channel.
//!
//! Out: `smtps://user@server/registratura@primaria.ro`, or `smtp://` with STARTTLS; the path is the recipient. In:
//! `imaps://user@server/INBOX?from=registratura@primaria.ro`; the query is the one sender that is listened to, and the
//! address that is answered.

use connectors_contract::ManifestError;
use url::Url;

/// A server and how TLS begins there.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub host: String,
    pub port: u16,
    /// TLS from the first byte; otherwise STARTTLS before anything is said.
    pub tls_at_once: bool,
    /// Whom to log in as.
    pub user: Option<String>,
}

/// A mail address that can stand in a command and in a header without quoting (RFC 5321, section 4.1.2, dot-string).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailAddress(String);

impl MailAddress {
    /// Reads an address; none for what is not one, and for one that would need quoting or is not ASCII.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let local_fits = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte));
        let domain_fits = domain.len() <= 253
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
        (local_fits && domain_fits).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What follows the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.rsplit('@').next().unwrap_or_default()
    }

    /// Whether another address is this one. Servers may tell capital letters before the `@` apart, and none does.
    pub(crate) fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other.trim())
    }
}

/// Reads the server of an address.
pub(crate) fn server(system: &str, address: &Url) -> Result<Server, ManifestError> {
    let wrong = |problem: &str| ManifestError::Address { system: system.to_owned(), problem: problem.to_owned() };
    let (tls_at_once, usual) = match address.scheme() {
        "smtp" => (false, 587),
        "smtps" => (true, 465),
        "imap" => (false, 143),
        "imaps" => (true, 993),
        _ => return Err(wrong("a mail address is smtps://, smtp://, imaps:// or imap://")),
    };
    let host = address.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no server"))?;
    let user = decoded(address.username());
    let plain = user.as_deref().is_none_or(|user| !user.chars().any(char::is_control));
    if !plain {
        return Err(wrong("its user has control characters"));
    }
    Ok(Server {
        host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: address.port().unwrap_or(usual),
        tls_at_once,
        user: user.filter(|user| !user.is_empty()),
    })
}

/// What follows the server, percent-decoded.
pub(crate) fn path(address: &Url) -> Option<String> {
    decoded(address.path().trim_start_matches('/')).filter(|path| !path.is_empty())
}

/// Percent-decoding as in forms, where a `+` that stands for itself stays one.
fn decoded(text: &str) -> Option<String> {
    let (mut out, bytes, mut at) = (Vec::with_capacity(text.len()), text.as_bytes(), 0);
    while at < bytes.len() {
        if bytes[at] == b'%' {
            out.extend(hex::decode(bytes.get(at + 1..at + 3)?).ok()?);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_could_change_a_command_or_a_header_is_none() {
        for text in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c.ro",
            "a@b.ro>",
            "a\r\nRCPT TO:<x@y.ro>@b.ro",
            "\"a\"@b.ro",
            "a@b..ro",
            "é@b.ro",
            "a@-b.ro",
            ".a@b.ro",
        ] {
            assert_eq!(MailAddress::read(text), None, "{text:?}");
        }
        assert!(MailAddress::read("registratura+punte@primaria-x.ro").unwrap().is(" Registratura+Punte@primaria-X.ro"));
    }

    #[test]
    fn a_channels_address_names_server_user_and_recipient() {
        let address =
            Url::parse("smtps://punte%40hub.exemplu.ro@mail.exemplu.ro/registratura%2Bx@primaria.ro").unwrap();
        let server = server("x", &address).unwrap();
        assert_eq!((server.host.as_str(), server.port, server.tls_at_once), ("mail.exemplu.ro", 465, true));
        assert_eq!(server.user.as_deref(), Some("punte@hub.exemplu.ro"));
        assert_eq!(path(&address).as_deref(), Some("registratura+x@primaria.ro"));
    }
}
