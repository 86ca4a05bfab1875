//! The sessions of the appliance in front: a cookie that is worthless until a certificate was shown.

use std::collections::BTreeMap;

use openssl::sha::sha256;

/// The most sessions at once; the oldest go first.
const MOST: usize = 1_000;

/// The sessions that were begun and not ended.
#[derive(Default)]
pub(super) struct Sessions {
    begun: u64,
    open: BTreeMap<String, Session>,
}

struct Session {
    number: u64,
    /// The serial of the certificate, once one was shown.
    serial: Option<String>,
    /// Where the visitor wanted to go.
    wanted: String,
    /// What the next hop has to bring.
    nonce: Option<String>,
    used: i64,
}

impl Sessions {
    /// Begins a session for somebody nobody knows yet; returns its cookie.
    pub(super) fn begin(&mut self, wanted: &str, now: i64) -> String {
        if self.open.len() >= MOST {
            let oldest = self.open.iter().min_by_key(|(_, session)| session.number).map(|(cookie, _)| cookie.clone());
            oldest.and_then(|cookie| self.open.remove(&cookie));
        }
        let (number, cookie) = self.next("session");
        let session = Session { number, serial: None, wanted: wanted.to_owned(), nonce: None, used: now };
        self.open.insert(cookie.clone(), session);
        cookie
    }

    /// The serial of the certificate behind a cookie, if it is still worth something.
    pub(super) fn serial(&mut self, cookie: &str, now: i64, lifetime: i64) -> Option<String> {
        let session = self.open.get_mut(cookie).filter(|session| now - session.used <= lifetime)?;
        session.used = now;
        session.serial.clone()
    }

    /// A certificate was shown, or has to be remembered anew: the nonce that the next hop must bring.
    pub(super) fn prove(&mut self, cookie: &str, serial: Option<&str>, wanted: Option<&str>) -> Option<String> {
        let (_, nonce) = self.next("nonce");
        let session = self.open.get_mut(cookie)?;
        if let Some(serial) = serial {
            session.serial = Some(serial.to_owned());
        }
        if let Some(wanted) = wanted {
            session.wanted = wanted.to_owned();
        }
        session.nonce = Some(nonce.clone());
        Some(nonce)
    }

    /// The hop with the nonce: the new cookie and where to go.
    pub(super) fn pass(&mut self, cookie: &str, nonce: &str, now: i64) -> Option<(String, String)> {
        let fits = |session: &&Session| session.serial.is_some() && session.nonce.as_deref() == Some(nonce);
        self.open.get(cookie).filter(fits)?;
        let mut session = self.open.remove(cookie)?;
        let (_, renewed) = self.next("session");
        (session.nonce, session.used) = (None, now);
        let wanted = session.wanted.clone();
        self.open.insert(renewed.clone(), session);
        Some((renewed, wanted))
    }

    /// Ends a session.
    pub(super) fn end(&mut self, cookie: &str) {
        self.open.remove(cookie);
    }

    /// Ends all of them.
    pub(super) fn end_all(&mut self) {
        self.open.clear();
    }

    /// How many are open, and how many of them showed a certificate.
    pub(super) fn count(&self) -> (usize, usize) {
        (self.open.len(), self.open.values().filter(|session| session.serial.is_some()).count())
    }

    /// Counted and hashed, not drawn: a twin is the same at every start, and nothing it guards is worth guessing.
    fn next(&mut self, kind: &str) -> (u64, String) {
        self.begun += 1;
        let digest = sha256(format!("{kind} {}", self.begun).as_bytes());
        (self.begun, hex::encode(&digest[..16]))
    }
}

#[cfg(test)]
mod tests {
    use super::Sessions;

    #[test]
    fn a_cookie_is_worth_something_after_the_certificate_and_the_nonce() {
        let mut sessions = Sessions::default();
        let first = sessions.begin("/a?b=1", 0);
        assert_eq!(sessions.serial(&first, 1, 900), None);
        assert_eq!(sessions.pass(&first, "guessed", 1), None);
        let nonce = sessions.prove(&first, Some("AB"), None).unwrap();
        let (second, wanted) = sessions.pass(&first, &nonce, 1).unwrap();
        assert_eq!((wanted.as_str(), second == first), ("/a?b=1", false));
        assert_eq!(sessions.serial(&first, 2, 900), None);
        assert_eq!(sessions.serial(&second, 901, 900).as_deref(), Some("AB"));
        assert_eq!(sessions.serial(&second, 1_802, 900), None);
        assert_eq!(sessions.pass(&second, &nonce, 2), None, "a nonce counts once");
    }
}
