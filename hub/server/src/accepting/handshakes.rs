//! Handshakes under way: bounded in time, in number, and per address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use openssl::ssl::Ssl;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_openssl::SslStream;

use crate::tls::{ClientCertificate, Tls};

/// A connection whose handshake ended well.
pub(super) struct Passed {
    /// What is said on it.
    pub(super) stream: SslStream<TcpStream>,
    /// The certificate the client proved to have.
    pub(super) certificate: Option<Arc<ClientCertificate>>,
    /// Whether HTTP/2 was agreed on.
    pub(super) h2: bool,
}

/// The handshakes of a door.
pub(super) struct Handshakes {
    tls: Arc<Tls>,
    all: Semaphore,
    by_address: Mutex<HashMap<IpAddr, u32>>,
}

impl Handshakes {
    pub(super) fn new(tls: Arc<Tls>) -> Self {
        let all = Semaphore::new(usize::try_from(tls.handshakes()).unwrap_or(Semaphore::MAX_PERMITS));
        Self { tls, all, by_address: Mutex::default() }
    }

    /// The connection behind its handshake, with what the client proved; none where it did not keep to the protocol.
    pub(super) async fn pass(&self, tcp: TcpStream, address: IpAddr) -> Option<Passed> {
        let stream = self.shake(tcp, address).await?;
        let certificate = match stream.ssl().peer_certificate().map(ClientCertificate::of).transpose() {
            Ok(certificate) => certificate.map(Arc::new),
            Err(error) => {
                tracing::debug!(%error, %address, "a client certificate cannot be read");
                return None;
            }
        };
        let h2 = stream.ssl().selected_alpn_protocol() == Some(b"h2");
        Some(Passed { stream, certificate, h2 })
    }

    async fn shake(&self, stream: TcpStream, address: IpAddr) -> Option<SslStream<TcpStream>> {
        let _turn = Turn::take(&self.by_address, address, self.tls.handshakes().div_ceil(4))?;
        let shaken = tokio::time::timeout(self.tls.patience(), async {
            let _permit = self.all.acquire().await.ok()?;
            let ssl = Ssl::new(&self.tls.state().context).ok()?;
            let mut stream = SslStream::new(ssl, stream).ok()?;
            match Pin::new(&mut stream).accept().await {
                Ok(()) => Some(stream),
                Err(error) => {
                    tracing::debug!(%error, %address, "a handshake was refused");
                    None
                }
            }
        });
        shaken.await.ok().flatten()
    }
}

/// The place of an address among the handshakes under way; given back when dropped.
struct Turn<'a> {
    places: &'a Mutex<HashMap<IpAddr, u32>>,
    address: IpAddr,
}

impl<'a> Turn<'a> {
    fn take(places: &'a Mutex<HashMap<IpAddr, u32>>, address: IpAddr, most: u32) -> Option<Self> {
        let mut taken = places.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Self { places, address })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}
