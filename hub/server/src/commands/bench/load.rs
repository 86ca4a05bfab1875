//! The load: keep-alive connections, open loop, latency counted from the moment a document should have been sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::process::{KEY, TARGETS};

/// A receipt must come within this at the 99th percentile for a rate to count as held.
pub(super) const ACCEPT_P99: Duration = Duration::from_millis(20);

/// What a run of load saw.
#[derive(Debug, Default, Clone)]
pub(super) struct Run {
    /// Documents offered per second.
    pub(super) offered: f64,
    /// Receipts per second.
    pub(super) rate: f64,
    /// Latencies from the intended moment of sending, sorted, in seconds.
    pub(super) latencies: Vec<f64>,
    /// Answers other than 201.
    pub(super) refused: u64,
    /// Documents taken in this and every earlier run of the search.
    pub(super) taken_in_all: u64,
}

impl Run {
    /// The latency that a share of the documents does not exceed, in milliseconds.
    pub(super) fn percentile(&self, share: f64) -> f64 {
        percentile(&self.latencies, share) * 1000.0
    }
}

/// The value that a share of sorted values does not exceed.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let index = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(index.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Looks for the highest rate whose receipts come in time: first as fast as answers return, then open loop below that.
pub(super) async fn find_rate(
    address: SocketAddr,
    connections: usize,
    phase: Duration,
    wanted: Option<f64>,
) -> anyhow::Result<Run> {
    if let Some(rate) = wanted {
        return offer(address, connections, phase, Some(rate)).await;
    }
    let first = offer(address, connections, phase / 2, None).await?;
    let (ceiling, mut taken) = (first.rate, first.taken_in_all);
    let mut best = None;
    for share in [0.95, 0.85, 0.75, 0.6, 0.45] {
        let mut run = offer(address, connections, phase, Some(ceiling * share)).await?;
        taken += run.taken_in_all;
        run.taken_in_all = taken;
        let held = run.percentile(0.99) <= ACCEPT_P99.as_secs_f64() * 1000.0 && run.refused == 0;
        best = Some(run);
        if held {
            break;
        }
    }
    best.context("at least one rate was tried")
}

/// Stores documents as fast as they are taken.
pub(super) async fn store(address: SocketAddr, connections: usize, documents: u64) -> anyhow::Result<()> {
    let left = Arc::new(AtomicU64::new(documents));
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let left = Arc::clone(&left);
        tasks.push(tokio::spawn(async move {
            let mut door = Door::open(address).await?;
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                if door.send(next_number()).await? != 201 {
                    bail!("the hub did not take a document");
                }
            }
            Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// Offers documents for a while: at a rate, or as fast as answers return.
pub(super) async fn offer(
    address: SocketAddr,
    connections: usize,
    phase: Duration,
    rate: Option<f64>,
) -> anyhow::Result<Run> {
    let begun = Instant::now() + Duration::from_millis(50);
    let tickets = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let tickets = Arc::clone(&tickets);
        tasks.push(tokio::spawn(async move {
            let mut door = Door::open(address).await?;
            let (mut latencies, mut refused) = (Vec::new(), 0_u64);
            loop {
                let ticket = tickets.fetch_add(1, Ordering::Relaxed);
                let intended = match rate {
                    Some(rate) => begun + Duration::from_secs_f64(ticket as f64 / rate),
                    None => Instant::now().max(begun),
                };
                if intended >= begun + phase {
                    return anyhow::Ok((latencies, refused));
                }
                tokio::time::sleep_until(intended.into()).await;
                let status = door.send(next_number()).await?;
                refused += u64::from(status != 201);
                latencies.push(intended.elapsed().as_secs_f64());
            }
        }));
    }
    let mut run = Run { offered: rate.unwrap_or(0.0), ..Run::default() };
    for task in tasks {
        let (latencies, refused) = task.await??;
        run.latencies.extend(latencies);
        run.refused += refused;
    }
    run.rate =
        (run.latencies.len() as u64 - run.refused) as f64 / begun.elapsed().as_secs_f64().max(phase.as_secs_f64());
    run.taken_in_all = run.latencies.len() as u64 - run.refused;
    run.latencies.sort_unstable_by(f64::total_cmp);
    Ok(run)
}

/// Every document of a bench has a number of its own.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// One keep-alive connection to the hub's door.
struct Door {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Door {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("the hub's door is closed")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends document `number`; answers the status.
    async fn send(&mut self, number: u64) -> anyhow::Result<u16> {
        let body = document(number);
        let run = std::process::id();
        let head = format!(
            "POST /v1/messages HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {KEY}\r\nidempotency-key: {run}-{number}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
        self.read_status().await
    }

    async fn read_status(&mut self) -> anyhow::Result<u16> {
        self.answer.clear();
        let end = loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the hub closed the connection");
            }
            if let Some(end) = self.answer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = std::str::from_utf8(&self.answer[..end])?.to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("an answer has a status")?;
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok())
            .context("an answer has a length")?;
        while self.answer.len() < end + length {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the hub closed the connection");
            }
        }
        Ok(status)
    }
}

/// A social inquiry of an invented person, to one of the eight targets.
fn document(number: u64) -> String {
    let target = number % TARGETS as u64;
    format!(
        r#"{{"envelope":{{"recipients":[{{"party":"target-{target}"}}],"document_type":"ancheta-sociala-adult","document_version":"1.0","subject":"Anchetă socială {number}","purpose":"evaluare-handicap","legal_basis":"HG nr. 430/2008, anexa 6","parts":[{{"name":"ancheta.json","role":"body","content_type":"application/json"}}]}},"body":{{"antet":{{"primaria":"Comuna Bâcleș","numar":"{number}","data":"2026-01-20","data_evaluarii":"2026-01-19","tip_evaluare":"initiala"}},"persoana":{{"nume":"Inventata","prenume":"Elena","cnp":"2580412259906"}},"adresa":{{"uat_siruta":"113625","localitate_siruta":"113634","judet_siruta":"252"}},"autonomie":{{"igiena":"independent","imbracare":"independent","hranire":"independent","mobilizare":"independent"}},"senzorial_mental":{{"memorie":"fara","vedere":"fara","comunicare":"fara","orientare":"fara","comportament":"fara"}},"locuire":{{"tip":"casa","locuieste_singur":true}},"concluzii":{{"concluzii":"Se gospodărește singură.","recomandari":"Se recomandă evaluarea complexă.","asistent_social":"Asistent inventat"}}}}}}"#
    )
}
