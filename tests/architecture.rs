//! The shape of the code, held by parsing it: who may know whom, and how long a file may be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use syn::visit::Visit;
use syn::{ItemMod, ItemUse, Macro, UseTree};

/// The stages of the road, the one beside it that asks, and the one behind it that files. Their order is in `flow.rs`; they do not know each other.
const STAGES: [&str; 8] =
    ["submission", "validation", "registration", "routing", "transformation", "delivery", "lookup", "archive"];
/// Longest file, in lines.
const LONGEST: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps().exec().unwrap()
}

/// What a package of ours may depend on, by name or by the rule of its kind.
fn allowed(package: &str) -> Vec<&'static str> {
    match package {
        "hub-server" => vec![
            "hub-conversion",
            "hub-deadlines",
            "hub-eark",
            "hub-flow",
            "hub-proofs",
            "hub-receipts",
            "hub-register-files",
            "connectors-amqp",
            "connectors-anaf",
            "connectors-conformance",
            "connectors-contract",
            "connectors-folder",
            "connectors-mail",
            "connectors-onrc",
            "connectors-rest",
            "connectors-soap",
            "connectors-tsp",
            "hub-signatures",
            "hub-vault",
            "mappings",
            "sandbox",
            "schemas",
        ],
        "hub-flow" => {
            vec![
                "connectors-contract",
                "hub-deadlines",
                "hub-proofs",
                "hub-signatures",
                "hub-vault",
                "mappings",
                "schemas",
            ]
        }
        "hub-conversion" | "hub-eark" | "hub-proofs" => vec!["hub-signatures"],
        "mappings" | "hub-register-files" => vec!["schemas"],
        "sandbox" => vec!["connectors-contract"],
        "connectors-conformance" => vec!["connectors-contract", "sandbox"],
        "connectors-http" => vec!["connectors-contract"],
        "connectors-contract" | "hub-deadlines" | "hub-receipts" | "hub-signatures" | "hub-vault" | "schemas" => vec![],
        "connectors-amqp" | "connectors-folder" | "connectors-mail" => vec!["connectors-contract", "connectors-drop"],
        engine if engine.starts_with("connectors-") => {
            vec!["connectors-contract", "connectors-http", "hub-signatures", "schemas"]
        }
        other => panic!("the package {other} has no rule yet: decide what it may know"),
    }
}

#[test]
fn packages_know_only_what_the_design_lets_them_know() {
    let metadata = metadata();
    let ours = metadata.workspace_packages();
    let is_ours = |name: &str| ours.iter().any(|package| package.name.as_str() == name);
    let mut wrong = Vec::new();
    for package in ours.iter().filter(|package| package.name.as_str() != "tests") {
        let used = package.dependencies.iter().filter(|one| one.kind != DependencyKind::Development);
        for dependency in used.filter(|one| is_ours(&one.name)) {
            if !allowed(package.name.as_str()).contains(&dependency.name.as_str()) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "edges the design does not allow: {wrong:#?}");
}

#[test]
fn the_flow_speaks_no_http_and_names_no_engine() {
    let metadata = metadata();
    let flow = metadata.packages.iter().find(|package| package.name.as_str() == "hub-flow").unwrap();
    let doors = ["axum", "axum-server", "hyper", "lapin", "reqwest", "tower", "tower-http"];
    let named: Vec<_> = flow.dependencies.iter().filter(|one| doors.contains(&one.name.as_str())).collect();
    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn there_is_one_cryptographic_library() {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--offline", "--workspace", "--all-features", "--prefix", "none", "--format", "{p}"]);
    let output = tree.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("openssl"), "the tree cannot be read");
    let others = ["ring", "rustls", "tokio-rustls", "boring", "boring-sys"];
    let found: Vec<_> = names.into_iter().filter(|name| others.contains(name) || name.starts_with("aws-lc")).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn stages_do_not_name_each_other() {
    let source = root().join("hub/flow/src");
    let mut wrong = Vec::new();
    for stage in STAGES {
        let files = rust_files(&source.join(stage));
        assert!(!files.is_empty(), "the stage {stage} has no folder");
        for file in files {
            let mut module: Vec<String> =
                file.strip_prefix(&source).unwrap().with_extension("").iter().map(text).collect();
            if module.last().is_some_and(|name| name == "mod") {
                module.pop();
            }
            let syntax = syn::parse_file(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let mut seen = Named { module, paths: Vec::new() };
            seen.visit_file(&syntax);
            let others = seen
                .paths
                .into_iter()
                .filter(|path| path.first().is_some_and(|first| first != stage && STAGES.contains(&first.as_str())));
            wrong.extend(others.map(|path| format!("{}: crate::{}", file.display(), path.join("::"))));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_stage_that_names_another_is_seen_however_it_does() {
    let ways = [
        "use crate::delivery::Delivery;",
        "use crate::{db::Db, delivery};",
        "use super::super::delivery as other;",
        "fn f() -> crate::delivery::Delivery { todo() }",
        "mod inner { fn f() { super::super::super::delivery::load(); } }",
        "fn f() { vec![crate::delivery::load()]; }",
    ];
    for way in ways {
        let module = vec!["submission".to_owned(), "store".to_owned()];
        let mut seen = Named { module, paths: Vec::new() };
        seen.visit_file(&syn::parse_file(way).unwrap());
        assert!(seen.paths.iter().any(|path| path.first().is_some_and(|first| first == "delivery")), "{way}");
    }
}

/// The paths a file names, from the root of its package on.
struct Named {
    module: Vec<String>,
    paths: Vec<Vec<String>>,
}

impl Named {
    fn note(&mut self, path: &[String]) {
        let above = path.iter().take_while(|segment| *segment == "super").count();
        let from_root = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("super") => {
                let base = &self.module[..self.module.len().saturating_sub(above)];
                [base, &path[above..]].concat()
            }
            _ => return,
        };
        self.paths.push(from_root);
    }

    fn note_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.note_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.note(&with(&name.ident)),
            UseTree::Rename(name) => self.note(&with(&name.ident)),
            UseTree::Glob(_) => self.note(before),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.note_tree(before, item)),
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.note_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&segments);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        // What is inside a macro is no syntax yet; its words are.
        let tokens = call.tokens.to_string().replace(' ', "");
        for (at, _) in tokens.match_indices("crate::") {
            let name: String =
                tokens[at + 7..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            self.paths.push(vec![name]);
        }
        syn::visit::visit_macro(self, call);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
    }
}

#[test]
fn no_file_is_longer_than_anybody_wants_to_read() {
    let long: Vec<_> = rust_files(&root())
        .into_iter()
        .map(|file| (std::fs::read_to_string(&file).unwrap().lines().count(), file))
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// The Rust files below a folder; what is built or hidden is not looked into.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().map(text).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn text(name: &std::ffi::OsStr) -> String {
    name.to_string_lossy().into_owned()
}
