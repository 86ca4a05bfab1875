//! A bounded conversation in lines, over TLS.
//!
//! Every wait has an end, every line a longest length, every visit a most of bytes. Nothing that was received before TLS
//! began is believed after it.

use std::pin::Pin;
use std::time::Duration;

use connectors_contract::Reach;
use native_tls::{Certificate, Identity, Protocol, TlsConnector};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::address::Server;

/// The longest line: IMAP gives search results in one; SMTP needs 512 bytes.
const LONGEST_LINE: usize = 64 * 1024;

/// Why a conversation ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// The server cannot be reached.
    #[error("serverul {server} nu poate fi contactat: {reason}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// What happened.
        reason: String,
    },
    /// The server does not prove who it is, or cannot speak TLS.
    #[error("legătura cu {server} nu poate fi protejată cu TLS, nu s-a trimis nimic: {reason}")]
    Tls {
        /// Host and port.
        server: String,
        /// What happened.
        reason: String,
    },
    /// It said nothing, or not all of it, in time.
    #[error("serverul nu a răspuns la timp")]
    Silent,
    /// The connection broke.
    #[error("legătura cu serverul s-a întrerupt: {0}")]
    Cut(String),
    /// It said more than a server has to say, or something that cannot be read.
    #[error("serverul a răspuns de neînțeles: {0}")]
    Nonsense(&'static str),
}

trait Wire: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Wire for T {}

/// What is needed to be believed, and to believe.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    /// Further trust anchors as PEM.
    pub roots: Option<String>,
    /// What proves who we are in TLS, as PEM.
    pub identity: Option<SecretString>,
    /// Whom the channel may reach.
    pub reach: Reach,
}

/// An open conversation.
pub(crate) struct Line {
    wire: Pin<Box<dyn Wire>>,
    /// What came and was not read yet.
    ahead: Vec<u8>,
    server: String,
    /// The longest silence.
    patience: Duration,
    /// When the answer to what was sent last is to be there: a server that says a line now and then gives no answer.
    answer_by: Instant,
    /// When the visit ends in any case.
    ends: Instant,
    /// How many bytes may still come.
    left: usize,
}

impl Line {
    /// Connects; with TLS at once where the server begins so.
    pub(crate) async fn open(
        server: &Server,
        trust: &Trust,
        patience: Duration,
        (visit, most_bytes): (Duration, usize),
    ) -> Result<Self, LineError> {
        let name = format!("{}:{}", server.host, server.port);
        let unreachable = |reason: String| LineError::Unreachable { server: name.clone(), reason };
        let connecting = async {
            let found = trust.reach.resolve(&server.host, server.port).await.map_err(|error| error.to_string())?;
            TcpStream::connect(found.as_slice()).await.map_err(|error| error.to_string())
        };
        let stream = tokio::time::timeout(patience.min(Duration::from_secs(10)), connecting)
            .await
            .map_err(|_| unreachable("nu răspunde".to_owned()))?
            .map_err(unreachable)?;
        let ends = Instant::now() + visit;
        let wire: Pin<Box<dyn Wire>> = Box::pin(stream);
        let answer_by = Instant::now() + patience;
        let mut line = Self { wire, ahead: Vec::new(), server: name, patience, answer_by, ends, left: most_bytes };
        if server.tls_at_once {
            line = line.protect(&server.host, trust).await?;
        }
        Ok(line)
    }

    /// Begins TLS. What the server sent before is an error: after TLS it would be taken for a protected answer.
    pub(crate) async fn protect(self, host: &str, trust: &Trust) -> Result<Self, LineError> {
        if !self.ahead.is_empty() {
            return Err(LineError::Nonsense("a trimis date înainte de a începe TLS"));
        }
        let tls = |reason: String| LineError::Tls { server: self.server.clone(), reason };
        let connector = tokio_native_tls::TlsConnector::from(connector(trust).map_err(tls)?);
        let handshake = connector.connect(host, self.wire);
        let wire = timeout_at(self.ends.min(Instant::now() + self.patience), handshake)
            .await
            .map_err(|_| LineError::Silent)?
            .map_err(|error| LineError::Tls { server: self.server.clone(), reason: error.to_string() })?;
        Ok(Self { wire: Box::pin(wire), answer_by: Instant::now() + self.patience, ..self })
    }

    /// The next line, without its end.
    pub(crate) async fn read(&mut self) -> Result<Vec<u8>, LineError> {
        let end = self.ends.min(self.answer_by);
        loop {
            if let Some(at) = self.ahead.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.ahead.drain(..=at).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            if self.ahead.len() > LONGEST_LINE {
                return Err(LineError::Nonsense("o linie care nu se mai termină"));
            }
            self.fill(end).await?;
        }
    }

    /// The next so many bytes.
    pub(crate) async fn read_exactly(&mut self, count: usize) -> Result<Vec<u8>, LineError> {
        while self.ahead.len() < count {
            let end = self.deadline();
            self.fill(end).await?;
        }
        // Many bytes take their time; what follows them has its own.
        self.answer_by = self.deadline();
        Ok(self.ahead.drain(..count).collect())
    }

    /// Sends all of it.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), LineError> {
        // In pieces, so that a slow line that moves is not taken for a silent one.
        for piece in bytes.chunks(64 * 1024) {
            let end = self.deadline();
            let writing = async {
                self.wire.write_all(piece).await?;
                self.wire.flush().await
            };
            let written = timeout_at(end, writing).await.map_err(|_| LineError::Silent)?;
            written.map_err(|error| LineError::Cut(error.to_string()))?;
        }
        self.answer_by = self.deadline();
        Ok(())
    }

    /// Sends a line.
    pub(crate) async fn write_line(&mut self, line: &str) -> Result<(), LineError> {
        debug_assert!(!line.contains(['\r', '\n']), "a command is one line");
        self.write(format!("{line}\r\n").as_bytes()).await
    }

    fn deadline(&self) -> Instant {
        self.ends.min(Instant::now() + self.patience)
    }

    async fn fill(&mut self, end: Instant) -> Result<(), LineError> {
        let mut chunk = [0; 16 * 1024];
        let read = timeout_at(end, self.wire.read(&mut chunk)).await.map_err(|_| LineError::Silent)?;
        let count = read.map_err(|error| LineError::Cut(error.to_string()))?;
        if count == 0 {
            return Err(LineError::Cut("serverul a închis-o".to_owned()));
        }
        self.left = self.left.checked_sub(count).ok_or(LineError::Nonsense("mai multe date decât s-au cerut"))?;
        self.ahead.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

fn connector(trust: &Trust) -> Result<TlsConnector, String> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    if let Some(roots) = &trust.roots {
        for pem in pieces(roots, "CERTIFICATE") {
            let root = Certificate::from_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
            builder.add_root_certificate(root);
        }
    }
    if let Some(identity) = &trust.identity {
        let text = identity.expose_secret();
        let chain = pieces(text, "CERTIFICATE").concat();
        let key = pieces(text, "PRIVATE KEY").concat();
        let read = Identity::from_pkcs8(chain.as_bytes(), key.as_bytes());
        builder.identity(read.map_err(|_| "certificatul și cheia canalului nu pot fi citite".to_owned())?);
    }
    builder.build().map_err(|error| error.to_string())
}

/// The PEM blocks of one label.
fn pieces(text: &str, label: &str) -> Vec<String> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let found = text.split(begin.as_str()).skip(1).filter_map(|rest| rest.split_once(end.as_str()));
    found.map(|(inside, _)| format!("{begin}{inside}{end}\n")).collect()
}
