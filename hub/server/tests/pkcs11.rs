//! A hub whose seal key never leaves a hardware module, played by SoftHSM: the real program, the whole demonstration.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];
const PIN: &str = "1234";

/// A folder with a token that holds one key of each kind, and the certificates beside it; none without SoftHSM.
fn token() -> Option<tempfile::TempDir> {
    if Command::new("softhsm2-util").arg("--version").output().is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "SoftHSM is not installed");
        eprintln!("skipped: SoftHSM is not installed");
        return None;
    }
    let folder = own_folder();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    std::fs::write(folder.path().join("softhsm2.conf"), format!("directories.tokendir = {}\n", tokens.display()))
        .unwrap();
    std::fs::write(folder.path().join("pin"), format!("{PIN}\n")).unwrap();
    util(folder.path(), "--init-token --free --label sigiliu --so-pin 5678");
    for (number, (label, kind)) in
        [("rsa", "rsa:2048"), ("ec", "ec -pkeyopt ec_paramgen_curve:P-256")].into_iter().enumerate()
    {
        let arguments = format!(
            "req -x509 -newkey {kind} -nodes -days 30 -subj /C=RO/O=Punte/CN={label} -keyout {label}.key -out {label}.pem \
             -addext keyUsage=critical,digitalSignature,nonRepudiation"
        );
        let output =
            Command::new("openssl").current_dir(folder.path()).args(arguments.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        util(folder.path(), &format!("--import {label}.key --token sigiliu --label {label} --id 0{number}"));
        // From now on the key is in the module and nowhere else.
        std::fs::remove_file(folder.path().join(format!("{label}.key"))).unwrap();
    }
    Some(folder)
}

fn util(folder: &Path, arguments: &str) {
    let mut command = Command::new("softhsm2-util");
    command.current_dir(folder).env("SOFTHSM2_CONF", folder.join("softhsm2.conf"));
    let output = command.args(arguments.split(' ')).args(["--pin", PIN]).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The configuration of a hub that seals with a key of the token.
fn configuration(folder: &Path, label: &str, pin: &str) -> PathBuf {
    let module = MODULES.iter().find(|path| Path::new(path).exists()).unwrap();
    let path = folder.join(format!("{label}.toml"));
    let (folder, data) = (folder.display(), folder.join(format!("data-{label}")));
    let text = format!(
        "data = '{}'\n[seal]\nkind = 'pkcs11'\nmodule = '{module}'\ntoken = 'sigiliu'\nkey_label = '{label}'\n\
         pin = '{pin}'\ncertificate = '{folder}/{label}.pem'\n",
        data.display()
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn punte(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_punte"));
    command.env("SOFTHSM2_CONF", folder.join("softhsm2.conf")).env("SEAL_PIN", PIN);
    command.args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn a_hub_seals_a_whole_demonstration_with_a_key_in_a_module() {
    let Some(token) = token() else { return };
    let folder = token.path();
    let pin_file = format!("file:{}/pin", folder.display());
    for (label, pin) in [("rsa", "env:SEAL_PIN"), ("ec", pin_file.as_str())] {
        let config = configuration(folder, label, pin);
        let (config, out) = (config.to_str().unwrap(), folder.join(format!("out-{label}")));
        let checked = punte(folder, &["check", "--config", config]);
        assert!(said(&checked).contains("bine    cheia și certificatul sigiliului"), "{}", said(&checked));
        assert!(said(&checked).contains(&format!("CN={label}, O=Punte, C=RO, valabil până la")), "{}", said(&checked));

        let told = punte(folder, &["demo", "--once", "--out", out.to_str().unwrap(), "--config", config]);
        assert_eq!(told.status.code(), Some(0), "{}", said(&told));
        let seal = std::fs::read_to_string(out.join("seal.pem")).unwrap();
        let own = std::fs::read_to_string(folder.join(format!("{label}.pem"))).unwrap();
        assert_eq!(seal.lines().nth(1), own.lines().nth(1), "the seal is the one of the token");
        let mut receipts: Vec<PathBuf> =
            std::fs::read_dir(out.join("receipts")).unwrap().map(|entry| entry.unwrap().path()).collect();
        receipts.retain(|path| path.extension().is_some_and(|extension| extension == "xml"));
        assert!(receipts.len() >= 4, "{receipts:?}");
        let mut arguments =
            vec!["verify".to_owned(), "--certificate".to_owned(), out.join("seal.pem").display().to_string()];
        arguments.extend(receipts.iter().map(|path| path.display().to_string()));
        let verified = punte(folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    }
}

#[test]
fn a_module_that_cannot_be_used_is_told_before_the_door_opens() {
    let Some(token) = token() else { return };
    let folder = token.path();
    std::fs::write(folder.join("wrong"), "9999").unwrap();
    let wrong = configuration(folder, "rsa", &format!("file:{}/wrong", folder.display()));
    let output = punte(folder, &["serve", "--config", wrong.to_str().unwrap()]);
    assert!(!output.status.success() && said(&output).contains("logging in"), "{}", said(&output));
    assert!(!said(&output).contains("9999"), "a PIN is never told");
    let absent = configuration(folder, "ec", "env:NO_SUCH_PIN");
    let output = punte(folder, &["serve", "--config", absent.to_str().unwrap()]);
    assert!(!output.status.success() && said(&output).contains("env:NO_SUCH_PIN, is not there"), "{}", said(&output));
}

/// A folder that nobody else may look into: secrets lie in it.
fn own_folder() -> tempfile::TempDir {
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    tempfile::Builder::new().permissions(closed).tempdir().unwrap()
}
