//! Connections at the door: so many, of so many from one address; brought through their handshake, served in the protocol
//! they agreed on, with headers so large and in so much time, and ended in order.
//!
//! Every request gets a [`Peer`]: where it came from and what it proved. It never reads a request itself.

mod handshakes;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::config::DoorConfig;
use crate::protection::connections::Open;
use crate::protection::stream::Taken;
use crate::tls::{ClientCertificate, Tls};

use handshakes::{Handshakes, Passed};

/// Requests of one HTTP/2 connection under way at once.
const STREAMS: u32 = 128;
/// How long the way in stays closed when the process has no more files.
const OUT_OF_FILES: Duration = Duration::from_millis(200);
/// The HTTP library takes no smaller buffer.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// Who is at the other end of a connection.
#[derive(Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The certificate it proved to have in the handshake.
    pub certificate: Option<Arc<ClientCertificate>>,
}

impl Peer {
    /// Its address without the port, an IPv4 one as such.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}

/// A door: an address, what is served there, TLS where it is spoken, and its bounds.
pub struct Door {
    /// The address.
    pub listener: TcpListener,
    /// What is served.
    pub router: Router,
    /// TLS; plain where absent.
    pub tls: Option<Arc<Tls>>,
    /// How many connections, how large and how slow.
    pub bounds: Arc<DoorConfig>,
}

impl Door {
    /// Serves until the hub stops, and ends what is under way.
    pub async fn serve(self, mut stopped: watch::Receiver<bool>) {
        let (ending, open) = (GracefulShutdown::new(), Arc::new(Open::default()));
        let handshakes = self.tls.as_ref().map(|tls| Arc::new(Handshakes::new(Arc::clone(tls))));
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            match accepted {
                Ok((tcp, address)) => {
                    // Too many: closed without a word, which costs nothing.
                    let Some(place) = open.place(address.ip().to_canonical(), &self.bounds) else { continue };
                    let served = Served { router: self.router.clone(), bounds: Arc::clone(&self.bounds) };
                    let (handshakes, watcher) = (handshakes.clone(), ending.watcher());
                    tokio::spawn(async move {
                        let _place = place;
                        enter((tcp, address), handshakes, served, watcher).await;
                    });
                }
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "the door cannot take a connection");
                    tokio::time::sleep(OUT_OF_FILES).await;
                }
            }
        }
        drop(self.listener);
        ending.shutdown().await;
    }
}

fn is_the_peers(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

/// What a connection is served, and in which bounds.
struct Served {
    router: Router,
    bounds: Arc<DoorConfig>,
}

async fn enter(
    (tcp, address): (TcpStream, SocketAddr),
    handshakes: Option<Arc<Handshakes>>,
    served: Served,
    watcher: Watcher,
) {
    // A connection that ended meanwhile has nothing to set.
    let _ = tcp.set_nodelay(true);
    let Some(handshakes) = handshakes else {
        return converse((tcp, false), Peer { address, certificate: None }, served, watcher).await;
    };
    let Some(Passed { stream, certificate, h2 }) = handshakes.pass(tcp, address.ip()).await else { return };
    converse((stream, h2), Peer { address, certificate }, served, watcher).await;
}

async fn converse<S>((stream, h2): (S, bool), peer: Peer, served: Served, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Served { router, bounds } = served;
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        router.call(request)
    });
    let silence = Duration::from_secs(bounds.header_seconds);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // The protocol is known: by what was agreed in the handshake, and without one there is only HTTP/1.1.
    builder = if h2 { builder.http2_only() } else { builder.http1_only() };
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(silence)
        .max_headers(bounds.headers)
        .max_buf_size(bounds.header_bytes.max(SMALLEST_BUFFER));
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(silence)
        .keep_alive_timeout(silence)
        .max_header_list_size(u32::try_from(bounds.header_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS);
    let stream = Taken::new(stream, Duration::from_secs(bounds.write_seconds));
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(error, "a connection ended early");
    }
}
