//! A manifest is read completely, strictly and with a way out.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::Duration;

use connectors_contract::manifest::{Auth, EnvelopeValue, Method, MissingFact, Rate, Template, Window};
use connectors_contract::{Manifest, ManifestError, SideEffect, systems};

const HEAD: &str = "system = \"proba\"\nengine = \"rest\"\ntitle = { ro = \"Probă\", en = \"Sample\" }\n";
const DELIVER: &str = "[deliver]\nbody = \"translated\"\nside_effect = \"once\"\n";

fn text(endpoint: &str, deliver: &str) -> String {
    format!("{HEAD}[endpoint]\n{endpoint}\n{deliver}")
}

fn problem(text: &str) -> String {
    Manifest::parse(text, "proba/manifest.toml").unwrap_err().to_string()
}

#[test]
fn a_small_manifest_has_careful_defaults() {
    let manifest = Manifest::parse(&text("", DELIVER), "proba").unwrap();
    assert_eq!(manifest.endpoint.timeout, Duration::from_secs(30));
    assert_eq!(manifest.endpoint.auth, Auth::None);
    let deliver = manifest.deliver.unwrap();
    assert_eq!(deliver.method, Method::Post);
    assert!(deliver.receipt_required && deliver.path.is_empty());
    assert_eq!(deliver.side_effect, SideEffect::Once);
    assert!(manifest.translation.is_none() && manifest.inquire.is_none() && manifest.outcome.rules.is_empty());
}

#[test]
fn every_wrong_manifest_is_refused_with_its_place_and_a_way_out() {
    let queryable = DELIVER.replace("once", "queryable");
    let repeatable = DELIVER.replace("once", "repeatable");
    let envelope = DELIVER.replace("translated", "envelope");
    let multipart = DELIVER.replace("translated", "multipart");
    let signed = "auth = { kind = \"standard-webhooks\" }";
    let table = [
        ("system = ".to_owned(), ":1:", "string"),
        (text("adresa = \"x\"", DELIVER), ":5:1: ", "base_url"),
        (text("", DELIVER) + "culoare = \"rosu\"\n", ":9:1: ", "idempotency_header"),
        (text("", DELIVER) + "[lookups]\n", ":9:2: ", "unknown field `lookups`"),
        (text("timeout = \"soon\"", DELIVER), ":5:11: ", "500ms, 10s or 2min"),
        (text("timeout = \"0s\"", DELIVER), ":5:11: ", "500ms, 10s or 2min"),
        (text("timeout = 30", DELIVER), ":5:11: ", "write \"30s\""),
        (text("timeout = true", DELIVER), ":5:11: ", "\"30s\", not boolean"),
        (text("base_url = \"ftp://a\"", DELIVER), ":5:12: ", "write https://"),
        (text("base_url = \"https://u:p@a\"", DELIVER), ":5:12: ", "move it to the channel's secret"),
        (text("base_url = \"https://${host}\"", DELIVER), ":5:12: ", "capital letters"),
        (text("base_url = \"https://${HOST\"", DELIVER), ":5:12: ", "${NAME}"),
        (text("auth = { kind = \"oauth\" }", DELIVER), ":5:8: ", "standard-webhooks"),
        (text("auth = { kind = \"bearer\", secret = \"s\" }", DELIVER), ":5:27: ", "unknown field `secret`"),
        (text("auth = { kind = \"header\" }", DELIVER), ":5:8: ", "needs it"),
        (text("auth = { kind = \"bearer\", user = \"a\" }", DELIVER), ":5:8: ", "basic"),
        (text("", DELIVER) + "path = \"/{cnp}\"\n", ":9:8: ", "no fact {cnp} here, use one of"),
        (text("", DELIVER) + "path = \"/{sender\"\n", ":9:8: ", "does not close"),
        (text("", DELIVER) + "receipt = \"id\"\n", ":9:11: ", "write /id"),
        (text("", DELIVER) + "receipt = \"petitie.numar\"\n", ":9:11: ", "write /petitie/numar"),
        (text("", DELIVER) + "receipt = \"$.petitii[0].numar\"\n", ":9:11: ", "write /petitii/0/numar"),
        (text("", DELIVER) + "headers = { Authorization = \"x\" }\n", ":6:", "endpoint.auth"),
        (text("", DELIVER) + "method = \"GET\"\n", ":6:", "use POST"),
        (text("", DELIVER) + "part_href = \"{hub_address}\"\n", ":6:", "body = \"envelope\""),
        (text("", &queryable), ":6:", "[inquire]"),
        (text("", &repeatable), ":6:", "idempotency_header"),
        (text("", &envelope), ":6:", "[deliver.envelope]"),
        (text(signed, &multipart), ":6:", "use an envelope"),
        (text(signed, DELIVER) + "idempotency_header = \"Key\"\n", ":6:", "remove idempotency_header"),
        (text("", &envelope) + "[deliver.envelope]\na = 1\n", ":10:5: ", "write it in quotes"),
        (text("", DELIVER) + "[quota]\ncalls = \"many\"\n", ":10:9: ", "1000/min"),
        (text("", DELIVER) + "[outcome]\nrules = [{ status = \"6xx\", class = \"refused\" }]\n", ":10:", "200-299"),
        (text("", DELIVER) + "[outcome]\nrules = [{ status = \"200\", class = \"maybe\" }]\n", ":10:", "unavailable"),
        (text("", DELIVER).replace("proba", "Proba"), ":1:10: ", "small letters"),
    ];
    for (text, place, way_out) in table {
        let problem = problem(&text);
        assert!(problem.starts_with(&format!("proba/manifest.toml{place}")), "{problem}\n{text}");
        assert!(problem.contains(way_out), "{problem}\n{text}");
    }
}

#[test]
fn variables_are_put_into_the_address_and_nowhere_else() {
    let parsed = Manifest::parse(&text("base_url = \"https://${HOST}/${PATH_1}/x\"", DELIVER), "proba").unwrap();
    let address = parsed.endpoint.base_url.clone().unwrap();
    assert!(address.url("proba").unwrap_err().to_string().contains("HOST"));
    let none = parsed.clone().resolve(|_| None).unwrap_err();
    assert_eq!(none.to_string(), "system proba: the address needs the variable HOST, which has no value; set it");
    let resolved = parsed.clone().resolve(|name| Some(if name == "HOST" { "a.ro" } else { "${HOST}" }.to_owned()));
    assert!(matches!(resolved, Err(ManifestError::Address { .. })), "a value is not looked into again");
    let resolved = parsed.resolve(|name| Some(if name == "HOST" { "a.ro" } else { "b" }.to_owned())).unwrap();
    assert_eq!(resolved.endpoint.base_url.unwrap().url("proba").unwrap().as_str(), "https://a.ro/b/x");
}

#[test]
fn a_text_with_holes_is_filled_left_out_or_refused() {
    let fill = |text: &str| {
        let template = Template::try_from(text.to_owned()).unwrap();
        template.fill(|name| (name == "sender").then(|| "{x}".to_owned()))
    };
    assert_eq!(fill("a/{sender}/b"), Ok(Some("a/{x}/b".to_owned())));
    assert_eq!(fill(""), Ok(Some(String::new())));
    assert_eq!(fill("{sender}{subject?}"), Ok(None));
    assert_eq!(fill("{subject}"), Err(MissingFact("subject".to_owned())));
}

#[test]
fn an_envelope_is_a_tree_of_texts() {
    let envelope = "[deliver.envelope]\na = { b = \"{body}\", c = \"x {sender}\" }\nparts = \"{parts}\"\n";
    let deliver = DELIVER.replace("translated", "envelope") + envelope;
    let manifest = Manifest::parse(&text("", &deliver), "proba").unwrap();
    let envelope = manifest.deliver.unwrap().envelope.unwrap();
    let EnvelopeValue::Object(inner) = &envelope["a"] else { panic!("{envelope:?}") };
    assert_eq!(inner["b"], EnvelopeValue::Body);
    assert_eq!(envelope["parts"], EnvelopeValue::Parts);
}

#[test]
fn systems_are_found_by_looking_and_each_stands_in_its_own_folder() {
    let good = text("", DELIVER);
    let found = systems::from_embedded([("proba/manifest.toml", good.as_str()), ("proba/README.md", "x")]).unwrap();
    assert_eq!(found[0].system, "proba");
    let error = systems::from_embedded([("alta/manifest.toml", good.as_str())]).unwrap_err().to_string();
    assert!(error.contains("rename one of them"), "{error}");
    let twice = [("a/proba/manifest.toml", good.as_str()), ("b/proba/manifest.toml", good.as_str())];
    assert!(systems::from_embedded(twice).unwrap_err().to_string().contains("there twice"));

    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems");
    let names: Vec<_> = systems::from_dir(&folder).unwrap().into_iter().map(|manifest| manifest.system).collect();
    assert!(names.is_sorted() && names.contains(&"esocial".to_owned()), "{names:?}");
    let nowhere = systems::from_dir(&folder.join("nowhere")).unwrap_err();
    assert!(matches!(nowhere, ManifestError::Read { .. }));
}

#[test]
fn the_manifests_shown_in_the_readme_are_manifests() {
    let readme = include_str!("../README.md");
    let shown: Vec<_> = readme.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let whole = Manifest::parse(shown[0], "README.md").unwrap();
    assert_eq!(whole.quota.calls.as_slice(), [Rate { count: 1000, per: Window::Minute }]);
    assert!(whole.lookups["firma"].knows("cui"));
    let envelope = shown[1].replacen("[deliver]\n", "[deliver]\nside_effect = \"once\"\n", 1);
    assert!(Manifest::parse(&text("", &envelope), "README.md").unwrap().deliver.unwrap().part_href.is_some());
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    depth: u8,
}

#[test]
fn the_table_named_like_the_engine_is_read_by_the_engine_and_by_nobody_else() {
    let with = |table: &str| Manifest::parse(&(text("", DELIVER) + table), "proba/manifest.toml");
    let manifest = with("[rest]\ndepth = 3\n").unwrap();
    assert_eq!(manifest.section::<Own>().unwrap().unwrap().depth, 3);
    assert!(with("").unwrap().section::<Own>().unwrap().is_none());
    let wrong = with("[rest]\ndepth = 300\n").unwrap().section::<Own>().unwrap_err().to_string();
    assert!(wrong.starts_with("proba/manifest.toml:10:9: "), "{wrong}");
    let unknown = with("[rest]\nheight = 3\n").unwrap().section::<Own>().unwrap_err().to_string();
    assert!(unknown.contains(":10:1: ") && unknown.contains("depth"), "{unknown}");
    assert!(with("[soap]\n").unwrap_err().to_string().contains("unknown field `soap`"));
}

#[test]
fn every_wrong_lookup_is_refused_with_a_way_out() {
    let lookup = |lines: &str| format!("[lookup.firma]\ntitle = {{ ro = \"Firmă\", en = \"Company\" }}\n{lines}\n");
    let cui = "arguments = { cui = { format = \"cui\" } }\n";
    let table = [
        (lookup(cui), "discloses"),
        (lookup(&format!("{cui}discloses = []")), "name the categories"),
        (lookup(&format!("{cui}discloses = [\"a\"]\nsubject = \"cnp\"")), "names no argument"),
        (lookup("discloses = [\"a\"]\npersonal = true"), "needs a subject"),
        (
            lookup(&format!("{cui}discloses = [\"a\"]\nsubject = \"cui\"\npersonal = true\nfresh_for = \"1h\"")),
            "never given again",
        ),
        (lookup(&format!("{cui}discloses = [\"a\"]\nfresh_for = \"soon\"")), "write 10min, 24h or 7days"),
        (lookup(&format!("{cui}discloses = [\"a\"]\npath = \"/{{cnp}}\"")), "no argument and no fact {cnp}"),
        (lookup("discloses = [\"a\"]\narguments = { purpose = {} }"), "name of a fact"),
        (
            lookup(&format!(
                "{cui}discloses = [\"a\"]\nsubject = \"cui\"\nbatch = {{ most = 9, items = \"/a\", key = \"/b\" }}"
            )),
            "list of one item",
        ),
        (lookup(&format!("{cui}discloses = [\"a\"]\nquota = {{ per_subject = \"9/week\" }}")), "10/s, 1000/min"),
    ];
    for (lines, expected) in table {
        let problem = problem(&(text("", "") + &lines));
        assert!(problem.contains(expected), "{lines}\n{problem}");
    }
    let asked = problem(&(text("", "") + "[inquire]\npath = \"/x\"\npresent = []\nabsent = []\n"));
    assert!(asked.contains("there is no [deliver]"), "{asked}");
}
