//! IMAP (RFC 9051, and RFC 3501 before it) as a client that looks into one mailbox and moves mails, over TLS only.
//!
//! Mails are named by their UIDs under the mailbox's validity, looked at without being marked as read, and never deleted.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::address::Server;
use crate::line::{Line, LineError, Trust};

/// The longest visit.
const VISIT: Duration = Duration::from_secs(600);
/// Most literals in one response; a mail is one.
const MOST_LITERALS: usize = 16;
/// Most untagged responses to one command.
const MOST_RESPONSES: usize = 10_000;

/// Why a mailbox was not looked into.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImapError {
    /// The conversation broke.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The server refused a command.
    #[error("serverul IMAP a refuzat {what}: {said}")]
    Refused {
        /// What was asked, without secrets.
        what: &'static str,
        /// What it said.
        said: String,
    },
}

/// A conversation that is logged in.
pub(crate) struct Imap {
    line: Line,
    tag: u32,
    abilities: Vec<String>,
    most_literal: usize,
}

/// A mail, as far as it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// Whether it was answered.
    pub answered: bool,
    /// Its size in bytes.
    pub size: usize,
    /// Its bytes, or those of its header.
    pub content: Vec<u8>,
}

/// One response: its text with every literal replaced by nothing, and the literals.
struct Response {
    text: String,
    literals: Vec<Vec<u8>>,
}

/// Whom to be at which server, and how much may come from there.
pub(crate) struct Login<'l> {
    pub server: &'l Server,
    pub password: &'l SecretString,
    pub trust: &'l Trust,
    pub patience: Duration,
    /// Most bytes of one mail.
    pub most_mail_bytes: usize,
    /// Most bytes of the whole visit.
    pub most_bytes: usize,
}

impl Imap {
    /// Connects, begins TLS, logs in.
    pub(crate) async fn open(login: &Login<'_>) -> Result<Self, ImapError> {
        let server = login.server;
        let line = Line::open(server, login.trust, login.patience, (VISIT, login.most_bytes)).await?;
        let mut imap = Self { line, tag: 0, abilities: vec![], most_literal: login.most_mail_bytes };
        let greeting = imap.response().await?;
        if !greeting.text.starts_with("* OK") {
            return Err(ImapError::Refused { what: "legătura", said: shown(&greeting.text) });
        }
        if !server.tls_at_once {
            imap.look_what_it_can().await?;
            if !imap.can("STARTTLS") {
                let reason = "serverul nu oferă STARTTLS".to_owned();
                return Err(LineError::Tls { server: format!("{}:{}", server.host, server.port), reason }.into());
            }
            imap.command("STARTTLS", "STARTTLS").await?;
            imap.line = imap.line.protect(&server.host, login.trust).await?;
        }
        imap.look_what_it_can().await?;
        let user = server.user.as_deref().unwrap_or_default();
        imap.log_in(user, login.password).await?;
        // What a server can do may change with who asks (RFC 9051, section 6.1.1).
        imap.look_what_it_can().await?;
        Ok(imap)
    }

    /// Opens a mailbox; the answer is the validity of its UIDs.
    pub(crate) async fn select(&mut self, mailbox: &str) -> Result<u64, ImapError> {
        let responses = self.command("deschiderea căsuței", &format!("SELECT {}", quoted(mailbox))).await?;
        let validity = responses.iter().find_map(|response| {
            let (_, rest) = response.text.split_once("[UIDVALIDITY ")?;
            rest.split(']').next()?.parse().ok()
        });
        validity.ok_or_else(|| LineError::Nonsense("căsuța nu are UIDVALIDITY").into())
    }

    /// The UIDs of the mails that are there, the oldest first.
    pub(crate) async fn uids(&mut self) -> Result<Vec<u32>, ImapError> {
        let responses = self.command("căutarea", "UID SEARCH UNDELETED").await?;
        let found = responses.iter().filter_map(|response| response.text.strip_prefix("* SEARCH"));
        let mut uids: Vec<u32> = found.flat_map(str::split_whitespace).filter_map(|uid| uid.parse().ok()).collect();
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Size and flags of a mail; none when it is not there any more.
    pub(crate) async fn outline(&mut self, uid: u32) -> Result<Option<Fetched>, ImapError> {
        self.fetch(uid, "(UID FLAGS RFC822.SIZE)").await
    }

    /// A mail, whole or only its header.
    pub(crate) async fn mail(&mut self, uid: u32, whole: bool) -> Result<Option<Fetched>, ImapError> {
        let items =
            if whole { "(UID FLAGS RFC822.SIZE BODY.PEEK[])" } else { "(UID FLAGS RFC822.SIZE BODY.PEEK[HEADER])" };
        self.fetch(uid, items).await
    }

    /// Notes that a mail was answered.
    pub(crate) async fn note_answered(&mut self, uid: u32) -> Result<(), ImapError> {
        self.command("marcarea", &format!("UID STORE {uid} +FLAGS.SILENT (\\Answered)")).await.map(|_| ())
    }

    /// Moves a mail; the mailbox is made when it is not there.
    pub(crate) async fn move_to(&mut self, uid: u32, mailbox: &str) -> Result<(), ImapError> {
        match self.try_move(uid, mailbox).await {
            Err(ImapError::Refused { .. }) => {
                self.command("crearea căsuței", &format!("CREATE {}", quoted(mailbox))).await?;
                self.try_move(uid, mailbox).await
            }
            other => other,
        }
    }

    /// Says good-bye; whether it is heard changes nothing.
    pub(crate) async fn close(mut self) {
        let _gone = self.command("încheierea", "LOGOUT").await;
    }

    async fn try_move(&mut self, uid: u32, mailbox: &str) -> Result<(), ImapError> {
        if self.can("MOVE") {
            return self.command("mutarea", &format!("UID MOVE {uid} {}", quoted(mailbox))).await.map(|_| ());
        }
        // A fall between the two leaves a copy and the mail itself, which is then sorted once more.
        self.command("copierea", &format!("UID COPY {uid} {}", quoted(mailbox))).await?;
        self.command("marcarea", &format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await?;
        if self.can("UIDPLUS") {
            self.command("ștergerea copiei", &format!("UID EXPUNGE {uid}")).await?;
        }
        Ok(())
    }

    async fn fetch(&mut self, uid: u32, items: &str) -> Result<Option<Fetched>, ImapError> {
        let responses = self.command("citirea", &format!("UID FETCH {uid} {items}")).await?;
        for response in responses {
            let Some(read) = Numbers::read(&response.text).filter(|numbers| numbers.uid == uid) else { continue };
            let content = response.literals.into_iter().next().unwrap_or_default();
            return Ok(Some(Fetched { answered: read.answered, size: read.size, content }));
        }
        Ok(None)
    }

    async fn look_what_it_can(&mut self) -> Result<(), ImapError> {
        let responses = self.command("capabilitățile", "CAPABILITY").await?;
        let told = responses.iter().filter_map(|response| response.text.strip_prefix("* CAPABILITY "));
        self.abilities = told.flat_map(str::split_whitespace).map(str::to_ascii_uppercase).collect();
        Ok(())
    }

    fn can(&self, ability: &str) -> bool {
        self.abilities.iter().any(|one| one == ability)
    }

    async fn log_in(&mut self, user: &str, password: &SecretString) -> Result<(), ImapError> {
        let what = "autentificarea";
        if self.can("AUTH=PLAIN") {
            let tag = self.next_tag();
            self.line.write_line(&format!("{tag} AUTHENTICATE PLAIN")).await?;
            let asked = self.response().await?;
            if !asked.text.starts_with('+') {
                return Err(ImapError::Refused { what, said: shown(&asked.text) });
            }
            let told = STANDARD.encode(format!("\0{user}\0{}", password.expose_secret()));
            self.line.write_line(&told).await?;
            return self.finish(&tag, what).await.map(|_| ());
        }
        let fits = |text: &str| text.is_ascii() && !text.chars().any(|letter| letter.is_ascii_control());
        if self.can("LOGINDISABLED") || !fits(user) || !fits(password.expose_secret()) {
            return Err(ImapError::Refused { what, said: "serverul nu oferă AUTH=PLAIN".to_owned() });
        }
        let login = format!("LOGIN {} {}", quoted(user), quoted(password.expose_secret()));
        self.command(what, &login).await.map(|_| ())
    }

    async fn command(&mut self, what: &'static str, command: &str) -> Result<Vec<Response>, ImapError> {
        let tag = self.next_tag();
        self.line.write_line(&format!("{tag} {command}")).await?;
        self.finish(&tag, what).await
    }

    fn next_tag(&mut self) -> String {
        self.tag += 1;
        format!("p{}", self.tag)
    }

    async fn finish(&mut self, tag: &str, what: &'static str) -> Result<Vec<Response>, ImapError> {
        let mut responses = Vec::new();
        while responses.len() < MOST_RESPONSES {
            let response = self.response().await?;
            if response.text.starts_with("* BYE") && what != "încheierea" {
                return Err(LineError::Cut(shown(&response.text)).into());
            }
            let Some(end) = response.text.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) else {
                responses.push(response);
                continue;
            };
            return match end.split(' ').next() {
                Some("OK") => Ok(responses),
                Some("NO" | "BAD") => Err(ImapError::Refused { what, said: shown(end) }),
                _ => Err(LineError::Nonsense("un răspuns IMAP fără OK, NO sau BAD").into()),
            };
        }
        Err(LineError::Nonsense("un răspuns IMAP care nu se mai termină").into())
    }

    /// A line, and those that its literals continue it with (RFC 9051, section 4.3).
    async fn response(&mut self) -> Result<Response, LineError> {
        let (mut text, mut literals, mut left) = (String::new(), Vec::new(), self.most_literal);
        loop {
            let line = self.line.read().await?;
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some((before, size)) = literal(&line) else {
                text.push_str(&line);
                return Ok(Response { text, literals });
            };
            if literals.len() == MOST_LITERALS {
                return Err(LineError::Nonsense("un răspuns IMAP din prea multe bucăți"));
            }
            text.push_str(before);
            left = left.checked_sub(size).ok_or(LineError::Nonsense("un mesaj mai mare decât spusese"))?;
            literals.push(self.line.read_exactly(size).await?);
        }
    }
}

/// A line that ends by announcing a literal: what stands before, and its size.
fn literal(line: &str) -> Option<(&str, usize)> {
    let (before, size) = line.strip_suffix('}')?.rsplit_once('{')?;
    Some((before, size.parse().ok()?))
}

/// What a FETCH response says besides its literals. Nothing else was asked for, so nothing else is in it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Numbers {
    uid: u32,
    size: usize,
    answered: bool,
}

impl Numbers {
    fn read(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix("* ")?.split([' ', '(', ')']).filter(|word| !word.is_empty());
        let _number: u32 = words.next()?.parse().ok()?;
        if words.next()? != "FETCH" {
            return None;
        }
        let mut read = Self::default();
        while let Some(word) = words.next() {
            match word {
                "UID" => read.uid = words.next()?.parse().ok()?,
                "RFC822.SIZE" => read.size = words.next()?.parse().ok()?,
                "\\Answered" => read.answered = true,
                _ => {}
            }
        }
        Some(read)
    }
}

/// A quoted string (RFC 9051, section 4.3); the caller made sure that it has no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_is_read_in_any_order() {
        let expected = Numbers { uid: 7, size: 1234, answered: true };
        for text in [
            "* 1 FETCH (UID 7 FLAGS (\\Seen \\Answered) RFC822.SIZE 1234)",
            "* 1 FETCH (FLAGS (\\Answered) RFC822.SIZE 1234 BODY[]  UID 7)",
        ] {
            assert_eq!(Numbers::read(text).as_ref(), Some(&expected), "{text}");
        }
        assert_eq!(Numbers::read("* 1 EXISTS"), None);
    }

    #[test]
    fn a_literal_is_announced_at_the_end_of_a_line() {
        assert_eq!(literal("* 1 FETCH (BODY[] {12}"), Some(("* 1 FETCH (BODY[] ", 12)));
        assert_eq!(literal("* 1 FETCH (BODY[] {99999999999999999999}"), None);
        assert_eq!(literal("* OK {a}"), None);
    }
}
