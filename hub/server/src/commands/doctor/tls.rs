//! The line: whether it is there, whose certificates stand at its two ends, and what is wrong with which.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use connectors_contract::Channel;
use openssl::asn1::Asn1Time;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{HandshakeError, SslConnector, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::{X509, X509Ref};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{Examination, Side};

const PATIENCE: Duration = Duration::from_secs(10);

/// Examines certificate and key that prove who we are.
pub(super) fn identity(pem: &str, examination: &mut Examination) {
    let chain = X509::stack_from_pem(pem.as_bytes()).unwrap_or_default();
    let Some(own) = chain.first() else {
        examination.wrong(Side::Ours, "identitatea nu are certificat", "puneți certificatul PEM înaintea cheii");
        return;
    };
    let named = format!("certificatul nostru {}, emis de {}, până la {}", name(own), issuer(own), own.not_after());
    match expiry(own) {
        Expiry::Past => {
            examination.wrong(Side::Ours, format!("{named}: a expirat"), "cereți altul furnizorului calificat")
        }
        Expiry::Soon => examination.warn(format!("{named}: expiră în mai puțin de 30 de zile")),
        Expiry::Future => examination.wrong(
            Side::Ours,
            format!("{named}: nu este încă valabil"),
            "verificați ceasul acestui calculator",
        ),
        Expiry::Fine => examination.well(named),
    }
    match PKey::private_key_from_pem(pem.as_bytes()) {
        Err(_) => examination.wrong(Side::Ours, "cheia nu se poate citi", "puneți cheia PEM necifrată după certificat"),
        Ok(key) if own.public_key().is_ok_and(|public| key.public_eq(&public)) => {
            examination.well("cheia este a certificatului")
        }
        Ok(_) => examination.wrong(Side::Ours, "cheia nu este a certificatului", "puneți perechea potrivită în fișier"),
    }
}

/// Connects, and shakes hands where the address wants it. Whether it may be asked something.
pub(super) async fn connect(address: &Url, channel: &Channel, examination: &mut Examination) -> bool {
    let (host, port) =
        (address.host_str().unwrap_or_default().to_owned(), address.port_or_known_default().unwrap_or(443));
    let secured = matches!(address.scheme(), "https" | "amqps" | "smtps" | "imaps");
    let (roots, identity) = (channel.roots.clone(), channel.identity.clone());
    let tried = tokio::task::spawn_blocking(move || attempt(&host, port, secured, roots, identity)).await;
    match tried {
        Ok(Reached::Nowhere(why)) => {
            examination.wrong(
                Side::Between,
                format!("nu se poate ajunge la sistem: {why}"),
                "verificați numele, portul și firewall-ul",
            );
            false
        }
        Ok(Reached::Plain) => {
            examination.well("conexiunea TCP se deschide; adresa nu cere TLS");
            true
        }
        Ok(Reached::Secured(handshake)) => told(&handshake, examination),
        Err(_) => {
            examination.wrong(Side::Ours, "încercarea s-a întrerupt", "repetați-o");
            false
        }
    }
}

enum Reached {
    Nowhere(String),
    Plain,
    Secured(Handshake),
}

struct Handshake {
    chain: Vec<X509>,
    protocol: String,
    verified: Result<(), String>,
    failed: Option<String>,
}

fn attempt(host: &str, port: u16, secured: bool, roots: Option<String>, identity: Option<SecretString>) -> Reached {
    let line = match line(host, port) {
        Ok(line) => line,
        Err(error) => return Reached::Nowhere(error.to_string()),
    };
    if !secured {
        return Reached::Plain;
    }
    match shake(host, line, roots, identity) {
        Ok(handshake) => Reached::Secured(handshake),
        Err(error) => Reached::Nowhere(error.to_string()),
    }
}

fn line(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut found = Err(std::io::Error::other("numele nu are nicio adresă"));
    for address in (host, port).to_socket_addrs()? {
        found = TcpStream::connect_timeout(&address, PATIENCE);
        if found.is_ok() {
            break;
        }
    }
    let line = found?;
    line.set_read_timeout(Some(PATIENCE))?;
    line.set_write_timeout(Some(PATIENCE))?;
    Ok(line)
}

/// Shakes hands whatever the certificate is, so that a wrong one can be shown; what is wrong is said afterwards.
fn shake(
    host: &str,
    line: TcpStream,
    roots: Option<String>,
    identity: Option<SecretString>,
) -> Result<Handshake, openssl::error::ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
    for root in roots.map(|roots| X509::stack_from_pem(roots.as_bytes())).transpose()?.unwrap_or_default() {
        builder.cert_store_mut().add_cert(root)?;
    }
    if let Some(identity) = identity {
        let pem = identity.expose_secret().as_bytes();
        let mut chain = X509::stack_from_pem(pem)?.into_iter();
        if let Some(own) = chain.next() {
            builder.set_certificate(&own)?;
            builder.set_private_key(PKey::private_key_from_pem(pem)?.as_ref())?;
        }
        for above in chain {
            builder.add_extra_chain_cert(above)?;
        }
    }
    Ok(match builder.build().configure()?.verify_hostname(true).connect(host, line) {
        Ok(stream) => shown(&stream, None),
        Err(HandshakeError::Failure(middle) | HandshakeError::WouldBlock(middle)) => {
            let chain = middle.ssl().peer_cert_chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect());
            let failed = Some(middle.error().to_string());
            Handshake { chain: chain.unwrap_or_default(), protocol: String::new(), verified: Ok(()), failed }
        }
        Err(HandshakeError::SetupFailure(error)) => return Err(error),
    })
}

fn shown(stream: &SslStream<TcpStream>, failed: Option<String>) -> Handshake {
    let ssl = stream.ssl();
    let chain = ssl.peer_cert_chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect()).unwrap_or_default();
    let verified = match ssl.verify_result() {
        result if result == openssl::x509::X509VerifyResult::OK => Ok(()),
        result => Err(result.error_string().to_owned()),
    };
    Handshake { chain, protocol: ssl.version_str().to_owned(), verified, failed }
}

fn told(handshake: &Handshake, examination: &mut Examination) -> bool {
    for (number, certificate) in handshake.chain.iter().enumerate() {
        let place = if number == 0 { "certificatul lor" } else { "deasupra lui" };
        let until = certificate.not_after();
        let named = format!("{place}: {}, emis de {}, până la {until}", name(certificate), issuer(certificate));
        match expiry(certificate) {
            Expiry::Past => examination.wrong(
                Side::Theirs,
                format!("{named}: a expirat"),
                "anunțați instituția; nu ocoliți verificarea",
            ),
            Expiry::Future => examination.wrong(
                Side::Ours,
                format!("{named}: nu este încă valabil"),
                "verificați ceasul acestui calculator",
            ),
            Expiry::Soon => examination.warn(format!("{named}: expiră în mai puțin de 30 de zile")),
            Expiry::Fine => examination.well(named),
        }
    }
    if let Some(failed) = &handshake.failed {
        let remedy =
            "dacă sistemul cere certificat de client, puneți identity în canal; altfel comparați versiunile TLS";
        examination.wrong(Side::Between, format!("TLS nu s-a încheiat: {failed}"), remedy);
        return false;
    }
    match &handshake.verified {
        Ok(()) => examination
            .well(format!("{}, lanțul duce la o autoritate cunoscută și numele se potrivește", handshake.protocol)),
        Err(why) => {
            let remedy = "dacă autoritatea este cea adevărată, puneți rădăcina ei în roots; dacă numele este altul, corectați adresa";
            examination.wrong(Side::Between, format!("certificatul lor nu se verifică: {why}"), remedy);
        }
    }
    handshake.verified.is_ok()
}

enum Expiry {
    Past,
    Soon,
    Future,
    Fine,
}

fn expiry(certificate: &X509Ref) -> Expiry {
    let at = |days: u32| Asn1Time::days_from_now(days).ok();
    let (Some(now), Some(soon)) = (at(0), at(30)) else { return Expiry::Fine };
    if certificate.not_after() < now.as_ref() {
        Expiry::Past
    } else if certificate.not_before() > now.as_ref() {
        Expiry::Future
    } else if certificate.not_after() < soon.as_ref() {
        Expiry::Soon
    } else {
        Expiry::Fine
    }
}

fn name(certificate: &X509Ref) -> String {
    common(certificate.subject_name())
}

fn issuer(certificate: &X509Ref) -> String {
    common(certificate.issuer_name())
}

fn common(name: &openssl::x509::X509NameRef) -> String {
    let entry = |nid| name.entries_by_nid(nid).next().and_then(|entry| entry.data().to_string().ok());
    entry(Nid::COMMONNAME).or_else(|| entry(Nid::ORGANIZATIONNAME)).unwrap_or_else(|| "fără nume".to_owned())
}
