//! A door whose lines speak TLS: for clients that know only `https` and their own fixed host names.
//!
//! A handshake that hangs holds nobody else: each runs by itself and gives up after ten seconds.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use openssl::error::ErrorStack;
use openssl::pkey::{PKeyRef, Private};
use openssl::ssl::{Ssl, SslAcceptor, SslMethod};
use openssl::x509::X509;
use tokio::sync::mpsc;
use tokio_openssl::SslStream;

use crate::line::{Door, Line, LineHandle};

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Accepts connections and shakes hands.
pub(crate) struct SecureDoor {
    address: io::Result<SocketAddr>,
    accepting: Pin<Box<dyn Future<Output = ()> + Send>>,
    ready: mpsc::Receiver<(SslStream<Line>, SocketAddr)>,
}

impl SecureDoor {
    /// Puts TLS before a door. The first certificate is the server's own, the others lead to its root.
    pub(crate) fn new(door: Door, certificates: &[X509], key: &PKeyRef<Private>) -> Result<Self, ErrorStack> {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls())?;
        for (position, certificate) in certificates.iter().enumerate() {
            match position {
                0 => acceptor.set_certificate(certificate)?,
                _ => acceptor.add_extra_chain_cert(certificate.clone())?,
            }
        }
        acceptor.set_private_key(key)?;
        acceptor.check_private_key()?;
        let (done, ready) = mpsc::channel(64);
        let address = door.local_addr();
        Ok(Self { address, accepting: Box::pin(accept_all(door, acceptor.build(), done)), ready })
    }
}

async fn accept_all(mut door: Door, acceptor: SslAcceptor, done: mpsc::Sender<(SslStream<Line>, SocketAddr)>) {
    loop {
        let (line, peer) = door.accept().await;
        let (acceptor, done) = (acceptor.clone(), done.clone());
        tokio::spawn(async move {
            let Ok(mut stream) = Ssl::new(acceptor.context()).and_then(|ssl| SslStream::new(ssl, line)) else { return };
            let shaken = tokio::time::timeout(HANDSHAKE, Pin::new(&mut stream).accept()).await;
            if matches!(shaken, Ok(Ok(()))) {
                // When nobody takes it any more, the twin is being stopped.
                let _stopped = done.send((stream, peer)).await;
            }
        });
    }
}

impl Listener for SecureDoor {
    type Io = SslStream<Line>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (SslStream<Line>, SocketAddr) {
        loop {
            tokio::select! {
                () = &mut self.accepting => {}
                ready = self.ready.recv() => if let Some(ready) = ready {
                    return ready;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.address {
            Ok(address) => Ok(*address),
            Err(error) => Err(error.kind().into()),
        }
    }
}

impl Connected<IncomingStream<'_, SecureDoor>> for LineHandle {
    fn connect_info(stream: IncomingStream<'_, SecureDoor>) -> Self {
        stream.io().get_ref().handle()
    }
}
