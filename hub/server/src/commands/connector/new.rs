//! `punte connector new`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use include_dir::{Dir, include_dir};

static REST: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/commands/connector/template/rest");

/// Makes the folder of a new system, which already passes `connector test`.
#[derive(clap::Args)]
pub(super) struct New {
    /// Its name: small letters, digits and -.
    name: String,
    /// The protocol it speaks.
    #[arg(long, value_enum, default_value = "rest")]
    engine: Engine,
    /// What people call it; the name where absent.
    #[arg(long)]
    title: Option<String>,
    /// The folder its folder goes into; `connectors/systems` in a checkout, otherwise `systems`.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    /// HTTP with JSON or XML.
    Rest,
}

impl New {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.name.is_empty() || !self.name.bytes().all(fits) {
            bail!("numele {:?} nu se potrivește: folosiți litere mici, cifre și -", self.name);
        }
        let checkout = Path::new("connectors/systems");
        let into =
            self.into.unwrap_or_else(|| if checkout.is_dir() { checkout.to_owned() } else { PathBuf::from("systems") });
        let folder = into.join(&self.name);
        if folder.exists() {
            bail!("dosarul {} există deja; alegeți alt nume", folder.display());
        }
        let template = match self.engine {
            Engine::Rest => &REST,
        };
        let title = self.title.unwrap_or_else(|| self.name.clone());
        let variable = self.name.to_ascii_uppercase().replace('-', "_");
        write(template, &folder, &|text: &str| {
            text.replace("{name}", &self.name).replace("{title}", &title).replace("{variable}", &variable)
        })?;
        println!("{} este gata și trece deja:", folder.display());
        println!("  punte connector test {}", folder.display());
        println!("Scrieți în manifest.toml ce cere sistemul, iar în exchanges/ ce răspunde (docs/integrators.md).");
        Ok(0)
    }
}

fn write(template: &Dir<'_>, folder: &Path, filled: &impl Fn(&str) -> String) -> anyhow::Result<()> {
    let exchanges = folder.join("exchanges");
    std::fs::create_dir_all(&exchanges).with_context(|| format!("{} nu se poate face", exchanges.display()))?;
    let files = template.files().chain(template.dirs().flat_map(|dir| dir.files()));
    for file in files {
        let path = folder.join(file.path());
        let text = file.contents_utf8().context("a template is text")?;
        std::fs::write(&path, filled(text)).with_context(|| format!("{} nu se poate scrie", path.display()))?;
    }
    Ok(())
}
