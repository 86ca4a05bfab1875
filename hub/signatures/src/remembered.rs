//! Certificates met again within one verification are read once: a court pack carries the same two or three a dozen times.
//!
//! What is remembered is found by all of its bytes, so nobody can put one certificate in the place of another. It is
//! bounded, belongs to one thread, and is forgotten when the outermost [`within`] returns; it is never shared between
//! verifications.

use std::cell::RefCell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::certificate::Certificate;

/// Most certificates remembered at once; further ones are read every time.
const MOST: usize = 64;

thread_local! {
    static KNOWN: RefCell<Option<Vec<Certificate>>> = const { RefCell::new(None) };
}

/// Forgets when it goes, also where the verification panics.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        KNOWN.with_borrow_mut(|known| *known = None);
    }
}

/// Does `work`, during which each certificate is read once.
pub fn within<T>(work: impl FnOnce() -> T) -> T {
    let outermost = KNOWN.with_borrow_mut(|known| {
        let outermost = known.is_none();
        known.get_or_insert_default();
        outermost
    });
    let _forget = outermost.then(|| Forget);
    work()
}

/// The certificate with exactly these bytes (DER), when it was read before.
pub(crate) fn certificate(der: &[u8]) -> Option<Certificate> {
    KNOWN.with_borrow(|known| known.as_ref()?.iter().find(|one| one.der() == der).cloned())
}

/// The certificates of a PEM text when all of them were read before and nothing else stands in it (RFC 7468, section 3,
/// strict form); none tells nothing, and the library reads it.
pub(crate) fn all_of_pem(pem: &[u8]) -> Option<Vec<Certificate>> {
    KNOWN.with_borrow(|known| known.as_ref().map(|_| ()))?;
    let mut rest = std::str::from_utf8(pem).ok()?;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (body, after) =
            rest.strip_prefix("-----BEGIN CERTIFICATE-----\n")?.split_once("-----END CERTIFICATE-----\n")?;
        let mut lines = body.split_terminator('\n').rev();
        let last = lines.next().is_some_and(|line| (1..=64).contains(&line.len()));
        if !last || !body.ends_with('\n') || lines.any(|line| line.len() != 64) {
            return None;
        }
        let der = STANDARD.decode(body.replace('\n', "")).ok()?;
        all.push(certificate(&der)?);
        rest = after;
    }
    (!all.is_empty()).then_some(all)
}

pub(crate) fn remember(certificate: &Certificate) {
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known.as_mut().filter(|known| known.len() < MOST) {
            known.push(certificate.clone());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::development_seal;

    fn made(name: &str) -> Vec<u8> {
        let (_, pem) = development_seal(name, 1_767_225_600, 365, 1).unwrap();
        Certificate::all_from_pem(&pem).unwrap()[0].der().to_vec()
    }

    #[test]
    fn a_certificate_is_remembered_by_all_its_bytes_and_only_within() {
        let (one, other) = (made("unu"), made("doi"));
        within(|| {
            let read = Certificate::from_der(&one).unwrap();
            assert_eq!(certificate(&one), Some(read));
            assert_eq!(certificate(&other), None);
            within(|| assert!(certificate(&one).is_some()));
            assert!(certificate(&one).is_some(), "an inner one must not forget for the outer one");
            let longer = [&one[..], b"x"].concat();
            assert!(Certificate::from_der(&longer).is_err(), "what follows is refused, known or not");
        });
        assert_eq!(certificate(&one), None);
    }

    #[test]
    fn a_pem_text_is_recognised_only_in_the_strict_form_and_with_known_certificates() {
        let der = made("unu");
        let pem = Certificate::from_der(&der).unwrap().to_pem();
        assert_eq!(all_of_pem(pem.as_bytes()), None, "nothing is known outside");
        within(|| {
            assert_eq!(all_of_pem(pem.as_bytes()), None, "it was not read yet");
            let read = Certificate::from_der(&der).unwrap();
            assert_eq!(all_of_pem(pem.repeat(2).as_bytes()), Some(vec![read.clone(), read.clone()]));
            assert_eq!(Certificate::all_from_pem(pem.as_bytes()).unwrap(), [read]);
            let two = |spoil: &str| [&pem, spoil, &pem].concat();
            for other in [two("\n"), two("x"), pem.replace("CERTIFICATE-----\n", "CERTIFICATE-----\n\n"), String::new()]
            {
                assert_eq!(all_of_pem(other.as_bytes()), None, "{other}");
            }
        });
    }

    #[test]
    fn no_more_are_remembered_than_the_limit() {
        let der = made("unu");
        let read = Certificate::from_der(&der).unwrap();
        within(|| {
            (0..2 * MOST).for_each(|_| remember(&read));
            assert_eq!(KNOWN.with_borrow(|known| known.as_ref().map(Vec::len)), Some(MOST));
        });
    }
}
