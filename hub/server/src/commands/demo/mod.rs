//! `punte demo`: the hub, played institutions, the county of Mehedinți, questions to registers, one document sent for real.

mod county;
mod invoice;
mod life;
mod papers;
mod people;
mod registers;
mod shelves;
mod story;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hub_flow::clock::Timestamp;
use serde_json::Value;

use crate::assembly::system_micros;
use crate::config::{Config, TimeStamping};
use crate::listen::{self, wait_for_stop_or_hangup};
use crate::verdict::{self, Against};

use super::NO;
use super::explain::explained;
use county::County;

/// Runs the hub with played institutions, sends a social inquiry through it, and leaves the hub running.
#[derive(clap::Args)]
pub(super) struct Demo {
    /// End after the story instead of leaving the hub running.
    #[arg(long)]
    once: bool,
    /// Leave every receipt as DIR/receipts/*.xml and *.pdf, the court packs as DIR/packages/*.asice, and what verifies
    /// them: DIR/seal.pem, DIR/tsa.pem, DIR/log-key.txt. The hub's data stays in DIR/data, unless --data names another folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Keep the data in this folder instead of DIR/data or a temporary one.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the hub listens; a free port where absent with --once, 127.0.0.1:8080 otherwise.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

impl Demo {
    pub(super) async fn run(self, mut config: Config) -> anyhow::Result<u8> {
        let kept = self.data.clone().or_else(|| self.out.as_ref().map(|out| out.join("data")));
        let folder = Folder::new(kept.as_deref())?;
        let default_address = if self.once { "127.0.0.1:0" } else { "127.0.0.1:8080" };
        config.data.clone_from(&folder.path);
        config.listen = self.listen.clone().unwrap_or_else(|| default_address.to_owned());
        config.service.name = "Punte (hub demonstrativ)".to_owned();
        // One password is enough for people everybody knows.
        config.sign_in.second_factor_roles.clear();
        if !self.once {
            config.retry.give_up_after = life::PATIENT;
        }
        // Everybody who is played lives on this machine.
        config.outgoing.allow.push("127.0.0.0/8".parse()?);

        say(
            "Pornesc eSocial, ANAF, registrul comerțului și sistemul unei primării, jucate de gemeni care răspund ca instituțiile adevărate",
        );
        let county = county::start(&folder.path).await?;
        config.directory = Some(county.directory.clone());
        config.time_stamping = Some(stamped_by(&county)?);
        registers::import_trade_register(&county, &folder.path).await?;
        let running = listen::start(&config).await?;
        say(&format!("Hubul este deschis la {}", running.url()));

        shelves::set_up(&running.url()).await?;
        registers::ask(&running.url()).await?;
        let told = story::tell(&running.url(), &county).await?;
        invoice::file(&running.url()).await?;
        println!("\n{}", explained(&told.message, &told.chain));
        let verified = verify(&told.chain, &running.seal_certificate)?;
        let papers = papers::gather(&running, &told).await?;
        let verified = verified && papers.verify(&running, &county.authority_root)?;
        if let Some(out) = &self.out {
            papers.leave(out, &told.chain, &running, &county.authority_root)?;
            say(&format!("Recipisele și pachetele de probe sunt în {}", out.display()));
        }
        if !self.once {
            people::settle(&running.hub, &running.url()).await?;
            shelves::register_what_came(&running.url()).await?;
            life::begin(&running.url(), &county).await?;
            hints(&running.url(), told.message["message_id"].as_str().unwrap_or_default());
            let life = tokio::spawn(life::go_on(running.url()));
            wait_for_stop_or_hangup().await;
            life.abort();
        }
        running.stop().await;
        county.stop().await;
        Ok(if verified { 0 } else { NO })
    }
}

fn say(line: &str) {
    println!("▸ {line}");
}

fn verify(chain: &Value, seal: &[u8]) -> anyhow::Result<bool> {
    let mut verified = 0;
    let at = Timestamp(system_micros());
    let all = chain["evidence"].as_array().context("the chain is a list")?;
    for evidence in all {
        let document = evidence["document"].as_str().unwrap_or_default();
        match verdict::proven(document.as_bytes(), &Against::Certificate(seal), at) {
            Ok(_) => verified += 1,
            Err(error) => println!("  {} nu se verifică: {error}", evidence["event"]),
        }
    }
    say(&format!("{verified} din {} dovezi se verifică doar cu fișierul și certificatul sigiliului", all.len()));
    Ok(verified == all.len())
}

/// The played authority stamps heads of the log far more often than a paid one would.
fn stamped_by(county: &County) -> anyhow::Result<TimeStamping> {
    let (url, roots) = (county.authority.url(), county.authority_root.display());
    Ok(toml::from_str(&format!("url = '{url}'\nroots = '{roots}'\nevery_seconds = 0.5"))?)
}

fn hints(url: &str, message: &str) {
    println!(
        "\nConsola este la {url}/console. Intrați ca oricare dintre acești oameni, cu parola „{}”:\n",
        people::PASSWORD
    );
    for played in &people::PEOPLE {
        println!("  {:<30} {}", played.login, played.comes_for);
    }
    println!(
        "\nHubul rămâne deschis; Ctrl-C îl oprește. Încercați și, din alt terminal:\n\
         \n  export PUNTE_URL={url} PUNTE_KEY={}\
         \n  cargo run --release -- explain {message}\
         \n  cargo run --release -- package {message}\
         \n  cargo run --release -- send demo/documents/envelope.json\
         \n  curl -s -H \"Authorization: Bearer {}\" {url}/v1/inbox\n",
        county::SENDER_KEY,
        county::INBOX_KEY,
    );
}

/// The folder of the demo's data: temporary unless named.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn new(named: Option<&Path>) -> anyhow::Result<Self> {
        let path = named
            .map_or_else(|| std::env::temp_dir().join(format!("punte-demo-{}", std::process::id())), Path::to_owned);
        crate::protection::secrets::own_folder(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self { path, temporary: named.is_none() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is left to the system's own cleaning.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
