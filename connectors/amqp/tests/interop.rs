//! Clients that nobody here wrote: amqp-tools (C) and pika (Python) read what the hub sends and send what it reads.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::path::Path;
use std::process::Command;

use connectors_contract::{Outcome, PartContent};

mod support;
use support::{Broker, consignment, manifest};

/// What a program says; None where it is not installed.
fn said(program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            Some(output.stdout)
        }
        Err(error) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{program}: {error}");
            eprintln!("skipped: {program}: {error}");
            None
        }
    }
}

#[tokio::test]
async fn amqp_tools_read_what_the_hub_sends_and_send_what_it_reads() {
    let Some(broker) = Broker::shared() else { return };
    let url = format!("--url=amqp://guest:guest@127.0.0.1:{}", broker.port);
    broker.declare("c.livrari").await;
    let connector = broker.outbound(&manifest("routing_key = \"c.livrari\"\nmessage = \"document\"\n"));
    assert_eq!(connector.deliver(&consignment("k-1")).await.outcome, Outcome::Delivered { receipt: None });
    let Some(read) = said("amqp-get", &[&url, "-q", "c.livrari"]) else { return };
    assert_eq!(read, b"{\"nr\":7}");

    let inbound = broker.inbound(&manifest("[amqp.receive]\nqueue = \"c.primiri\"\ndead_letter = \"c.respinse\"\n"));
    assert!(inbound.poll(1).await.unwrap().is_empty());
    let envelope = r#"punte-envelope: {"parts":[{"name":"a.json","role":"body","content_type":"application/json"}]}"#;
    said("amqp-publish", &[&url, "-r", "c.primiri", "-p", "-H", envelope, "-b", "{\"salut\":\"ăîș\"}"]).unwrap();
    let waiting = inbound.poll(1).await.unwrap();
    assert_eq!((waiting[0].unreadable.as_ref(), waiting[0].parts[0].name.as_str()), (None, "a.json"));
    assert!(
        matches!(&waiting[0].parts[0].content, PartContent::Inline(bytes) if bytes.as_ref() == "{\"salut\":\"ăîș\"}".as_bytes())
    );
}

const PIKA: &str = r#"
import pika, sys, zipfile, io
connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
method, properties, body = channel.basic_get("p.livrari", auto_ack=True)
names = zipfile.ZipFile(io.BytesIO(body)).namelist()
print(properties.message_id, properties.delivery_mode, properties.headers["punte-subject"], sorted(names))
channel.basic_publish("", "p.primiri", body, pika.BasicProperties(message_id="p-1", delivery_mode=2), mandatory=True)
connection.close()
"#;

/// An environment of its own with pika in it; None where there is no Python or no registry.
fn pika(folder: &Path) -> Option<String> {
    let environment = folder.join("environment").to_str().unwrap().to_owned();
    let python = format!("{environment}/bin/python");
    let steps = [
        ("python3", ["-m", "venv", environment.as_str()].to_vec()),
        (python.as_str(), ["-m", "pip", "install", "--quiet", "pika==1.4.4"].to_vec()),
    ];
    for (program, arguments) in steps {
        let output = Command::new(program).args(arguments).output();
        if !output.as_ref().is_ok_and(|output| output.status.success()) {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{output:?}");
            eprintln!("skipped: pika cannot be installed: {output:?}");
            return None;
        }
    }
    Some(python)
}

#[tokio::test]
async fn pika_reads_a_package_and_sends_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(python) = pika(folder.path()) else { return };
    let Some(broker) = Broker::shared() else { return };
    broker.declare("p.livrari").await;
    let inbound = broker.inbound(&manifest("[amqp.receive]\nqueue = \"p.primiri\"\ndead_letter = \"p.respinse\"\n"));
    assert!(inbound.poll(1).await.unwrap().is_empty());
    let connector = broker.outbound(&manifest("routing_key = \"p.livrari\"\n"));
    assert_eq!(connector.deliver(&consignment("k-ăîș")).await.outcome, Outcome::Delivered { receipt: None });
    let told = String::from_utf8(said(&python, &["-c", PIKA, &broker.url()]).unwrap()).unwrap();
    assert!(told.starts_with("k-ăîș 2 Anchetă ["), "{told}");
    assert!(told.contains("manifest.json") && told.contains("dovadă.txt"), "{told}");
    let waiting = inbound.poll(1).await.unwrap();
    assert_eq!(waiting[0].id, "p-1");
}
