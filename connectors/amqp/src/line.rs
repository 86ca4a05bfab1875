//! One connection to a broker, made anew whenever it is not sure that it works.

use std::sync::{Mutex as Now, MutexGuard, PoisonError};
use std::time::Duration;

use connectors_contract::{Channel as Address, Manifest, ManifestError, Reach};
use lapin::options::ConfirmSelectOptions;
use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, DefaultConnectionBuilder, Error, ErrorKind};
use openssl::pkey::PKey;
use openssl::x509::X509;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;
use url::Url;

/// The longest time to make a connection, all of it.
const CONNECTING: Duration = Duration::from_secs(10);

/// How often both sides say that they live, in seconds.
const HEARTBEAT: u16 = 10;

/// A line to one broker. Has no Debug on purpose: it holds the password.
pub(crate) struct Line {
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    name: String,
    reach: Reach,
    /// The longest wait for one answer of the broker.
    pub(crate) patience: Duration,
    connection: Mutex<Option<Connection>>,
    idle: Now<Vec<Channel>>,
}

/// Why there is no line, in words for people.
pub(crate) type Broken = String;

impl Line {
    /// A line for a channel; nothing is connected yet.
    pub(crate) fn new(manifest: &Manifest, channel: &Address) -> Result<Self, ManifestError> {
        let lacks = |lacks: &str, way_out: &str| ManifestError::Channel {
            system: manifest.system.clone(),
            lacks: lacks.to_owned(),
            way_out: way_out.to_owned(),
        };
        let address = manifest.endpoint.address(&manifest.system, channel)?;
        if !matches!(address.scheme(), "amqp" | "amqps") {
            return Err(ManifestError::Address {
                system: manifest.system.clone(),
                problem: format!("this engine speaks AMQP, and the address begins with {}:", address.scheme()),
            });
        }
        let secret = channel.secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        let secret = secret.ok_or_else(|| lacks("the secret", "store user:password of the broker in the channel"))?;
        let Some((user, password)) = secret.split_once(':') else {
            return Err(lacks("a user", "write the secret as user:password"));
        };
        let uri = written(&address, user, password)
            .ok_or_else(|| lacks("an address that AMQP takes", "write amqps://host:5671/vhost"))?;
        let tls = tls(channel).map_err(|(what, way_out)| lacks(what, way_out))?;
        let (connection, idle) = (Mutex::new(None), Now::default());
        let name = format!("punte {}", manifest.system);
        Ok(Self { uri, tls, name, reach: channel.reach.clone(), patience: manifest.endpoint.timeout, connection, idle })
    }

    /// A channel with confirms, for one user at a time: the library gives a returned message to whichever confirm comes
    /// next, so two sendings on one channel could take each other's.
    pub(crate) async fn channel(&self) -> Result<Channel, Broken> {
        while let Some(channel) = self.waiting().pop() {
            if channel.status().connected() {
                return Ok(channel);
            }
        }
        match timeout(CONNECTING, self.open()).await {
            Ok(opened) => opened,
            Err(_) => Err(format!("brokerul nu a răspuns în {} s la deschiderea conexiunii", CONNECTING.as_secs())),
        }
    }

    /// Gives a channel back that did what it was asked; others are thrown away.
    pub(crate) fn give_back(&self, channel: Channel) {
        if channel.status().connected() {
            self.waiting().push(channel);
        }
    }

    /// Throws the connection away: it did not answer in time, and nothing on it is to be believed.
    pub(crate) async fn abandon(&self) {
        self.waiting().clear();
        if let Some(connection) = self.connection.lock().await.take() {
            // Closing waits for a peer that does not answer; nobody waits for the closing.
            tokio::spawn(timeout(CONNECTING, async move { connection.close(200, "abandoned".into()).await }));
        }
    }

    async fn open(&self) -> Result<Channel, Broken> {
        let mut kept = self.connection.lock().await;
        if kept.as_ref().is_none_or(|connection| !connection.status().connected()) {
            *kept = None;
            *kept = Some(self.connect().await?);
        }
        let connection = kept.as_ref().expect("it was put there just now");
        let channel = connection.create_channel().await.map_err(|error| in_words(&error))?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(|error| in_words(&error))?;
        Ok(channel)
    }

    async fn connect(&self) -> Result<Connection, Broken> {
        let properties = ConnectionProperties::default().with_connection_name(self.name.as_str().into());
        // The library resolves once more; the name is judged each time before it does.
        let authority = &self.uri.authority;
        self.reach.resolve(&authority.host, authority.port).await.map_err(|error| error.to_string())?;
        let builder = DefaultConnectionBuilder::new().map_err(|error| in_words(&error))?;
        let builder = builder.with_uri(self.uri.clone()).with_tls_config(self.tls.clone()).with_properties(properties);
        builder.connect().await.map_err(|error| in_words(&error))
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Channel>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn written(address: &Url, user: &str, password: &str) -> Option<AMQPUri> {
    let mut address = address.clone();
    address.set_username(user).ok()?;
    address.set_password(Some(password)).ok()?;
    // Without a path the virtual host is "/", not the one without a name.
    if matches!(address.path(), "" | "/") {
        address.set_path("/%2f");
    }
    address.set_query(None);
    let mut uri: AMQPUri = address.as_str().parse().ok()?;
    uri.query.heartbeat = Some(HEARTBEAT);
    uri.query.connection_timeout = Some(u64::try_from(CONNECTING.as_millis()).ok()?);
    Some(uri)
}

fn tls(channel: &Address) -> Result<OwnedTLSConfig, (&'static str, &'static str)> {
    let identity = match &channel.identity {
        None => None,
        Some(identity) => {
            let unusable = ("a client certificate and its key", "write chain and unencrypted key as PEM");
            let pem = identity.expose_secret().as_bytes();
            let chain = X509::stack_from_pem(pem).map_err(|_| unusable)?;
            // The library would ask at the terminal for the password of an encrypted key.
            let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(|_| unusable)?;
            let chain: Result<Vec<_>, _> = chain.iter().map(|certificate| certificate.to_pem()).collect();
            let pem = chain.map_err(|_| unusable)?.concat();
            if pem.is_empty() {
                return Err(unusable);
            }
            Some(OwnedIdentity::PKCS8 { pem, key: key.private_key_to_pem_pkcs8().map_err(|_| unusable)? })
        }
    };
    if let Some(roots) = &channel.roots {
        let unusable = ("roots that can be read", "write one or more certificates as PEM");
        let readable = X509::stack_from_pem(roots.as_bytes()).is_ok_and(|roots| !roots.is_empty());
        readable.then_some(()).ok_or(unusable)?;
    }
    Ok(OwnedTLSConfig { identity, cert_chain: channel.roots.clone() })
}

/// What the library says, for people. Its own words hold neither address nor password.
pub(crate) fn in_words(error: &Error) -> String {
    match error.kind() {
        ErrorKind::IOError(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "la adresa brokerului nu ascultă nimeni".to_owned(),
            std::io::ErrorKind::ConnectionReset
            | std::io::ErrorKind::ConnectionAborted
            | std::io::ErrorKind::BrokenPipe
            | std::io::ErrorKind::UnexpectedEof => "brokerul a închis conexiunea".to_owned(),
            std::io::ErrorKind::TimedOut => "brokerul nu a răspuns la timp".to_owned(),
            _ => format!("conexiunea cu brokerul s-a întrerupt: {error}"),
        },
        ErrorKind::MissingHeartbeatError => "brokerul nu mai dă semne de viață".to_owned(),
        ErrorKind::ProtocolError(error) if error.get_id() == 403 => {
            "brokerul nu acceptă utilizatorul sau parola din canal, sau acesta nu are dreptul cerut".to_owned()
        }
        ErrorKind::ProtocolError(error) => {
            format!("brokerul a refuzat: {} {}", error.get_id(), error.get_message().as_str())
        }
        ErrorKind::InvalidChannelState(..) | ErrorKind::InvalidConnectionState(_) => {
            "conexiunea cu brokerul s-a închis".to_owned()
        }
        _ => format!("conexiunea cu brokerul s-a întrerupt: {error}"),
    }
}
