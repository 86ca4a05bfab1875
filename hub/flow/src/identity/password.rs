//! Passwords: how strong they must be, and how they are kept.
//!
//! Kept as argon2id (RFC 9106) with the parameters OWASP's password storage sheet recommends: 19 MiB, two passes, one lane. The
//! digest is OpenSSL's, as all cryptography here. Hashing takes about 25 ms of a core and 19 MiB: who calls it bounds how many
//! run at once and keeps them off the threads that serve.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use openssl::kdf::argon2id;
use openssl::memcmp;
use secrecy::{ExposeSecret as _, SecretString};

use super::BreachList;

/// Memory, in KiB.
const MEMORY: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of the digest.
const DIGEST: usize = 32;
/// Fewest characters (NIST SP 800-63B asks for 8 and recommends 15 where the password stands alone).
const SHORTEST: usize = 12;
/// Most bytes that are looked at: nobody types more, and hashing them costs.
const LONGEST: usize = 256;

/// A password as it was typed. Never printed.
pub struct Password(SecretString);

impl Password {
    /// Takes what was typed; `None` where it is longer than anybody types.
    #[must_use]
    pub fn typed(text: String) -> Option<Self> {
        (text.len() <= LONGEST).then(|| Self(SecretString::from(text)))
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordWeak {
    /// Fewer than twelve characters.
    #[error("fewer than 12 characters")]
    Short,
    /// The name or the login is in it.
    #[error("the name or the login is in it")]
    NameInside,
    /// One sign or one short piece over and over, or a row of the keyboard.
    #[error("a pattern anybody tries")]
    Pattern,
    /// It is on the list of passwords that were stolen elsewhere.
    #[error("on the list of stolen passwords")]
    Breached,
}

impl PasswordWeak {
    /// What to do about it, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Short => "Parola are cel puțin 12 caractere; câteva cuvinte la întâmplare sunt ușor de ținut minte",
            Self::NameInside => "Parola nu conține numele sau numele de conectare",
            Self::Pattern => "Parola nu este un șir de semne repetate sau alăturate pe tastatură",
            Self::Breached => "Parola este pe lista celor furate din alte locuri; alegeți alta",
        }
    }
}

/// Whether a password is strong enough for an account.
///
/// # Errors
/// [`PasswordWeak`] says why not.
pub fn check(password: &Password, names: [&str; 2], breaches: &BreachList) -> Result<(), PasswordWeak> {
    let text = password.0.expose_secret();
    let folded = text.to_lowercase();
    if text.chars().count() < SHORTEST {
        return Err(PasswordWeak::Short);
    }
    let words = names.iter().flat_map(|name| name.split(|sign: char| !sign.is_alphanumeric()));
    let mut words = words.map(str::to_lowercase).filter(|word| word.chars().count() > 3);
    if words.any(|word| folded.contains(&word)) {
        return Err(PasswordWeak::NameInside);
    }
    if is_pattern(&folded) {
        return Err(PasswordWeak::Pattern);
    }
    if breaches.has(text) { Err(PasswordWeak::Breached) } else { Ok(()) }
}

/// One piece of up to four signs over and over, or signs that follow one another.
fn is_pattern(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    let repeats = (1..=4).any(|piece| signs.iter().skip(piece).zip(&signs).all(|(one, before)| one == before));
    let rows = ["0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm"];
    let backwards = |row: &str| row.chars().rev().collect::<String>();
    repeats || rows.iter().any(|row| row.repeat(2).contains(text) || backwards(&row.repeat(2)).contains(text))
}

/// The PHC string of a password: `$argon2id$v=19$m=…,t=…,p=…$salt$digest`.
///
/// # Panics
/// OpenSSL was built without argon2id.
#[must_use]
pub fn hash(password: &Password, salt: [u8; 16]) -> String {
    let digest = digest(password, &salt, (PASSES, LANES, MEMORY), DIGEST).expect("argon2id is part of OpenSSL 3.2");
    let (salt, digest) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest));
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${digest}")
}

/// Whether a password is the one kept. Where none is kept the same work is done, so that the time tells nothing.
#[must_use]
pub fn verify(password: &Password, kept: Option<&str>) -> bool {
    let Some((parameters, salt, expected)) = kept.and_then(read) else {
        let _same_work = digest(password, &[0; 16], (PASSES, LANES, MEMORY), DIGEST);
        return false;
    };
    let found = digest(password, &salt, parameters, expected.len());
    found.is_some_and(|found| memcmp::eq(&found, &expected))
}

type Parameters = (u32, u32, u32);

fn digest(password: &Password, salt: &[u8], (passes, lanes, memory): Parameters, length: usize) -> Option<Vec<u8>> {
    let mut digest = vec![0; length];
    argon2id(None, password.bytes(), salt, None, None, passes, lanes, memory, &mut digest).ok()?;
    Some(digest)
}

/// Parameters, salt and digest of a PHC string.
fn read(phc: &str) -> Option<(Parameters, Vec<u8>, Vec<u8>)> {
    let mut pieces = phc.strip_prefix("$argon2id$v=19$")?.split('$');
    let (parameters, salt, digest) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let mut numbers =
        parameters.split(',').zip(["m=", "t=", "p="]).map(|(text, key)| text.strip_prefix(key)?.parse().ok());
    let (memory, passes, lanes) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let bytes = |text| STANDARD_NO_PAD.decode(text).ok().filter(|bytes| (8..=64).contains(&bytes.len()));
    Some(((passes, lanes, memory), bytes(salt)?, bytes(digest)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::typed(text.to_owned()).unwrap()
    }

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let kept = hash(&password("șapte cai verzi"), [7; 16]);
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify(&password("șapte cai verzi"), Some(&kept)));
        assert!(!verify(&password("șapte cai albi"), Some(&kept)));
        assert!(!verify(&password("șapte cai verzi"), None));
        assert!(!verify(&password("x"), Some("$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")));
    }

    #[test]
    fn the_digest_is_that_of_the_reference_implementation() {
        // phc-winner-argon2, test.c: hashtest(version, 2, 8, 1, "password", "somesalt", …) of Argon2id.
        let found = digest(&password("password"), b"somesalt", (2, 1, 256), 32).unwrap();
        assert_eq!(hex::encode(found), "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        let breaches = BreachList::builtin();
        let table = [
            ("scurt", Err(PasswordWeak::Short)),
            ("Popescu-la-munte-2026", Err(PasswordWeak::NameInside)),
            ("abcabcabcabcabc", Err(PasswordWeak::Pattern)),
            ("qwertyuiopas", Err(PasswordWeak::Pattern)),
            ("210987654321", Err(PasswordWeak::Pattern)),
            ("password1234", Err(PasswordWeak::Breached)),
            ("cal verde pe acoperiș", Ok(())),
        ];
        for (text, expected) in table {
            assert_eq!(check(&password(text), ["ana.popescu", "Ana Popescu"], &breaches), expected, "{text}");
        }
    }

    #[test]
    fn what_nobody_types_is_not_hashed() {
        assert!(Password::typed("x".repeat(257)).is_none());
    }
}
