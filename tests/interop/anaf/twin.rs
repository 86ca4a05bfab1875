//! ANAF played over TLS for the clients of `interop_anaf`: `anaf-twin <address> <certificates.pem> <key.pem>`.
//!
//! It says `ready` when it listens, shows the time of the machine, and ends when its input ends.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use openssl::pkey::PKey;
use openssl::x509::X509;
use sandbox::Anaf;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [address, certificates, key] = given.as_slice() else { panic!("anaf-twin <address> <certificates> <key>") };
    let address: SocketAddr = address.parse().expect("the first argument is an address");
    let certificates = X509::stack_from_pem(&std::fs::read(certificates).expect("the certificates are readable"));
    let key = PKey::private_key_from_pem(&std::fs::read(key).expect("the key is readable")).expect("the key is PEM");
    let clock: sandbox::Clock = Arc::new(tests::hub::unix_seconds);
    let certificates = certificates.expect("the certificates are PEM");
    let twin = Anaf::start_secure(address, clock, &certificates, &key).await.expect("ANAF is played");
    println!("ready at {}", twin.url());
    std::io::stdout().flush().expect("whoever started this reads");
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    // However its input ended, nobody wants the twin any more.
    let _ended = ended.await;
    twin.stop().await;
}
