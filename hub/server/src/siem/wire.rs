//! The connection: TLS 1.2 or later, octet counting (RFC 6587, section 3.4.1; RFC 5425, section 4.3), an end both sides say.

use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context as _, bail};
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_openssl::SslStream;

use crate::config::SiemConfig;

/// Connecting, sending and the receiver's end get so long, each.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way to a receiver.
pub(super) struct Wire {
    receiver: String,
    connector: SslConnector,
}

impl Wire {
    pub(super) fn new(wanted: &SiemConfig) -> anyhow::Result<Self> {
        let mut connector = SslConnector::builder(SslMethod::tls_client())?;
        connector.set_min_proto_version(Some(SslVersion::TLS1_2))?;
        if let Some(ca) = &wanted.ca {
            connector.set_ca_file(ca).with_context(|| format!("{} cannot be read", ca.display()))?;
        }
        if let (Some(certificate), Some(key)) = (&wanted.certificate, &wanted.key) {
            connector
                .set_certificate_chain_file(certificate)
                .with_context(|| format!("{} cannot be read", certificate.display()))?;
            connector
                .set_private_key_file(key, SslFiletype::PEM)
                .with_context(|| format!("{} cannot be read", key.display()))?;
        }
        Ok(Self { receiver: wanted.receiver.clone(), connector: connector.build() })
    }

    /// Sends messages on a connection of their own, and returns when the receiver has ended it in order.
    pub(super) async fn tell(&self, messages: &[String]) -> anyhow::Result<()> {
        let mut stream = timeout(PATIENCE, self.connect()).await.context("the connection took too long")??;
        let framed: String = messages.iter().map(|one| format!("{} {one}", one.len())).collect();
        timeout(PATIENCE, async {
            stream.write_all(framed.as_bytes()).await?;
            stream.shutdown().await
        })
        .await
        .context("sending took too long")??;
        // The receiver closes when it has read everything that came before our end.
        let mut rest = [0; 256];
        loop {
            match timeout(PATIENCE, stream.read(&mut rest)).await.context("the receiver did not end the connection")? {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                // An end without its alert: TCP was closed in order all the same.
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => bail!("the receiver broke the connection off: {error}"),
            }
        }
    }

    async fn connect(&self) -> anyhow::Result<SslStream<TcpStream>> {
        let tcp = TcpStream::connect(&self.receiver).await.context("nobody listens there")?;
        tcp.set_nodelay(true)?;
        let host = self.receiver.rsplit_once(':').map_or(self.receiver.as_str(), |(host, _)| host);
        let ssl = self.connector.configure()?.into_ssl(host.trim_matches(['[', ']']))?;
        let mut stream = SslStream::new(ssl, tcp)?;
        Pin::new(&mut stream).connect().await.context("no TLS with the receiver")?;
        Ok(stream)
    }
}
