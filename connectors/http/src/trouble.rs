//! Why a call broke, in words for whoever must do something about it: whose side, and what is wrong there.

use std::error::Error;
use std::io;

use connectors_contract::Forbidden;

/// Why a call broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What happened, in Romanian, without address or secret.
    pub words: String,
    /// Whether it is certain that the target read nothing of what was sent.
    pub unread: bool,
}

/// What the TLS library says, what it means, and whose side it is. Looked at in order.
const TLS: [(&str, &str); 20] = [
    ("hostname mismatch", "partea lor: certificatul serverului este emis pentru alt nume; verificați adresa canalului"),
    (
        "ip address mismatch",
        "partea lor: certificatul serverului este emis pentru alt nume; verificați adresa canalului",
    ),
    ("certificate has expired", "partea lor: certificatul serverului a expirat; cereți instituției să îl înnoiască"),
    (
        "certificate is not yet valid",
        "partea lor: certificatul serverului nu este încă valabil; verificați și ceasul hubului",
    ),
    ("certificate revoked)", "partea lor: certificatul serverului este revocat; anunțați instituția"),
    (
        "certificate verify failed",
        "partea lor: certificatul serverului nu este emis de o autoritate cunoscută; adăugați autoritatea instituției la canal",
    ),
    ("alert certificate required", "partea noastră: serverul cere un certificat de client, iar canalul nu are unul"),
    ("alert certificate expired", "partea noastră: certificatul nostru de client a expirat; înnoiți-l în canal"),
    ("alert certificate revoked", "partea noastră: certificatul nostru de client este revocat; înlocuiți-l în canal"),
    (
        "alert unknown ca",
        "partea noastră: serverul nu cunoaște autoritatea care a emis certificatul nostru de client; verificați identitatea \
         canalului",
    ),
    ("alert bad certificate", "partea noastră: serverul nu acceptă certificatul nostru de client"),
    ("alert certificate unknown", "partea noastră: serverul nu acceptă certificatul nostru de client"),
    ("alert unsupported certificate", "partea noastră: serverul nu acceptă felul certificatului nostru de client"),
    ("alert access denied", "partea noastră: certificatul nostru de client nu are dreptul de acces la acest server"),
    ("alert decrypt error", "partea noastră: cheia din canal nu se potrivește cu certificatul de client"),
    (
        "alert handshake failure",
        "partea noastră: serverul a refuzat legătura; cel mai des lipsește certificatul de client din canal",
    ),
    ("alert protocol version", "cele două părți nu au nicio versiune TLS comună"),
    ("unsupported protocol", "partea lor: serverul cunoaște numai versiuni TLS vechi, care nu sunt sigure"),
    ("wrong version number", "partea lor: la această adresă nu răspunde un server TLS; verificați adresa și portul"),
    ("unknown protocol", "partea lor: la această adresă nu răspunde un server TLS; verificați adresa și portul"),
];

/// What the library says when the other side closed in the middle.
const CLOSED: [&str; 4] =
    ["connection closed before message completed", "unexpected eof", "end of file", "body write aborted"];

/// What broke a call. The address is left out: a path or query may hold a token.
#[must_use]
pub fn broken(error: &reqwest::Error) -> Broken {
    let connecting = error.is_connect();
    let chain: Vec<String> = causes(error).map(|cause| cause.to_string().to_ascii_lowercase()).collect();
    let meant = TLS.iter().find(|(said, _)| chain.iter().any(|cause| cause.contains(said)));
    if let Some((said, words)) = meant {
        // A server that does not take our certificate says so in an alert before it reads a request; with TLS 1.3 the
        // request is then already under way. What it read it would not refuse like this.
        return Broken { words: format!("TLS, {words}"), unread: connecting || said.starts_with("alert") };
    }
    if let Some(forbidden) = causes(error).find_map(|cause| cause.downcast_ref::<Forbidden>()) {
        return Broken { words: forbidden.to_string(), unread: true };
    }
    let what = if connecting { "conectarea nu a reușit" } else { "conexiunea s-a întrerupt" };
    let cause =
        causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).and_then(|error| in_words(error.kind()));
    let name = chain.iter().any(|cause| cause.contains("dns error") || cause.contains("failed to lookup"));
    let words = match cause {
        _ if connecting && name => format!("{what}: numele serverului nu este cunoscut (DNS)"),
        Some(cause) => format!("{what}: {cause}"),
        // Codes of the TLS library help nobody who reads this.
        None if chain.iter().any(|cause| cause.starts_with("error:")) => format!("{what}: legătura TLS s-a rupt"),
        None if chain.iter().any(|cause| CLOSED.iter().any(|said| cause.contains(said))) => {
            format!("{what}: serverul a închis conexiunea înainte să termine răspunsul")
        }
        None => causes(error).last().map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}")),
    };
    Broken { words, unread: connecting }
}

/// The causes below the error itself, whose own words hold the address.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

fn in_words(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some("la această adresă nu ascultă nimeni"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            Some("serverul a închis conexiunea")
        }
        io::ErrorKind::TimedOut => Some("niciun răspuns la timp"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("nu există drum până la server"),
        _ => None,
    }
}
