//! What there is to cross, found by looking: faults, twins, systems.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use connectors_contract::Manifest;
use connectors_contract::systems::from_dir;
use sandbox::FaultKind;

use crate::players::{FOLDER_PLAYS, PLAYED, Player};

/// Twins that play no system of a folder, and why.
const TWINS_WITHOUT_SYSTEM: [(&str, &str); 3] = [
    ("Tsa", "stamps the time for the hub itself; its faults are the stories of the log and of preservation"),
    ("Sink", "takes everything as fast as it can, for measuring"),
    ("Scripted", "gives one recorded answer, for the conformance of a folder"),
];

/// Systems that no twin of the sandbox plays, and why.
const SYSTEMS_WITHOUT_TWIN: [(&str, &str); 6] = [
    ("hub", "another delivery service: its answers are sealed evidence, told in the stories of the relay"),
    ("hub-evidence", "another delivery service: told in the stories of the relay"),
    ("notice", "carries notices, not documents: told in the story of the evidence push"),
    (
        "onrc",
        "files in the hub's own folder, and behind them systems that are in the matrix: told in the story of onrc",
    ),
    ("onrc-certificate", "files in a folder: there is no line on which something could go wrong"),
    ("coada", "a broker: its faults are played by the tests of the engine amqp, with a real one"),
];

/// Engines whose neighbours are real servers in their own tests.
const ENGINES_WITHOUT_TWIN: [(&str, &str); 2] = [
    ("folder", "an SFTP server and a folder: their faults are played by the tests of the engine"),
    ("mail", "a mail server: its faults are played by the tests of the engine"),
];

/// Every fault that a twin can be told, out of the words in which its plan refuses an unknown one.
pub fn faults() -> Vec<FaultKind> {
    let refusal = serde_json::from_str::<FaultKind>("\"?\"").unwrap_err().to_string();
    let faults: Vec<FaultKind> =
        named(&refusal).iter().map(|name| serde_json::from_value(name.as_str().into()).unwrap()).collect();
    assert!(faults.contains(&FaultKind::CutConnectionAfterStoring) && faults.contains(&FaultKind::Down), "{refusal}");
    faults
}

/// Every fault of ANAF's own plan, out of the words in which it refuses an unknown one.
pub async fn faults_of_anaf(players: &[Player]) -> Vec<String> {
    let player = players.iter().find(|player| player.is_anaf).expect("ANAF is played");
    let line = serde_json::json!([{ "operation": "upload", "fault": "?" }]);
    let answer = player.http.put(format!("{}/_sandbox/anaf/faults", player.twin)).json(&line).send().await.unwrap();
    let refusal = answer.text().await.unwrap();
    let names = named(&refusal);
    assert!(names.iter().any(|name| name == "half-answer"), "{refusal}");
    names
}

/// The names between back quotes after "expected".
fn named(refusal: &str) -> Vec<String> {
    let (_, list) = refusal.split_once("expected").unwrap_or_else(|| panic!("{refusal}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The folder of all systems.
pub fn systems() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors/systems")
}

/// All manifests, in the order of their names.
pub fn manifests() -> Vec<Manifest> {
    from_dir(&systems()).unwrap()
}

pub fn nothing_is_forgotten() {
    let known = |list: &[(&str, &str)], name: &str| list.iter().any(|(one, why)| *one == name && why.len() > 20);
    for manifest in manifests() {
        let name = manifest.system.as_str();
        let played = PLAYED.iter().any(|(system, _)| *system == name) || FOLDER_PLAYS.contains(&name);
        let left_out = known(&SYSTEMS_WITHOUT_TWIN, name) || known(&ENGINES_WITHOUT_TWIN, &manifest.engine);
        assert!(played != left_out, "the system {name} must be played in the matrix, or left out for one reason");
    }
    let played: BTreeSet<&str> = PLAYED.iter().map(|(_, twin)| *twin).collect();
    let twins = twins();
    for twin in &twins {
        let is_played = played.contains(twin.as_str()) || twin == "FolderTwin";
        let left_out = known(&TWINS_WITHOUT_SYSTEM, twin);
        assert!(is_played != left_out, "the twin {twin} must play in the matrix, or be left out for one reason");
    }
    assert!(played.iter().all(|twin| twins.contains(*twin)), "{twins:?}");
}

/// The types of the sandbox that can be started.
fn twins() -> BTreeSet<String> {
    let mut twins = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
                twins.extend(file.items.iter().filter_map(started));
            }
        }
    }
    twins
}

fn started(item: &syn::Item) -> Option<String> {
    let syn::Item::Impl(of) = item else { return None };
    let syn::Type::Path(path) = of.self_ty.as_ref() else { return None };
    let starts = of.items.iter().any(|item| {
        matches!(item, syn::ImplItem::Fn(one)
            if one.sig.ident == "start" && matches!(one.vis, syn::Visibility::Public(_)) && one.sig.asyncness.is_some())
    });
    starts.then(|| path.path.segments.last().expect("a type has a name").ident.to_string())
}
