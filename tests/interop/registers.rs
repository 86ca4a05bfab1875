//! The public registers and SPV of the twin, asked by clients that nobody here wrote: `efactura-sdk` and `anafpy`, the
//! latter with curl for the log-in of SPV, over a line that renegotiates TLS.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::network::{Network, anafpy, efactura_sdk, run, skip};

/// The web server of Debian, outside the path of ordinary users.
const SERVER: &str = "/usr/sbin/apache2";
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/registers");

#[test]
fn efactura_sdk_looks_companies_up_unmodified() {
    let Some(folder) = efactura_sdk() else { return };
    let Some(network) = Network::open("rj") else { return };
    let mut client = Command::new("node");
    client.arg(format!("{SCRIPTS}/efactura-sdk.mjs")).arg(&folder);
    let seen = network.run(&mut client, "NODE_EXTRA_CA_CERTS");
    assert_eq!((&seen["client"], &seen["found"]), (&"efactura-sdk".into(), &2.into()), "{seen}");
}

#[test]
fn anafpy_asks_the_registers_and_spv_unmodified() {
    let Some(folder) = anafpy() else { return };
    let Some(network) = Network::open("rp") else { return };
    let Some(front) = Front::start(&network) else { return };
    let mut client = Command::new(folder.join("environment/bin/python"));
    client.arg(format!("{SCRIPTS}/anafpy_client.py")).arg(network.folder.path().join("clerk-and-key.pem"));
    let seen = network.run(&mut client, "SSL_CERT_FILE");
    assert_eq!((&seen["client"], &seen["taxpayers"], &seen["filings"]), (&"anafpy".into(), &2.into(), &3.into()));
    assert_eq!((&seen["messages"], &seen["serial"]), (&4.into(), &"0AB1".into()), "{seen}");
    assert!(front.log(&network).contains("Requesting connection re-negotiation"), "{}", front.log(&network));
}

/// The web server in front of SPV, at an address of its own.
struct Front(Child);

impl Front {
    fn start(network: &Network) -> Option<Self> {
        if Command::new(SERVER).arg("-v").stdout(Stdio::null()).status().is_err() {
            assert!(std::env::var_os("CI").is_none(), "apache2 is needed here");
            skip("apache2 is not installed, so nothing renegotiates");
            return None;
        }
        let folder = network.folder.path();
        let file = |name: &str| folder.join(name).display().to_string();
        let mut clerk = Command::new("openssl");
        clerk.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-set_serial", "0x0AB1"]);
        clerk.args(["-subj", "/CN=Functionar inventat", "-keyout", &file("clerk.key"), "-out", &file("clerk.pem")]);
        run(&mut clerk).expect("a certificate for the clerk");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("just written");
        std::fs::write(file("clerk-and-key.pem"), read("clerk.pem") + &read("clerk.key")).expect("a file");
        let settings = include_str!("registers/front.conf").replace("{folder}", &folder.display().to_string());
        std::fs::write(file("front.conf"), settings).expect("a file");
        // SPV is behind the web server, everything else is the twin itself.
        let hosts = format!("/etc/netns/{}/hosts", network.name);
        let names = std::fs::read_to_string(&hosts).expect("the network has names").replace("webserviced.anaf.ro", "");
        std::fs::write(&hosts, names + "127.0.0.2 webserviced.anaf.ro\n").expect("names");
        let mut serial = network.inside("curl");
        serial.args(["--silent", "--fail", "--insecure", "--noproxy", "*", "--request", "PUT"]);
        serial.args(["--header", "content-type: application/json", "--data", "{\"certificate\":\"from-line\"}"]);
        run(serial.arg("https://127.0.0.1/_sandbox/spv")).expect("the twin takes its settings");
        let mut server = network.inside(SERVER);
        let server = server.args(["-DFOREGROUND", "-f", &file("front.conf")]).stdin(Stdio::null()).spawn();
        let mut front = Self(server.expect("the web server starts"));
        front.wait(network);
        Some(front)
    }

    fn wait(&mut self, network: &Network) {
        for _ in 0..400 {
            let mut asked = network.inside("curl");
            if run(asked.args(["--silent", "--insecure", "--noproxy", "*", "https://127.0.0.2/"])).is_ok() {
                return;
            }
            assert!(self.0.try_wait().expect("it is ours").is_none(), "it ended: {}", self.log(network));
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("it does not listen: {}", self.log(network));
    }

    fn log(&self, network: &Network) -> String {
        std::fs::read_to_string(network.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // By its own process id, which is the web server's: ip executes it in its place.
        let _asked = Command::new("kill").arg("-TERM").arg(self.0.id().to_string()).status();
        let _ended = self.0.wait();
    }
}
