//! `punte check`

use std::time::Duration;

use hub_flow::clock::Timestamp;
use hub_flow::db::Db;
use hub_flow::directory::{self, INBOX};
use hub_signatures::certificate::Certificate;
use hub_signatures::revocation::Status;
use hub_signatures::tsp::Imprint;

use crate::assembly::{self, system_micros};
use crate::config::{Config, SealPlace};
use crate::seal::{self, Found, Issuers};

use super::NO;

const DAYS_30: i64 = 30 * 86_400;

/// One line per thing looked at; every fault with its remedy.
struct Findings {
    wrong: usize,
}

impl Findings {
    fn tell<T>(&mut self, what: &str, found: anyhow::Result<T>) -> Option<T> {
        match found {
            Ok(value) => {
                println!("  bine    {what}");
                Some(value)
            }
            Err(error) => {
                self.wrong += 1;
                println!("  greșit  {what}: {error:#}");
                None
            }
        }
    }

    fn warn(&self, what: &str) {
        println!("  atenție {what}");
    }
}

pub(super) async fn run(config: Config) -> anyhow::Result<u8> {
    let mut findings = Findings { wrong: 0 };
    println!("Verificarea hubului");
    findings.tell("dosarul de date se poate scrie", writable(&config));
    let catalogue =
        findings.tell("catalogul tipurilor de documente", schemas::Catalogue::builtin().map_err(Into::into));
    if let Some(catalogue) = &catalogue {
        let library = mappings::Library::builtin(catalogue).map_err(Into::into);
        if let Some(library) = findings.tell("mapările", library) {
            for mapping in library.mappings() {
                let report = mapping.check();
                let checked = if report.is_clean() { Ok(()) } else { Err(anyhow::anyhow!("{report}")) };
                findings.tell(&format!("maparea {}", mapping.id()), checked);
            }
        }
    }
    let systems = findings.tell("manifestele sistemelor", assembly::systems(&config));
    seal(&config, &mut findings).await;
    time_stamping(&config, &mut findings).await;
    vault(&config, &mut findings).await;
    if let Some(db) = findings.tell("baza de date", Db::open(&config.database_url()).await.map_err(Into::into)) {
        directory_and_channels(&config, &db, systems.unwrap_or_default(), &mut findings).await;
    }
    println!(
        "{}",
        if findings.wrong == 0 {
            "Totul este în regulă.".to_owned()
        } else {
            format!("{} de îndreptat.", findings.wrong)
        }
    );
    Ok(if findings.wrong == 0 { 0 } else { NO })
}

fn writable(config: &Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data)?;
    let probe = config.data.join(".check");
    std::fs::write(&probe, b"punte")?;
    Ok(std::fs::remove_file(probe)?)
}

/// The seal: whether it opens, until when it is valid, and what its issuer says of it.
async fn seal(config: &Config, findings: &mut Findings) {
    let now = Timestamp(system_micros());
    if matches!(config.seal.place(), Ok(SealPlace::Development)) {
        // A check makes nothing, also no key.
        findings.warn("sigiliul este de dezvoltare: dovezile nu au valoare pentru alții; configurați [seal]");
        return;
    }
    let Some(opened) = findings.tell("cheia și certificatul sigiliului", seal::open(config, now)) else { return };
    let (chain, second) = (opened.signer.certificate_chain(), now.0 / 1_000_000);
    for certificate in chain {
        let until = Timestamp(certificate.not_after() * 1_000_000).to_romanian();
        let valid = if certificate.not_after() < second {
            Err(anyhow::anyhow!("certificatul a expirat; înlocuiți-l"))
        } else if certificate.not_before() > second {
            Err(anyhow::anyhow!("certificatul nu este încă valabil"))
        } else {
            Ok(())
        };
        let valid = findings.tell(&format!("{}, valabil până la {until}", certificate.subject()), valid).is_some();
        if valid && certificate.not_after() < second + DAYS_30 {
            findings.warn(&format!("certificatul {} expiră în mai puțin de 30 de zile", certificate.subject()));
        }
    }
    revocation(config, (chain, second), findings).await;
}

async fn revocation(config: &Config, (chain, second): (&[Certificate], i64), findings: &mut Findings) {
    let issuers = Issuers::new(config.seal.ocsp.clone(), config.seal.crl.clone());
    let Some(issuers) = findings.tell("clientul HTTP", issuers.map_err(Into::into)) else { return };
    let asked = issuers.of_seal(chain);
    if asked.is_empty() {
        let remedy =
            "puneți în fișierul certificatului și certificatele de deasupra, sau numiți crl ori ocsp în [seal]";
        findings.warn(&format!("starea de revocare a sigiliului nu poate fi întrebată nicăieri; {remedy}"));
    }
    for one in &asked {
        let told = match issuers.ask(one, second).await {
            Found::Fresh { answer, .. } => match answer.status {
                Status::Good => Ok(()),
                Status::Revoked { since } => {
                    let since = Timestamp(since * 1_000_000).to_romanian();
                    Err(anyhow::anyhow!("certificatul este revocat din {since}; înlocuiți sigiliul"))
                }
            },
            Found::Unknown { why, .. } => Err(anyhow::anyhow!("starea nu se poate afla: {why}")),
        };
        findings.tell(&format!("{} nu este revocat", one.certificate.subject()), told);
    }
}

/// The authority answers: one stamp is asked for and thrown away.
async fn time_stamping(config: &Config, findings: &mut Findings) {
    if config.log.witnesses.is_empty() {
        findings.warn("jurnalul nu are martori: numiți un partener la [[log.witnesses]]");
    }
    let Some(authority) = findings.tell("marcarea temporală, setările", assembly::time_stamping(config)) else {
        return;
    };
    let Some((authority, _)) = authority else {
        findings.warn("jurnalul dovezilor nu primește marcă temporală: capetele lui sunt semnate doar de acest hub; configurați [time_stamping]");
        return;
    };
    let stamped = authority(Imprint::from([0; 32])).await.map(|_| ()).map_err(anyhow::Error::msg);
    findings.tell("autoritatea de marcare temporală răspunde", stamped);
}

/// The key file opens, and every store answers; nothing is made or written.
async fn vault(config: &Config, findings: &mut Findings) {
    let path = assembly::vault::key_file(config);
    if config.vault.keys.is_none() {
        findings.warn("cheia arhivei este de dezvoltare, în dosarul de date; configurați [vault] keys");
        if !path.exists() {
            return;
        }
    }
    let keys = hub_vault::MasterKeys::load(&path).map_err(anyhow::Error::from);
    if findings.tell("fișierul de chei al arhivei", keys).is_none() {
        return;
    }
    if config.vault.keys.as_ref().is_some_and(|keys| keys.starts_with(&config.data)) {
        findings
            .warn("fișierul de chei al arhivei stă în dosarul de date: cine copiază dosarul poate citi tot; mutați-l");
    }
    if config.vault.replica.is_none() {
        findings.warn("arhiva nu are replică: ce se strică nu poate fi reparat; configurați [vault.replica]");
    }
    if let Some(vault) = findings.tell("arhiva, setările", assembly::vault::vault(config)) {
        for (store, answer) in vault.probe().await {
            findings.tell(&format!("depozitul {store} al arhivei răspunde"), answer.map_err(Into::into));
        }
    }
}

async fn directory_and_channels(
    config: &Config,
    db: &Db,
    systems: std::collections::HashMap<String, connectors_contract::Manifest>,
    findings: &mut Findings,
) {
    let Some(directory) = findings.tell("directorul", directory::load(db).await.map_err(Into::into)) else { return };
    if directory.parties().next().is_none() {
        findings.warn("directorul este gol; numiți un fișier în configurație, la directory");
    }
    let rules = config.deadlines.deadlines().map(|held| held.rules);
    if let Some(rules) = findings.tell("regulile termenelor", rules) {
        let registers = directory.parties().flat_map(|party| directory.registers_of(&party.id));
        let registers: Vec<_> = registers.map(|held| held.entry).collect();
        if let Some(cause) = assembly::unruled(&registers, &rules) {
            findings.warn(&format!(
                "un registru numește o regulă de termen necunoscută, deci are termenul implicit: {cause}"
            ));
        }
    }
    let Some(connectors) = findings.tell("motoarele", assembly::connectors(config, systems, Vec::new())) else {
        return;
    };
    for channel in directory.channels().filter(|channel| channel.entry.system != INBOX) {
        let built = connectors.outbound(channel).map(|_| ()).map_err(anyhow::Error::from);
        findings.tell(&format!("canalul {}", channel.entry.id), built);
        if let Some(address) = &channel.entry.address {
            findings.tell(&format!("adresa {address} răspunde"), reachable(address).await);
        }
    }
    for channel in directory.lookup_channels() {
        let built = connectors.lookup(channel).map(|_| ()).map_err(anyhow::Error::from);
        findings.tell(&format!("canalul de întrebări {}", channel.entry.id), built);
        if let Some(address) = &channel.entry.address {
            findings.tell(&format!("adresa {address} răspunde"), reachable(address).await);
        }
    }
    for agreement in directory.lookup_agreements() {
        for name in &agreement.entry.operations {
            let (system, operation) = name.split_once('.').unwrap_or((name, ""));
            let known = connectors.manifest(system).is_some_and(|manifest| match operation {
                "*" => !manifest.lookups.is_empty(),
                operation => manifest.lookups.contains_key(operation),
            });
            if !known {
                let id = &agreement.entry.id;
                findings.warn(&format!("acordul {id} numește operația {name}, pe care niciun manifest nu o are"));
            }
        }
    }
}

/// Connects and says nothing: a check has no side effects at the target.
async fn reachable(address: &str) -> anyhow::Result<()> {
    let url: url::Url = address.parse()?;
    let host = url.host_str().ok_or_else(|| anyhow::anyhow!("adresa nu are gazdă"))?;
    let port = url.port_or_known_default().ok_or_else(|| anyhow::anyhow!("adresa nu are port"))?;
    tokio::time::timeout(Duration::from_secs(5), tokio::net::TcpStream::connect((host, port))).await??;
    Ok(())
}
