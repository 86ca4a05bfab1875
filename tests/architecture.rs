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
            "hub-console",
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
        // Pages know the API and nothing behind it.
        "hub-console" => vec!["hub-register-files"],
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

/// What somebody could guess letter by letter, by the time an ordinary comparison takes, if it were compared so.
const GUESSED: [&str; 12] = [
    "secret",
    "password",
    "passphrase",
    "mac",
    "hmac",
    "token",
    "nonce",
    "challenge",
    "otp",
    "pepper",
    "key_sha256",
    "state_text",
];
/// Comparisons of such names that no stranger can measure, each with the reason.
const NOT_MEASURED: [(&str, &str, &str); 5] = [
    ("commands/doctor/token.rs", "secret.trim() != secret", "a secret with itself, on the operator's own machine"),
    ("asice/verify.rs", "name == list.token", "the name of a file in a package"),
    (
        "tsp/response.rs",
        "time_stamp.nonce",
        "it stands in the clear in the question and the answer: it tells which is which",
    ),
    (
        "anaf/src/oauth.rs",
        "kept.refresh_token != old",
        "two tokens that this hub holds, none of them brought by anybody",
    ),
    ("anaf/src/oauth.rs", "tokens.access_token !=", "two tokens that this hub holds, none of them brought by anybody"),
];

/// Comparisons by `==` or `!=` of what is named like a secret, with their lines. Its length may be compared: it is no secret.
fn measurable(text: &str) -> Vec<(usize, &str)> {
    let guessed = |operand: &str| {
        let operand = operand.trim().trim_start_matches(['&', '*', '(', '!']).trim_end_matches([')', ',', '{', ' ']);
        let operand = operand.trim_end_matches("()").trim_end_matches('(');
        let last = operand.rsplit(['.', ' ', ':', '(']).find(|one| !one.is_empty()).unwrap_or_default();
        let last = last.trim_start_matches(['&', '*']);
        GUESSED.iter().any(|name| last == *name || last.ends_with(&format!("_{name}")))
    };
    // The operand after the sign ends where the expression does.
    let after = |text: &str| {
        let end = text.find([',', '{', ')', ';', '|']).unwrap_or(text.len());
        text[..end].split("&&").next().unwrap_or_default().trim().to_owned()
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for (number, line) in lines {
        for sign in ["==", "!="] {
            for (at, _) in line.match_indices(sign) {
                let before = line[..at].split("&&").last().unwrap_or_default().split("||").last().unwrap_or_default();
                if guessed(before) || guessed(&after(&line[at + 2..])) {
                    found.push((number + 1, line.trim()));
                }
            }
        }
    }
    found
}

/// The text of a file without its module of tests, which stands at its end.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

#[test]
fn what_could_be_guessed_is_compared_in_constant_time() {
    let sources = rust_files(&root()).into_iter().filter(|file| {
        let path = file.to_string_lossy();
        path.contains("/src/") && (path.contains("/hub/") || path.contains("/connectors/"))
    });
    let mut found = Vec::new();
    for file in sources {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in measurable(without_tests(&text)) {
            let path = file.to_string_lossy().into_owned();
            let said = |(place, words, _): &(&str, &str, &str)| path.ends_with(place) && line.contains(words);
            if !NOT_MEASURED.iter().any(said) {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    assert!(found.is_empty(), "compare with openssl::memcmp::eq: {found:#?}");
}

#[test]
fn a_comparison_that_can_be_measured_is_seen_however_it_is_written() {
    for wrong in [
        "if shown.secret == kept { return Ok(()) }",
        "let same = *form_token != expected;",
        "found && token.nonce() == nonce",
        "expected == &self.password",
        "if a == b && (mac == told) {",
    ] {
        assert_eq!(measurable(wrong).len(), 1, "{wrong}");
    }
    for right in [
        "if told_nonce.len() != nonce.len() || !memcmp::eq(told_nonce.as_bytes(), nonce.as_bytes()) {",
        "// secret == secret",
        "if held.system != token.system {",
        "seen.origin == challenge.origin",
    ] {
        assert!(measurable(right).is_empty(), "{right}");
    }
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
