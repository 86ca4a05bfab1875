//! The description of the API, and a stranger's fuzzer that reads it: every operation is called as each role, with what the
//! description allows and what it does not, and the answers must be those it promises. No 5xx, whatever is sent.

use std::path::{Path, PathBuf};
use std::process::Command;

use hub_flow::authorization::BuiltIn;
use hub_server::api::{self, door::Access};
use serde_json::Value;
use tests::county::key;
use tests::shared::skip;
use tests::tenancy::{self, OWNER, system};
use tests::{Client, Database};

/// From PyPI (MIT).
const FUZZER: &str = "schemathesis==4.32.5";
/// Calls of one operation as one role, in each phase.
const EXAMPLES: &str = "4";
/// What must hold of every answer. What is valid by its form may still be refused by a rule, so acceptance is not checked.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth,unsupported_method";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_door_is_described_with_its_permission() {
    let (hub, _register, _) = tenancy::start(Database::Sqlite).await;
    let (status, described) = Client::of(&hub.running().url(), "nobody").get("/openapi.json").await;
    assert_eq!((status.as_u16(), &described["openapi"]), (200, &Value::from("3.1.0")));
    let door = api::door();
    let mut count = 0;
    for route in door.routes() {
        let operation = &described["paths"][route.path.replace("{*", "{")][route.method.to_lowercase()];
        assert!(operation["operationId"].is_string(), "{route:?} is not described");
        match route.access {
            Access::With(permission) => {
                assert_eq!(operation["x-permission"], permission.as_str());
                assert_eq!(operation["security"][0]["key"], Value::Array(vec![]), "{route:?}");
                assert!(operation["responses"]["403"].is_object());
            }
            Access::Everybody(why) => assert_eq!(operation["x-public"], why),
        }
        typed(route, operation);
        let parameters = operation["parameters"].as_array().unwrap();
        let in_path = parameters.iter().filter(|one| one["in"] == "path").count();
        assert_eq!(in_path, route.path.matches('{').count(), "{route:?}");
        count += 1;
    }
    let paths = described["paths"].as_object().unwrap();
    assert_eq!(count, paths.values().map(|item| item.as_object().unwrap().len()).sum::<usize>());
    let correction = &described["paths"]["/v1/registers/{register}/{year}/{number}/correct"]["post"];
    let body = &correction["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["required"], serde_json::json!(["changes", "reason"]));
    assert_eq!(body["additionalProperties"], false, "{body:#}");
    hub.stop().await;
}

/// Bodies and answers are described: by schema and example where they are JSON, by media type elsewhere.
fn typed(route: &api::door::Route, operation: &Value) {
    let content = operation["requestBody"]["content"].as_object();
    if route.operation.body {
        let content = content.unwrap_or_else(|| panic!("{route:?} reads a body and does not say which"));
        assert!(!content.is_empty(), "{route:?} reads a body and does not say which");
        for (media, told) in content {
            assert!(told["schema"].is_object(), "{media} of {route:?}");
        }
    }
    let answers = operation["responses"].as_object().unwrap();
    let done: Vec<_> = answers.iter().filter(|(status, _)| status.starts_with('2')).collect();
    assert!(!done.is_empty(), "{route:?} answers nothing");
    for (status, told) in done.into_iter().filter(|(status, _)| *status != "2XX") {
        if let Some(json) = told["content"].get("application/json") {
            assert!(json["schema"].is_object(), "{status} of {route:?}: {json}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fuzzer_finds_no_answer_that_the_description_does_not_promise() {
    let Some(fuzzer) = fuzzer() else { return };
    let (hub, _register, _) = tenancy::start(Database::Sqlite).await;
    let url = format!("{}/openapi.json", hub.running().url());
    for role in [BuiltIn::Archivist, BuiltIn::Administrator, BuiltIn::PartnerSystem] {
        let key = key(&system(OWNER, role));
        let output = tokio::process::Command::new(&fuzzer)
            .args(["run", &url, "--seed", "1", "--max-examples", EXAMPLES, "--checks", CHECKS, "--no-color"])
            .args(["--phases", "examples,coverage,fuzzing", "--no-shrink", "--generation-database", "none"])
            .args(["--suppress-health-check", "all", "--request-timeout", "30", "--continue-on-failure"])
            .args(["-H", &format!("Authorization: Bearer {key}"), "-H", "Punte-Clerk: eva", "-H", "Punte-Unit: arhiva"])
            .current_dir(hub.folder())
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "as {}:\n{said}\n{}", role.as_str(), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("Tested"), "nothing was called as {}:\n{said}", role.as_str());
    }
    hub.stop().await;
}

/// The fuzzer in an environment of its own, where it can be installed.
fn fuzzer() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-schemathesis");
    let (program, ready) = (folder.join("bin/schemathesis"), folder.join("ready"));
    if ready.exists() {
        return Some(program);
    }
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said()) }
    };
    let made = run(Path::new("python3"), &["-m", "venv", "--clear", folder.to_str().unwrap()])
        .and_then(|()| run(&folder.join("bin/python"), &["-m", "pip", "install", "--quiet", FUZZER]));
    if let Err(why) = made {
        skip(&format!("{FUZZER} cannot be installed: {why}"));
        return None;
    }
    std::fs::write(ready, "").unwrap();
    Some(program)
}
