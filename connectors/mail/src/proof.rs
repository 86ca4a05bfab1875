//! Who wrote a mail: a key that only the sender and the hub have, over the package; or what the hub's own mail server says
//! of the domain's signature.
//!
//! A `From` proves nothing. The key is the better proof, because it covers the package and does not rest on any server.
//! The server's verdict is believed only under the name the manifest gives, only the topmost, and only for the very domain
//! of the sender; the server must take away what others write under its name (RFC 8601, section 5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// Shorter keys are no proof.
pub(crate) const SHORTEST_KEY: usize = 16;

/// The proof of a package: `v1,` and HMAC-SHA256 (RFC 2104) over the bytes of the zip file, in base64.
///
/// # Errors
/// The cryptographic library cannot be used.
pub fn package_proof(key: &[u8], package: &[u8]) -> Result<String, openssl::error::ErrorStack> {
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    let proof = signer.sign_oneshot_to_vec(package)?;
    Ok(format!("v1,{}", STANDARD.encode(proof)))
}

/// Whether one of the proofs is that of the package under the key.
pub(crate) fn is_proven(key: &[u8], package: &[u8], proofs: &[String]) -> bool {
    if key.len() < SHORTEST_KEY {
        return false;
    }
    let Ok(expected) = package_proof(key, package) else { return false };
    proofs
        .iter()
        .map(|proof| proof.trim().as_bytes())
        .any(|proof| proof.len() == expected.len() && openssl::memcmp::eq(proof, expected.as_bytes()))
}

/// Whether the mail server called `server` found a good DKIM signature of exactly `domain` (RFC 8601, section 2.2).
pub(crate) fn is_vouched_for(results: &str, server: &str, domain: &str) -> bool {
    let statements = statements(results);
    let Some((first, rest)) = statements.split_first() else { return false };
    // The name may be followed by a version.
    if first.first().is_none_or(|name| !name.eq_ignore_ascii_case(server)) {
        return false;
    }
    rest.iter().any(|words| {
        let method = words.first().is_some_and(|word| word.eq_ignore_ascii_case("dkim=pass"));
        method
            && words.iter().skip(1).any(|word| {
                let value = word.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("header.d"));
                value.is_some_and(|(_, value)| value.eq_ignore_ascii_case(domain))
            })
    })
}

/// The statements of the header as words, without comments; a quoted text is one word that can be mistaken for nothing.
fn statements(results: &str) -> Vec<Vec<String>> {
    let (mut statements, mut word) = (vec![vec![]], String::new());
    let (mut comment, mut quoted, mut escaped) = (0_usize, false, false);
    let end = |word: &mut String, statements: &mut Vec<Vec<String>>| {
        if !word.is_empty() {
            statements.last_mut().expect("there is always a last statement").push(std::mem::take(word));
        }
    };
    for letter in results.chars() {
        if std::mem::take(&mut escaped) {
            word.push('?');
            continue;
        }
        match letter {
            '\\' if quoted || comment > 0 => escaped = true,
            '"' if comment == 0 => {
                quoted = !quoted;
                word.push('?');
            }
            _ if quoted => word.push('?'),
            '(' => comment += 1,
            ')' if comment > 0 => {
                comment -= 1;
                word.clear();
            }
            _ if comment > 0 => {}
            ';' => {
                end(&mut word, &mut statements);
                statements.push(vec![]);
            }
            _ if letter.is_whitespace() => end(&mut word, &mut statements),
            _ => word.push(letter),
        }
    }
    end(&mut word, &mut statements);
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_over_these_bytes_is_a_proof() {
        let key = b"cheia inventata a primariei";
        let proof = package_proof(key, b"pachet").unwrap();
        assert!(is_proven(key, b"pachet", &["altceva".to_owned(), format!(" {proof}\n")]));
        assert!(!is_proven(key, b"alt pachet", std::slice::from_ref(&proof)));
        assert!(!is_proven(b"alta cheie inventata!", b"pachet", std::slice::from_ref(&proof)));
        let short = package_proof(b"scurta", b"pachet").unwrap();
        assert!(!is_proven(b"scurta", b"pachet", &[short]));
    }

    #[test]
    fn the_command_of_the_readme_makes_the_proof() {
        let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../systems/primarie-posta/README.md");
        let readme = std::fs::read_to_string(readme).unwrap();
        let command = readme.lines().find(|line| line.contains("openssl dgst")).unwrap().trim();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ancheta.zip"), b"pachet").unwrap();
        let key = "cheia inventata a primariei";
        let mut shell = std::process::Command::new("sh");
        let output = shell.args(["-c", command]).env("CHEIE", key).current_dir(folder.path()).output().unwrap();
        let proof = String::from_utf8(output.stdout).unwrap();
        assert_eq!(proof, package_proof(key.as_bytes(), b"pachet").unwrap());
    }

    #[test]
    fn a_servers_verdict_counts_under_its_name_for_the_very_domain() {
        let vouched = |results: &str| is_vouched_for(results, "mx.hub.ro", "primaria.ro");
        assert!(vouched("mx.hub.ro; dkim=pass header.d=primaria.ro header.s=x; spf=pass"));
        assert!(vouched("mx.hub.ro 1; spf=none; dkim=pass (good (nested) key) header.i=@x header.d=Primaria.ro"));
        for forged in [
            "",
            "mx.hub.ro",
            "mx.altul.ro; dkim=pass header.d=primaria.ro",
            "mx.hub.ro; dkim=fail header.d=primaria.ro",
            "mx.hub.ro; dkim=fail reason=\"; dkim=pass header.d=primaria.ro\" header.d=primaria.ro",
            "mx.hub.ro; dkim=fail (; dkim=pass header.d=primaria.ro",
            "mx.hub.ro; dkim=pass header.d=primaria.ro.rau.ro",
            "mx.hub.ro; dkim=pass header.d=ro",
            "mx.hub.ro; dkim=pass header.d=rau.ro; spf=pass header.d=primaria.ro",
            "mx.hub.ro; dkim=pass (header.d=primaria.ro)",
        ] {
            assert!(!vouched(forged), "{forged}");
        }
    }
}
