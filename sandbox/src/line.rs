//! The door and its lines: TCP connections that can be cut for real, and a port that can be closed for a while.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// Accepts connections unless it is told to be down.
pub(crate) struct Door {
    address: SocketAddr,
    /// Bound and never listening: through an outage nobody else is given the port, and connections are refused.
    _kept: TcpSocket,
    listener: Option<TcpListener>,
    gate: Arc<Gate>,
}

/// Opens and closes a door from outside.
pub(crate) struct Gate {
    down_until: watch::Sender<Option<Instant>>,
    /// Whether the port is open, and how many outages there were: one that is over before anybody looks was one all the same.
    port: watch::Sender<(Port, u64)>,
    lines: Mutex<Vec<Weak<LineState>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Open,
    Closed,
    Gone,
}

/// One accepted connection.
pub(crate) struct Line {
    stream: TcpStream,
    state: Arc<LineState>,
}

/// Cuts one connection.
#[derive(Clone)]
pub(crate) struct LineHandle(Arc<LineState>);

struct LineState {
    /// The same socket, so that it can be shut while the server owns the stream.
    socket: std::net::TcpStream,
    /// How many bytes may still be written.
    budget: AtomicUsize,
}

impl Door {
    /// Binds the address.
    pub(crate) async fn open(address: SocketAddr) -> io::Result<(Self, Arc<Gate>)> {
        let kept = bound(address)?;
        let address = kept.local_addr()?;
        let listener = listening(address)?;
        let gate = Arc::new(Gate {
            down_until: watch::Sender::new(None),
            port: watch::Sender::new((Port::Open, 0)),
            lines: Mutex::default(),
        });
        Ok((Self { address, _kept: kept, listener: Some(listener), gate: Arc::clone(&gate) }, gate))
    }

    /// Returns an open listener, after sitting out an outage.
    async fn listening(&mut self, down_until: &mut watch::Receiver<Option<Instant>>) -> TcpListener {
        loop {
            let outage = *down_until.borrow_and_update();
            if let Some(until) = outage {
                self.listener = None;
                self.gate.port.send_modify(|(port, outages)| {
                    *port = Port::Closed;
                    *outages += 1;
                });
                tokio::select! {
                    () = sleep_until(until) => {
                        self.gate.down_until.send_if_modified(|now| now.take_if(|now| *now == until).is_some());
                    }
                    _ = down_until.changed() => {}
                }
                continue;
            }
            let listener = match self.listener.take() {
                Some(listener) => Ok(listener),
                None => listening(self.address),
            };
            match listener {
                Ok(listener) => {
                    self.gate.port.send_modify(|(port, _)| *port = Port::Open);
                    return listener;
                }
                // The system has no socket to give now: the outage goes on.
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// A socket at an address, beside others there of which none listens.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn listening(address: SocketAddr) -> io::Result<TcpListener> {
    bound(address)?.listen(1024)
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let mut down_until = self.gate.down_until.subscribe();
        loop {
            let listener = self.listening(&mut down_until).await;
            let accepted = tokio::select! {
                biased;
                _ = down_until.changed() => None,
                accepted = listener.accept() => Some(accepted),
            };
            self.listener = Some(listener);
            let line = accepted.and_then(Result::ok).map(|(stream, peer)| (Line::new(stream), peer));
            if let Some((Ok(line), peer)) = line {
                self.gate.remember(&line.state);
                return (line, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.gate.port.send_modify(|(port, _)| *port = Port::Gone);
    }
}

impl Gate {
    /// Closes the port and every line but one, and returns when connections are refused.
    pub(crate) async fn down(&self, time: Duration, but: Option<&LineHandle>) {
        let before = self.port.borrow().1;
        self.down_until.send_replace(Some(Instant::now() + time));
        self.wait_until(|(port, outages)| port != Port::Open || outages > before).await;
        self.cut_all(but);
    }

    /// Ends an outage and returns when connections are accepted.
    pub(crate) async fn up(&self) {
        self.down_until.send_replace(None);
        self.wait_until(|(port, _)| port != Port::Closed).await;
    }

    async fn wait_until(&self, reached: impl Fn((Port, u64)) -> bool) {
        let mut port = self.port.subscribe();
        // The sender is ours, so the wait can only end by what it waits for.
        let _reached = port.wait_for(|port| reached(*port)).await.is_ok();
    }

    /// Cuts every line but one.
    pub(crate) fn cut_all(&self, but: Option<&LineHandle>) {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        for line in lines.iter().filter_map(Weak::upgrade) {
            if but.is_none_or(|but| !Arc::ptr_eq(&but.0, &line)) {
                LineHandle(line).cut_now();
            }
        }
    }

    fn remember(&self, line: &Arc<LineState>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(line));
    }
}

impl LineHandle {
    /// Lets so many more bytes out and then cuts the connection.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.0.budget.store(bytes, Ordering::Relaxed);
    }

    /// Cuts the connection.
    pub(crate) fn cut_now(&self) {
        self.cut_after(0);
        // It may be closed already, which is what was asked for.
        let _closed = self.0.socket.shutdown(Shutdown::Both);
    }
}

impl Connected<IncomingStream<'_, Door>> for LineHandle {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(Arc::clone(&stream.io().state))
    }
}

impl Line {
    /// What cuts this connection.
    pub(crate) fn handle(&self) -> LineHandle {
        LineHandle(Arc::clone(&self.state))
    }

    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let owned = stream.into_std()?;
        let state = Arc::new(LineState { socket: owned.try_clone()?, budget: AtomicUsize::new(usize::MAX) });
        Ok(Self { stream: TcpStream::from_std(owned)?, state })
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let budget = self.state.budget.load(Ordering::Relaxed);
        if budget == 0 {
            LineHandle(Arc::clone(&self.state)).cut_now();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..bytes.len().min(budget)]);
        if let (Poll::Ready(Ok(count)), true) = (&written, budget != usize::MAX) {
            self.state.budget.store(budget - count, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
