//! A second opinion on register numbers and their conversion: python-stdnum, which others wrote.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use connectors_onrc::RegisterKey;

/// The module in an environment of its own, kept between runs; none, said aloud, where it cannot be had.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-stdnum-2.2");
    let python = folder.join("bin/python");
    let run = |program: &Path, arguments: &[&str]| {
        let output =
            Command::new(program).args(arguments).stdin(Stdio::null()).output().map_err(|why| why.to_string())?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    };
    if run(&python, &["-c", "import stdnum.ro.onrc"]).is_ok() {
        return Some(python);
    }
    let environment = run(Path::new("python3"), &["-m", "venv", "--clear", &folder.display().to_string()]);
    let module = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "python-stdnum==2.2"];
    match environment.and_then(|()| run(&python, &module)) {
        Ok(()) => Some(python),
        Err(why) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "python-stdnum cannot be installed: {why}");
            eprintln!("skipped: python-stdnum cannot be installed: {why}");
            None
        }
    }
}

/// What the module makes of every number: its compact form, or nothing where it is not valid.
fn theirs(python: &Path, numbers: &[String]) -> Vec<String> {
    let program = "import sys\nfrom stdnum.ro import onrc\nfor line in sys.stdin:\n  n = line.rstrip('\\n')\n  print(onrc.compact(n) if onrc.is_valid(n) else '')";
    let mut child =
        Command::new(python).args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = numbers.join("\n");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A number that looks drawn and is the same in every run.
fn drawn(number: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 20
}

#[test]
fn numbers_in_both_forms_clean_and_dirty_are_converted_alike() {
    let Some(python) = python() else { return };
    let mut numbers = Vec::new();
    for at in 0..20_000_u64 {
        let chance = drawn(at);
        let letter = ["J", "F", "C"][(chance % 3) as usize];
        let (county, serial, year) = (chance / 3 % 54, chance / 200 % 100_000, 1988 + chance / 7 % 38);
        numbers.push(match at % 4 {
            0 => format!("{letter}{county}/{serial}/{year}"),
            1 => format!("{letter}{county:02}/{serial}/{year}"),
            2 => {
                let body = format!("{letter}{year}{:06}{county:02}", serial * 3);
                // Every check digit in turn: one of ten is right.
                format!("{body}{}", at / 4 % 10)
            }
            _ => format!("{letter}{county:02}/{serial}/{:02}.{:02}.{year}", chance % 28 + 1, chance % 12 + 1),
        });
    }
    for known in
        ["J52/750/2012", "J2012000750528", "J40/372/2002", "J2024003230404", "J2024035703000", "C2009000002022"]
    {
        numbers.push(known.to_owned());
    }
    let theirs = theirs(&python, &numbers);
    assert_eq!(theirs.len(), numbers.len());
    let (mut valid, mut different) = (0, Vec::new());
    for (number, theirs) in numbers.iter().zip(&theirs) {
        let ours = RegisterKey::read(number.as_bytes()).map(|(key, _)| key.number());
        // Their compact form keeps an old number old; converted by us it must be the number that we read.
        let converted = RegisterKey::read(theirs.as_bytes()).map(|(key, _)| key.number());
        valid += usize::from(!theirs.is_empty());
        if ours != converted {
            different.push(format!("{number}: we {ours:?}, they {theirs:?}"));
        }
    }
    assert!(valid > 3_000, "{valid} are valid");
    assert!(
        different.is_empty(),
        "{} of {}: {:#?}",
        different.len(),
        numbers.len(),
        &different[..different.len().min(10)]
    );
}
