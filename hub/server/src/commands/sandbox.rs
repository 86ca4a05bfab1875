//! `punte sandbox`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use connectors_contract::SystemFolder;
use sandbox::{Anaf, Clock, Esocial, FolderTwin, Onrc, Played, Playground, Ran, Reges, Renns, TownHall, Tsa};

use crate::assembly::system_micros;
use crate::listen::wait_for_stop;

/// The webhook secret of the example in the Standard Webhooks libraries: what is played needs no secret of yours.
const EXAMPLE_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Firms in the played trade register.
const FIRMS: u32 = 200;

/// Plays institutions, with their contracts and their faults (see sandbox/README.md), and one page over them.
#[derive(clap::Args)]
pub(super) struct Sandbox {
    /// Which institutions; all of them where none is named.
    institutions: Vec<Institution>,
    /// Where the page listens; the institutions take the ports after it, in the order they are printed. One institution
    /// alone listens here itself and has no page.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Also play the system of this folder, from its manifest and its recorded exchanges.
    #[arg(long, value_name = "FOLDER")]
    folder: Vec<PathBuf>,
    /// The secret that clients of the town hall and of folders show.
    #[arg(long, env = "PUNTE_WEBHOOK_SECRET", hide_env_values = true, default_value = EXAMPLE_SECRET)]
    secret: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Institution {
    /// ANAF: taxpayer registers, e-Factura, e-Transport, private space, `PatrimVen`.
    Anaf,
    /// The trade register: RECOM-IH/1 and its open data.
    Onrc,
    /// The county platform eSocial.
    Esocial,
    /// A town hall's own system, reached by signed webhook.
    TownHall,
    /// The national agricultural register, SOAP.
    Ran,
    /// The register of streets, SOAP.
    Renns,
    /// The register of employees, asynchronous.
    Reges,
    /// A time-stamping authority.
    Tsa,
}

impl Sandbox {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let named = !self.institutions.is_empty() || !self.folder.is_empty();
        let institutions = if named { self.institutions } else { Institution::value_variants().to_vec() };
        let alone = institutions.len() + self.folder.len() == 1;
        let mut twins = Vec::new();
        let place = |number: usize| -> anyhow::Result<SocketAddr> {
            let mut place = self.listen;
            if place.port() != 0 && !alone {
                let port = usize::from(place.port()) + 1 + number;
                place.set_port(
                    u16::try_from(port).context("the ports after the page's end before the institutions do")?,
                );
            }
            Ok(place)
        };
        for institution in institutions {
            let address = place(twins.len())?;
            let twin = institution.play(address, &self.secret).await;
            twins.push(twin.with_context(|| format!("cannot listen on {address}"))?);
        }
        for path in &self.folder {
            if !path.join("manifest.toml").is_file() {
                bail!("{} nu este dosarul unui sistem: nu are manifest.toml; dați calea dosarului", path.display());
            }
            let (folder, address) = (SystemFolder::read(path)?, place(twins.len())?);
            let (name, title) = (folder.manifest.system.clone(), folder.manifest.title.ro.clone());
            let twin = FolderTwin::start(address, folder, &self.secret).await?;
            twins.push(Played::new(&name, &title, twin));
        }
        for twin in &twins {
            println!("{:<12} {:<28} {}", twin.name, twin.url, twin.title);
        }
        if alone {
            println!("Greșelile la alegere: PUT {}/_sandbox/faults (sandbox/README.md)", twins[0].url);
            wait_for_stop().await;
            return Ok(0);
        }
        let page = Playground::open(self.listen, twins).await;
        let page = page.with_context(|| format!("cannot listen on {}", self.listen))?;
        println!("Pagina, cu greșelile la alegere și ultimele cereri: http://{}", page.address);
        wait_for_stop().await;
        Ok(0)
    }
}

impl Institution {
    async fn play(self, address: SocketAddr, secret: &str) -> std::io::Result<Played> {
        let clock: Clock = Arc::new(|| system_micros() / 1_000_000);
        Ok(match self {
            Self::Anaf => Played::new("anaf", "ANAF", Anaf::start(address, clock).await?),
            Self::Onrc => Played::new("onrc", "Registrul comerțului", Onrc::start(address, clock, FIRMS).await?),
            Self::Esocial => Played::new("esocial", "eSocial", Esocial::start(address, clock).await?),
            Self::TownHall => {
                Played::new("town-hall", "Sistemul unei primării", TownHall::start(address, clock, secret).await?)
            }
            Self::Ran => Played::new("ran", "Registrul Agricol Național", Ran::start(address, clock).await?),
            Self::Renns => Played::new("renns", "RENNS, registrul străzilor", Renns::start(address, clock).await?),
            Self::Reges => Played::new("reges", "REGES-Online", Reges::start(address, clock).await?),
            Self::Tsa => Played::new("tsa", "Autoritate de marcare temporală", Tsa::start(address, clock).await?.0),
        })
    }
}
