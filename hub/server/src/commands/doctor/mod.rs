//! `punte doctor`: why a system does not know us, step by step, with the side that is to act.
//!
//! It connects, shakes hands and asks one question that changes nothing. It sends no document and shows no secret.

mod http;
mod tls;
mod token;

use std::sync::Arc;

use anyhow::{Context as _, bail};
use connectors_contract::manifest::Auth;
use connectors_contract::{Channel, Manifest, Reach, SystemFolder};
use hub_flow::db::Db;
use hub_flow::directory;
use secrecy::{ExposeSecret as _, SecretString};

use crate::assembly;
use crate::config::Config;

use super::NO;

/// Finds out why a system does not know us: network, certificates, clock, token, key.
#[derive(clap::Args)]
pub(super) struct Doctor {
    /// A channel of the directory; or name a system below.
    channel: Option<String>,
    /// A system, or the folder of one, for whom there is no channel yet.
    #[arg(long, conflicts_with = "channel", required_unless_present = "channel")]
    system: Option<String>,
    /// Its address, where the manifest has none.
    #[arg(long, requires = "system")]
    address: Option<String>,
    /// Reference to the secret: `env:NAME` or `file:PATH`.
    #[arg(long, requires = "system")]
    secret: Option<String>,
    /// Reference to certificate and key, as PEM.
    #[arg(long, requires = "system")]
    identity: Option<String>,
    /// Reference to further trust anchors, as PEM.
    #[arg(long, requires = "system")]
    roots: Option<String>,
}

/// Who has to do something.
#[derive(Clone, Copy)]
enum Side {
    Ours,
    Theirs,
    Between,
}

/// What was found so far.
#[derive(Default)]
struct Examination {
    wrong: usize,
}

impl Examination {
    fn well(&self, what: impl AsRef<str>) {
        println!("  bine    {}", what.as_ref());
    }

    fn warn(&self, what: impl AsRef<str>) {
        println!("  atenție {}", what.as_ref());
    }

    fn wrong(&mut self, side: Side, what: impl AsRef<str>, remedy: &str) {
        self.wrong += 1;
        let side = match side {
            Side::Ours => "partea noastră",
            Side::Theirs => "partea lor",
            Side::Between => "drumul dintre noi",
        };
        println!("  greșit  {}\n          {side}: {remedy}", what.as_ref());
    }
}

impl Doctor {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let (manifest, channel) = self.patient(config).await?;
        let address = manifest.endpoint.address(&manifest.system, &channel)?;
        let origin = address.origin().ascii_serialization();
        println!("Sistemul {} la {origin}", manifest.system);
        let mut examination = Examination::default();
        if let Some(identity) = &channel.identity {
            tls::identity(identity.expose_secret(), &mut examination);
        }
        if let Some(secret) = &channel.secret {
            token::examine(&manifest.endpoint.auth, secret.expose_secret(), &mut examination);
        } else if manifest.endpoint.auth != Auth::None {
            examination.wrong(
                Side::Ours,
                "canalul nu are secret",
                "scrieți secret = \"env:…\" sau \"file:…\" în canal",
            );
        }
        let connected = tls::connect(&address, &channel, &mut examination).await;
        if connected && matches!(address.scheme(), "http" | "https") {
            http::ask(&manifest, &channel, &address, &mut examination).await?;
        }
        println!("{}", if examination.wrong == 0 { "Nimic greșit." } else { "De îndreptat, în ordinea de mai sus." });
        Ok(if examination.wrong == 0 { 0 } else { NO })
    }

    async fn patient(&self, config: &Config) -> anyhow::Result<(Manifest, Channel)> {
        let mut systems = assembly::systems(config)?;
        let mut manifest = |name: &str| {
            let mut there: Vec<_> = systems.keys().cloned().collect();
            there.sort();
            systems.remove(name).with_context(|| format!("nu există sistemul {name}; există: {}", there.join(", ")))
        };
        if let Some(system) = &self.system {
            let folder = std::path::Path::new(system);
            let named = folder.join("manifest.toml").is_file();
            let of_folder = || SystemFolder::read(folder).map(|folder| folder.manifest).map_err(anyhow::Error::from);
            let manifest = if named { of_folder() } else { manifest(system) };
            let address = self.address.as_deref().map(str::parse).transpose().context("adresa nu este un URL")?;
            let [secret, identity, roots] = [&self.secret, &self.identity, &self.roots].map(|one| held(one.as_deref()));
            let roots = roots?.map(|roots| roots.expose_secret().to_owned());
            return Ok((
                manifest?,
                Channel { address, secret: secret?, identity: identity?, roots, ..Channel::default() },
            ));
        }
        let named = self.channel.as_deref().unwrap_or_default();
        let db = Db::open(&config.database_url()).await.context("baza de date nu se poate deschide")?;
        let directory = directory::load(&db).await?;
        let found = directory.channels().find(|channel| channel.entry.id == named);
        let Some(channel) = found.map(|channel| &channel.entry) else {
            let there: Vec<_> = directory.channels().map(|channel| channel.entry.id.as_str()).collect();
            bail!("directorul nu are canalul {named}; are: {}", there.join(", "));
        };
        let address =
            channel.address.as_deref().map(str::parse).transpose().context("adresa canalului nu este un URL")?;
        let (secret, identity) = (held(channel.secret.as_deref())?, held(channel.identity.as_deref())?);
        let roots = held(channel.roots.as_deref())?.map(|roots| roots.expose_secret().to_owned());
        Ok((
            manifest(&channel.system)?,
            Channel { address, secret, identity, roots, reach: Reach::Guarded(Arc::new(config.outgoing.guard())) },
        ))
    }
}

fn held(reference: Option<&str>) -> anyhow::Result<Option<SecretString>> {
    let Some(reference) = reference else { return Ok(None) };
    let found = assembly::secret(reference);
    found.map(Some).with_context(|| format!("nu este nimic la {reference}: scrieți env:NUME sau file:CALE"))
}
