//! The names of an account: what is typed at sign-in, and what acts record.

/// Longest login, in characters (RFC 5321, section 4.5.3.1: the longest address).
const LONGEST_LOGIN: usize = 254;
/// Longest pseudonym, as in the header `Punte-Clerk`.
const LONGEST_PSEUDONYM: usize = 64;

/// Why a name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameWrong {
    /// Too short, too long, or with signs that are typed differently everywhere.
    #[error("3 to 254 of the signs a-z 0-9 . _ - + @")]
    Login,
    /// Not a pseudonym.
    #[error("1 to 64 ASCII characters without blanks")]
    Pseudonym,
    /// Thirteen digits are a CNP, which is never a name.
    #[error("a CNP is never a name")]
    PersonalNumber,
}

/// A login as it is kept: lower case, of signs every keyboard has.
///
/// # Errors
/// It is not one.
pub fn login(text: &str) -> Result<String, NameWrong> {
    let login = text.trim().to_ascii_lowercase();
    refuse_personal_number(&login)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-+@".contains(&byte);
    let fits = (3..=LONGEST_LOGIN).contains(&login.len()) && login.bytes().all(plain);
    if fits { Ok(login) } else { Err(NameWrong::Login) }
}

/// A pseudonym as the header `Punte-Clerk` could carry it.
///
/// # Errors
/// It is not one.
pub fn pseudonym(text: &str) -> Result<String, NameWrong> {
    let text = text.trim();
    refuse_personal_number(text)?;
    let fits = (1..=LONGEST_PSEUDONYM).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err(NameWrong::Pseudonym) }
}

fn refuse_personal_number(text: &str) -> Result<(), NameWrong> {
    let personal = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    if personal { Err(NameWrong::PersonalNumber) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_and_pseudonyms_are_plain_and_never_a_personal_number() {
        assert_eq!(login(" Ana.Popescu@Primaria.RO "), Ok("ana.popescu@primaria.ro".to_owned()));
        for wrong in ["ab", "ană", "a b c", "ana\r\nx"] {
            assert_eq!(login(wrong), Err(NameWrong::Login), "{wrong}");
        }
        // An invented number of the right length.
        assert_eq!(login("1234567890123"), Err(NameWrong::PersonalNumber));
        assert_eq!(pseudonym("1234567890123"), Err(NameWrong::PersonalNumber));
        assert_eq!(pseudonym("f-17"), Ok("f-17".to_owned()));
        assert_eq!(pseudonym("f 17"), Err(NameWrong::Pseudonym));
    }
}
