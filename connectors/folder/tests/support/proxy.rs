//! A line that is cut after so many bytes from the client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Starts a line to `port` that breaks both ways once the client sent `bytes`.
#[allow(dead_code, reason = "not every test program cuts lines")]
pub async fn cut_after(port: u16, bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
                let (mut left, mut chunk) = (bytes, [0; 1024]);
                while left > 0 {
                    let most = chunk.len().min(left);
                    match from_client.read(&mut chunk[..most]).await {
                        Ok(count) if count > 0 => {
                            left -= count;
                            if to_server.write_all(&chunk[..count]).await.is_err() {
                                break;
                            }
                        }
                        _ => break,
                    }
                }
                back.abort();
            });
        }
    });
    address
}

/// A server that never says anything useful: it repeats `noise` with pauses, for ever.
#[allow(dead_code, reason = "not every test program makes noise")]
pub async fn noise(noise: &'static [u8], pause: std::time::Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                while client.write_all(noise).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    address
}

/// A line on which the server is not heard any more once the client sent more than `bytes`; the client always is.
#[allow(dead_code, reason = "not every protocol has a last answer")]
pub async fn mute_after(port: u16, bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let sent = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&sent);
            tokio::spawn(async move {
                let mut chunk = vec![0; 16 * 1024];
                while let Ok(count) = from_client.read(&mut chunk).await {
                    counted.fetch_add(count, Ordering::SeqCst);
                    if count == 0 || to_server.write_all(&chunk[..count]).await.is_err() {
                        return;
                    }
                }
            });
            tokio::spawn(async move {
                let mut chunk = vec![0; 16 * 1024];
                while let Ok(count) = from_server.read(&mut chunk).await {
                    if count == 0 {
                        return;
                    }
                    let heard = sent.load(Ordering::SeqCst) <= bytes;
                    if heard && to_client.write_all(&chunk[..count]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
