//! SMTP (RFC 5321) as a client that hands in one mail, with TLS (RFC 3207, RFC 8314) and authentication (RFC 4954).
//!
//! What matters is at which word it broke: until the final dot nothing was handed in, after its answer everything is
//! known, and in between nobody can tell.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::address::{MailAddress, Server};
use crate::line::{Line, LineError, Trust};

/// The longest visit, and the most a server may say in one.
const VISIT: (Duration, usize) = (Duration::from_secs(600), 256 * 1024);
/// The longest answer, in lines.
const MOST_LINES: usize = 100;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The three digits.
    pub code: u16,
    /// What it said, lines joined by a space, at most 500 characters.
    pub text: String,
}

/// How a hand-in ended.
#[derive(Debug)]
pub(crate) enum HandIn {
    /// The server took the mail into its queue.
    Taken(Answer),
    /// It looked at sender, recipient or mail, and does not want it.
    Refused(Answer),
    /// It did not take it now, or did not come so far.
    NotNow(String, Option<u16>),
    /// The mail went out to its end, and the answer is missing or cannot be read.
    Unsure(String),
}

/// What is handed in.
pub(crate) struct Mail<'m> {
    pub from: &'m MailAddress,
    pub to: &'m MailAddress,
    pub message: &'m [u8],
}

/// How to be known by a server.
pub(crate) struct Access<'a> {
    pub server: &'a Server,
    pub secret: Option<&'a SecretString>,
    pub trust: &'a Trust,
    pub patience: Duration,
}

/// Hands in one mail.
pub(crate) async fn hand_in(access: &Access<'_>, mail: &Mail<'_>) -> HandIn {
    let mut line = match ready(access, mail.from.domain()).await {
        Ok(line) => line,
        Err(stop) => return stop.before(),
    };
    let mut commands = vec![format!("MAIL FROM:<{}> SIZE={}", mail.from.text(), mail.message.len())];
    if !line.sized {
        commands = vec![format!("MAIL FROM:<{}>", mail.from.text())];
    }
    commands.push(format!("RCPT TO:<{}>", mail.to.text()));
    for command in commands {
        match line.ask(&command).await {
            Ok(answer) if answer.code / 100 == 2 => {}
            Ok(answer) => return declined(answer),
            Err(error) => return HandIn::NotNow(error.to_string(), None),
        }
    }
    match line.ask("DATA").await {
        Ok(answer) if answer.code == 354 => {}
        Ok(answer) => return declined(answer),
        Err(error) => return HandIn::NotNow(error.to_string(), None),
    }
    if let Err(error) = line.line.write(&stuffed(mail.message)).await {
        return HandIn::NotNow(error.to_string(), None);
    }
    let answered = match line.line.write(b".\r\n").await {
        Ok(()) => answer(&mut line.line).await,
        Err(error) => Err(error),
    };
    let outcome = judged(answered);
    // Taken or not, the server knows by now; a good-bye it does not hear changes nothing.
    let _gone = line.line.write_line("QUIT").await;
    outcome
}

/// What the answer to the whole mail means; an answer that is missing or of another kind leaves it open.
pub(crate) fn judged(answered: Result<Answer, LineError>) -> HandIn {
    match answered {
        Ok(answer) if answer.code / 100 == 2 => HandIn::Taken(answer),
        Ok(answer) if matches!(answer.code / 100, 4 | 5) => declined(answer),
        Ok(answer) => HandIn::Unsure(format!("serverul a răspuns la mesaj cu {}", answer.code)),
        Err(error) => HandIn::Unsure(error.to_string()),
    }
}

/// Why a server was not brought so far as to hear of a mail.
enum Stop {
    Line(LineError),
    Said(&'static str, Answer),
}

impl Stop {
    /// Nothing of the mail was said: whatever the answer, it was not about the mail.
    fn before(self) -> HandIn {
        match self {
            Self::Line(error) => HandIn::NotNow(error.to_string(), None),
            Self::Said(what, answer) => {
                HandIn::NotNow(format!("{what}: {} {}", answer.code, answer.text), Some(answer.code))
            }
        }
    }
}

impl From<LineError> for Stop {
    fn from(error: LineError) -> Self {
        Self::Line(error)
    }
}

/// A server that is ready to hear of a mail.
struct Ready {
    line: Line,
    sized: bool,
}

impl Ready {
    async fn ask(&mut self, command: &str) -> Result<Answer, LineError> {
        self.line.write_line(command).await?;
        answer(&mut self.line).await
    }
}

async fn ready(access: &Access<'_>, own_name: &str) -> Result<Ready, Stop> {
    let server = access.server;
    let line = Line::open(server, access.trust, access.patience, VISIT).await?;
    let mut ready = Ready { line, sized: false };
    let greeting = answer(&mut ready.line).await?;
    if greeting.code != 220 {
        return Err(Stop::Said("serverul nu primește acum", greeting));
    }
    let mut offers = hello(&mut ready, own_name).await?;
    if !server.tls_at_once {
        if !offers.iter().any(|offer| offer.eq_ignore_ascii_case("STARTTLS")) {
            let reason = "serverul nu oferă STARTTLS".to_owned();
            return Err(LineError::Tls { server: format!("{}:{}", server.host, server.port), reason }.into());
        }
        let begun = ready.ask("STARTTLS").await?;
        if begun.code != 220 {
            return Err(Stop::Said("serverul nu începe TLS", begun));
        }
        ready.line = ready.line.protect(&server.host, access.trust).await?;
        offers = hello(&mut ready, own_name).await?;
    }
    ready.sized = offers.iter().any(|offer| offer.to_ascii_uppercase().starts_with("SIZE"));
    if let (Some(user), Some(secret)) = (&server.user, access.secret) {
        log_in(&mut ready, &offers, user, secret).await?;
    }
    Ok(ready)
}

async fn hello(ready: &mut Ready, own_name: &str) -> Result<Vec<String>, Stop> {
    ready.line.write_line(&format!("EHLO {own_name}")).await?;
    let (answer, lines) = answer_lines(&mut ready.line).await?;
    if answer.code == 250 { Ok(lines) } else { Err(Stop::Said("serverul nu ne primește", answer)) }
}

async fn log_in(ready: &mut Ready, offers: &[String], user: &str, secret: &SecretString) -> Result<(), Stop> {
    let offered = |name: &str| {
        let auth = offers.iter().find(|offer| offer.to_ascii_uppercase().starts_with("AUTH "));
        auth.is_some_and(|auth| auth.split(' ').skip(1).any(|mechanism| mechanism.eq_ignore_ascii_case(name)))
    };
    let answer = if offered("PLAIN") {
        let told = STANDARD.encode(format!("\0{user}\0{}", secret.expose_secret()));
        ready.ask(&format!("AUTH PLAIN {told}")).await?
    } else if offered("LOGIN") {
        let mut answer = ready.ask("AUTH LOGIN").await?;
        for told in [user, secret.expose_secret()] {
            if answer.code == 334 {
                answer = ready.ask(&STANDARD.encode(told)).await?;
            }
        }
        answer
    } else {
        Answer { code: 504, text: "serverul nu oferă AUTH PLAIN sau LOGIN".to_owned() }
    };
    if answer.code == 235 { Ok(()) } else { Err(Stop::Said("serverul nu ne-a recunoscut", answer)) }
}

/// An answer to something said of the mail.
fn declined(answer: Answer) -> HandIn {
    match answer.code / 100 {
        5 => HandIn::Refused(answer),
        _ => HandIn::NotNow(format!("{} {}", answer.code, answer.text), Some(answer.code)),
    }
}

async fn answer(line: &mut Line) -> Result<Answer, LineError> {
    answer_lines(line).await.map(|(answer, _)| answer)
}

/// An answer of one or more lines (RFC 5321, section 4.2.1).
async fn answer_lines(line: &mut Line) -> Result<(Answer, Vec<String>), LineError> {
    let mut lines: Vec<String> = Vec::new();
    let mut first = None;
    loop {
        let read = line.read().await?;
        let text = String::from_utf8_lossy(&read).into_owned();
        let code = text.get(..3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let code: u16 =
            code.and_then(|digits| digits.parse().ok()).ok_or(LineError::Nonsense("răspunsul nu are un cod SMTP"))?;
        if *first.get_or_insert(code) != code {
            return Err(LineError::Nonsense("răspunsul are două coduri"));
        }
        lines.push(shown(text.get(4..).unwrap_or_default()));
        match text.as_bytes().get(3) {
            None | Some(b' ') => break,
            Some(b'-') if lines.len() < MOST_LINES => {}
            _ => return Err(LineError::Nonsense("răspunsul SMTP nu se termină")),
        }
    }
    let code = first.unwrap_or_default();
    // The first line of EHLO greets; what follows are offers, and the greeting is no offer anybody asks for.
    let text = lines.join(" ").chars().take(500).collect();
    Ok((Answer { code, text }, lines))
}

fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(500).collect()
}

/// The mail with dots doubled at the start of lines (RFC 5321, section 4.5.2), ended by a line end.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64);
    let mut starts = true;
    for byte in message {
        if starts && *byte == b'.' {
            out.push(b'.');
        }
        out.push(*byte);
        starts = *byte == b'\n';
    }
    if !out.ends_with(b"\r\n") {
        out.extend(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_at_the_start_of_a_line_ends_no_mail() {
        assert_eq!(stuffed(b".a\r\n.\r\nb."), b"..a\r\n..\r\nb.\r\n");
    }
}
