//! A real RabbitMQ of the tests' own: own folder, own ports, own epmd, loopback only, stopped by its own process ids.

#![allow(dead_code, reason = "every test file uses its own part")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use connectors_amqp::AmqpEngine;
use connectors_contract::{Body, Channel, Consignment, Engine, Inbound, Manifest, Outbound, Part, PartContent};
use lapin::options::{BasicGetOptions, BasicPublishOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties};

/// How long a state is waited for: a busy machine makes a broker slow, and its queues elect leaders after a fall.
pub const LONG: Duration = Duration::from_secs(120);

const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A broker that runs until it is dropped.
pub struct Broker {
    folder: tempfile::TempDir,
    epmd: Child,
    epmd_port: u16,
    dist_port: u16,
    pub port: u16,
}

static SHARED: Mutex<Weak<Broker>> = Mutex::new(Weak::new());

impl Broker {
    /// The broker that tests of one program share while one of them runs; None where there is no RabbitMQ.
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(broker) = shared.upgrade() {
            return Some(broker);
        }
        let broker = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&broker);
        Some(broker)
    }

    pub fn start() -> Option<Self> {
        if !Path::new(SERVER).exists() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "RabbitMQ is not installed");
            eprintln!("skipped: RabbitMQ is not installed");
            return None;
        }
        // Held open together, so that no two come out equal.
        let held: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|one| one.local_addr().unwrap().port()).collect();
        drop(held);
        let folder = tempfile::tempdir().unwrap();
        let (port, epmd_port, dist_port) = (ports[0], ports[1], ports[2]);
        let configuration = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\nvm_memory_high_watermark.absolute = 512MB\ndisk_free_limit.absolute = 50MB\n"
        );
        std::fs::write(folder.path().join("rabbitmq.conf"), configuration).unwrap();
        std::fs::write(folder.path().join("enabled_plugins"), "[].").unwrap();
        let mut epmd = Command::new("epmd");
        let epmd = epmd.args(["-port", &epmd_port.to_string(), "-address", "127.0.0.1"]).stdin(Stdio::null()).spawn();
        let broker = Self { folder, epmd: epmd.unwrap(), epmd_port, dist_port, port };
        broker.serve();
        Some(broker)
    }

    /// Starts the server, and waits until it answers its protocol.
    pub fn serve(&self) {
        let path = |name: &str| self.folder.path().join(name);
        let _gone = std::fs::remove_file(path("pid"));
        let log = std::fs::File::create(path("out")).unwrap();
        let mut server = Command::new(SERVER);
        server
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("ERL_CRASH_DUMP_SECONDS", "0")
            .env("ERL_EPMD_PORT", self.epmd_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_CONF_ENV_FILE", path("none"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", path("none.config"))
            .env("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf"))
            .env("RABBITMQ_NODENAME", "hub@localhost")
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", self.port.to_string())
            .env("RABBITMQ_DIST_PORT", self.dist_port.to_string())
            .env("RABBITMQ_MNESIA_BASE", path("mnesia"))
            .env("RABBITMQ_LOG_BASE", path("log"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins"))
            .env("RABBITMQ_PID_FILE", path("pid"))
            .env(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
            )
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut shell = server.spawn().unwrap();
        let started = Instant::now();
        while !self.answers() {
            let log = || std::fs::read_to_string(path("out")).unwrap_or_default();
            assert!(shell.try_wait().unwrap().is_none(), "RabbitMQ ended: {}", log());
            assert!(started.elapsed() < Duration::from_secs(180), "RabbitMQ does not answer: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        // The shell ends with the server; nobody waits for it meanwhile.
        std::thread::spawn(move || shell.wait());
    }

    /// What the server wrote of itself, for whoever reads why a test failed.
    pub fn said(&self) -> String {
        let logs = std::fs::read_dir(self.folder.path().join("log")).unwrap();
        logs.map(|log| std::fs::read_to_string(log.unwrap().path()).unwrap_or_default()).collect()
    }

    fn answers(&self) -> bool {
        let Ok(mut line) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut byte = [0];
        let timeout = line.set_read_timeout(Some(Duration::from_secs(2)));
        let said = timeout.and_then(|()| line.write_all(b"AMQP\0\0\x09\x01")).and_then(|()| line.read_exact(&mut byte));
        said.is_ok() && byte == [1]
    }

    /// Sends a signal to the server's own process.
    pub fn signal(&self, signal: &str) {
        let pid = std::fs::read_to_string(self.folder.path().join("pid")).unwrap_or_default();
        let pid = pid.trim();
        if !pid.is_empty() {
            let _gone = Command::new("kill").args([signal, pid]).stderr(Stdio::null()).status();
        }
    }

    /// Kills the server, and returns when its port is closed.
    pub fn kill(&self) {
        self.signal("-KILL");
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    pub fn channel(&self) -> Channel {
        let address = Some(format!("amqp://127.0.0.1:{}/%2f", self.port).parse().unwrap());
        Channel { address, secret: Some("guest:guest".to_owned().into()), ..Channel::default() }
    }

    pub fn outbound(&self, manifest: &Manifest) -> Arc<dyn Outbound> {
        AmqpEngine.outbound(manifest, self.channel()).unwrap()
    }

    pub fn inbound(&self, manifest: &Manifest) -> Arc<dyn Inbound> {
        AmqpEngine.inbound(manifest, self.channel()).unwrap()
    }

    /// A channel of the tests' own.
    pub async fn own(&self) -> (Connection, lapin::Channel) {
        let connection = Connection::connect(&self.url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    pub async fn declare(&self, queue: &str) {
        self.declare_as("quorum", queue).await;
    }

    /// A queue that a killed server has again as a rule: of quorum queues RabbitMQ 3.10 notes more, and late.
    pub async fn declare_classic(&self, queue: &str) {
        self.declare_as("classic", queue).await;
    }

    /// Whether a server that was killed still has a queue. What a broker keeps over its death is its own promise, and
    /// RabbitMQ 3.10 was seen to come back without a durable queue that it had confirmed.
    pub async fn kept(&self, queue: &str) -> bool {
        let (_connection, channel) = self.own().await;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
        let kept = channel.queue_declare(queue.into(), passive, FieldTable::default()).await.is_ok();
        if !kept {
            eprintln!("the broker lost its queue {queue}; it said:\n{}", self.said());
        }
        kept
    }

    async fn declare_as(&self, kind: &str, queue: &str) {
        let (_connection, channel) = self.own().await;
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
    }

    pub async fn put(&self, queue: &str, properties: BasicProperties, payload: &[u8]) {
        let (_connection, channel) = self.own().await;
        channel.confirm_select(Default::default()).await.unwrap();
        let properties = properties.with_delivery_mode(2);
        let sent = channel.basic_publish("".into(), queue.into(), BasicPublishOptions::default(), payload, properties);
        assert!(sent.await.unwrap().await.unwrap().is_ack());
    }

    /// Every message of a queue, taken out of it.
    pub async fn take_all(&self, queue: &str) -> Vec<(BasicProperties, Vec<u8>)> {
        let (_connection, channel) = self.own().await;
        let mut taken = Vec::new();
        while let Some(message) = channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await.unwrap() {
            taken.push((message.delivery.properties.clone(), message.delivery.data.clone()));
        }
        taken
    }

    /// Waits until a queue holds so many messages that nobody has in hand.
    pub async fn until_ready(&self, queue: &str, ready: u32) {
        let (_connection, channel) = self.own().await;
        let started = Instant::now();
        loop {
            let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
            let found = channel.queue_declare(queue.into(), options, FieldTable::default()).await.unwrap();
            if found.message_count() == ready {
                return;
            }
            assert!(started.elapsed() < LONG, "{queue} holds {}", found.message_count());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.signal("-KILL");
        let _ended = (self.epmd.kill(), self.epmd.wait());
    }
}

pub fn header(properties: &BasicProperties, name: &str) -> Option<String> {
    let headers = properties.headers().as_ref()?.inner().iter().find(|(key, _)| key.as_str() == name)?.1.clone();
    match headers {
        AMQPValue::LongString(text) => Some(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        other => Some(format!("{other:?}")),
    }
}

/// A manifest of the tests' own, with this table `[amqp]`.
pub fn manifest(amqp: &str) -> Manifest {
    let text = format!(
        "system = \"coada\"\nengine = \"amqp\"\ntitle = {{ ro = \"a\", en = \"a\" }}\n[endpoint]\ntimeout = \"20s\"\n\
         auth = {{ kind = \"basic\" }}\n[deliver]\nside_effect = \"repeatable\"\n[amqp]\n{amqp}"
    );
    Manifest::parse(&text, "coada").unwrap()
}

/// A document with one small file; institutions and persons are invented.
pub fn consignment(key: &str) -> Consignment {
    let file = Part {
        name: "dovadă.txt".to_owned(),
        content_type: "text/plain".to_owned(),
        size: 8,
        sha256: openssl::sha::sha256(b"continut"),
        content: PartContent::Inline(Bytes::from_static(b"continut")),
    };
    let facts = [("sender", "uat-sisesti"), ("subject", "Anchetă"), ("document_type", "adresa-inaintare")];
    let facts: BTreeMap<_, _> = facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = Body { content_type: "application/json".to_owned(), content: Bytes::from_static(b"{\"nr\":7}") };
    Consignment { idempotency_key: key.to_owned(), facts, body, parts: vec![file], evidence: Vec::new() }
}
