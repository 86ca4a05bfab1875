//! `punte mapping`: the tools of whoever writes a mapping.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use mappings::{GoldenOutcome, Input, Library, Mapping};
use schemas::Catalogue;
use serde_json::Value;

use super::NO;

/// How often the folder is looked at for a change.
const GLANCE: Duration = Duration::from_millis(250);

/// Tries mappings (see docs/guides/adding-a-mapping.md).
#[derive(clap::Args)]
pub(super) struct MappingCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Run the golden examples of mappings and report what they lose.
    Test {
        /// Folders of mappings, or ids of those inside the program; all of these where none is named.
        mappings: Vec<String>,
    },
    /// Translate one document and show what comes out, with the difference to the golden example where there is one.
    Try {
        /// Folder of the mapping, or id of one inside the program.
        mapping: String,
        /// A file of the shape of golden examples: { "envelope": …, "body": … }.
        input: PathBuf,
        /// Look again whenever a file of the folder or the input changes.
        #[arg(long)]
        watch: bool,
    },
}

impl MappingCommand {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let catalogue = Catalogue::builtin().context("the catalogue of document types is wrong")?;
        match self.act {
            Act::Test { mappings } => test(&catalogue, &mappings),
            Act::Try { mapping, input, watch: false } => once(&catalogue, &mapping, &input),
            Act::Try { mapping, input, watch: true } => watched(&catalogue, &mapping, &input).await,
        }
    }
}

fn test(catalogue: &Catalogue, named: &[String]) -> anyhow::Result<u8> {
    let mut wrong = 0;
    let mut tell = |mapping: &Mapping| {
        let report = mapping.check();
        if report.is_clean() {
            println!("  bine    maparea {}: {} exemple", mapping.id(), report.golden.len());
        } else {
            wrong += 1;
            println!("  greșit  maparea {}\n{report}", mapping.id());
        }
    };
    if named.is_empty() {
        Library::builtin(catalogue)?.mappings().for_each(&mut tell);
    }
    for one in named {
        let library = library(catalogue, one)?;
        let found: Vec<_> = library.mappings().filter(|mapping| is_named(mapping, one)).collect();
        if found.is_empty() {
            bail!("nu există maparea {one}");
        }
        found.into_iter().for_each(&mut tell);
    }
    Ok(if wrong == 0 { 0 } else { NO })
}

/// The library a name leads to: a folder on disk, or what is inside the program.
fn library(catalogue: &Catalogue, named: &str) -> anyhow::Result<Library> {
    let path = Path::new(named);
    if !path.is_dir() {
        return Ok(Library::builtin(catalogue)?);
    }
    // The folder of one mapping is a library of one: it is read through the folder it stands in, alone.
    let whole = path.canonicalize()?;
    let parent = whole.parent().context("the folder of a mapping stands in a folder")?;
    Library::from_dir(parent, catalogue).with_context(|| format!("{} nu se poate folosi", path.display()))
}

fn is_named(mapping: &Mapping, named: &str) -> bool {
    let folder = Path::new(named).canonicalize().ok();
    let last = folder.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    mapping.id() == last.as_deref().unwrap_or(named)
}

fn once(catalogue: &Catalogue, named: &str, input: &Path) -> anyhow::Result<u8> {
    let library = library(catalogue, named)?;
    let mapping = library.mappings().find(|mapping| is_named(mapping, named));
    let mapping = mapping.with_context(|| format!("nu există maparea {named}"))?;
    let text = std::fs::read_to_string(input).with_context(|| format!("{} nu se poate citi", input.display()))?;
    let document: Value = serde_json::from_str(&text).with_context(|| format!("{} nu este JSON", input.display()))?;
    let (envelope, body) = (&document["envelope"], &document["body"]);
    if envelope.is_null() || body.is_null() {
        bail!("{} are nevoie de doi membri, envelope și body, ca exemplele din golden/", input.display());
    }
    match mapping.apply(&Input { envelope, body }) {
        Ok(translation) => {
            let output: Value = serde_json::from_slice(&translation.bytes).context("a mapping makes JSON")?;
            println!("{output:#}");
            compared(mapping, input, &output);
            Ok(0)
        }
        Err(error) => {
            println!("greșit: {error}");
            Ok(NO)
        }
    }
}

/// Where the input is a golden example, what differs from its output, line by line.
fn compared(mapping: &Mapping, input: &Path, output: &Value) {
    let name = input.file_name().unwrap_or_default().to_string_lossy().replace(".input.json", "");
    let report = mapping.check();
    match report.golden.iter().find(|golden| golden.name == name).map(|golden| &golden.outcome) {
        Some(GoldenOutcome::Same) => println!("\nla fel cu exemplul {name}"),
        Some(_) => {
            let expected = input.with_file_name(format!("{name}.output.json"));
            let expected = std::fs::read_to_string(expected).ok().and_then(|text| serde_json::from_str(&text).ok());
            println!("\naltfel decât exemplul {name}:");
            for line in difference("", &expected.unwrap_or(Value::Null), output) {
                println!("  {line}");
            }
        }
        None => {}
    }
}

/// What differs, one line a place: `-` what was expected, `+` what came out.
fn difference(place: &str, expected: &Value, actual: &Value) -> Vec<String> {
    match (expected, actual) {
        _ if expected == actual => Vec::new(),
        (Value::Object(expected), Value::Object(actual)) => {
            let names = expected.keys().chain(actual.keys().filter(|name| !expected.contains_key(*name)));
            let at =
                |members: &serde_json::Map<String, Value>, name: &str| members.get(name).cloned().unwrap_or_default();
            names
                .flat_map(|name| difference(&format!("{place}/{name}"), &at(expected, name), &at(actual, name)))
                .collect()
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            let pairs = expected.iter().zip(actual).enumerate();
            pairs.flat_map(|(number, (one, other))| difference(&format!("{place}/{number}"), one, other)).collect()
        }
        _ => vec![format!("{place}: - {expected}"), format!("{place}: + {actual}")],
    }
}

async fn watched(catalogue: &Catalogue, named: &str, input: &Path) -> anyhow::Result<u8> {
    let mut seen = None;
    loop {
        let now = newest(Path::new(named)).max(newest(input));
        if seen != Some(now) {
            seen = Some(now);
            println!("──────── {named}");
            // A file that is half written is wrong for a moment; whoever watches goes on.
            if let Err(error) = once(catalogue, named, input) {
                println!("greșit: {error:#}");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            () = crate::listen::wait_for_stop() => return Ok(0),
        }
    }
}

/// When anything below a path was last changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = std::fs::metadata(path).ok()?.modified().ok();
    let below = std::fs::read_dir(path).ok().into_iter().flatten();
    below.filter_map(|entry| newest(&entry.ok()?.path())).chain(own).max()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_names_the_place_and_both_values() {
        let expected = json!({ "a": { "b": [1, 2] }, "c": "x", "d": 1 });
        let actual = json!({ "a": { "b": [1, 3] }, "c": "x", "e": null });
        let told = difference("", &expected, &actual);
        assert_eq!(told, ["/a/b/1: - 2", "/a/b/1: + 3", "/d: - 1", "/d: + null"]);
    }
}
