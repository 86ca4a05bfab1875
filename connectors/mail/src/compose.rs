//! Writes a mail (RFC 5322, RFC 2045 to 2047): a text and attachments, all in base64, so that no server on the way has a
//! reason to touch a line. The bytes depend on what is given alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::address::MailAddress;

/// A mail to be written.
pub(crate) struct Draft<'d> {
    pub from: &'d MailAddress,
    pub to: &'d MailAddress,
    /// Any text; control characters are left out.
    pub subject: &'d str,
    /// In seconds since 1970.
    pub date: i64,
    /// What stands before the `@` of the Message-ID; letters, digits, dots and `-`.
    pub id: &'d str,
    /// The Message-ID this answers, if it has the form of one.
    pub in_reply_to: Option<&'d str>,
    pub text: &'d str,
    pub attachments: Vec<Attachment<'d>>,
}

/// A file that goes with a mail. Its name is letters, digits, dots and `-`.
pub(crate) struct Attachment<'d> {
    pub name: String,
    pub content_type: &'static str,
    pub content: &'d [u8],
}

/// The Message-ID of a mail.
pub(crate) fn message_id(id: &str, from: &MailAddress) -> String {
    format!("<{id}@{}>", from.domain())
}

/// The bytes of the mail.
pub(crate) fn write(draft: &Draft<'_>) -> Vec<u8> {
    // No base64 line begins with two hyphens, so nothing in the mail can end a part.
    let boundary = format!("--=punte={}", draft.id);
    let date = jiff::Timestamp::from_second(draft.date).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    let date = jiff::fmt::rfc2822::to_string(&date).unwrap_or_default();
    let mut out = String::new();
    let mut header = |name: &str, value: &str| out.push_str(&format!("{name}: {value}\r\n"));
    header("From", draft.from.text());
    header("To", draft.to.text());
    header("Subject", &encoded(draft.subject));
    header("Date", &date);
    header("Message-ID", &message_id(draft.id, draft.from));
    if let Some(answered) = draft.in_reply_to.filter(|id| is_message_id(id)) {
        header("In-Reply-To", answered);
        header("References", answered);
        header("Auto-Submitted", "auto-replied");
    } else {
        header("Auto-Submitted", "auto-generated");
    }
    header("MIME-Version", "1.0");
    header("Content-Type", &format!("multipart/mixed; boundary=\"{boundary}\""));
    out.push_str("\r\n");
    let mut part = |head: String, content: &[u8]| {
        out.push_str(&format!("--{boundary}\r\n{head}Content-Transfer-Encoding: base64\r\n\r\n"));
        let encoded = STANDARD.encode(content);
        for line in encoded.as_bytes().chunks(76) {
            out.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            out.push_str("\r\n");
        }
    };
    part("Content-Type: text/plain; charset=utf-8\r\n".to_owned(), draft.text.replace('\n', "\r\n").as_bytes());
    for Attachment { name, content_type, content } in &draft.attachments {
        let head = format!(
            "Content-Type: {content_type}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n"
        );
        part(head, content);
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    out.into_bytes()
}

/// A text in a header: encoded words of at most 75 characters (RFC 2047, section 2), one per line.
fn encoded(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    if text.is_ascii() && text.len() <= 60 && !text.contains("=?") {
        return text;
    }
    let mut words: Vec<String> = vec![String::new()];
    for letter in text.chars() {
        let last = words.last_mut().expect("there is always a last word");
        if last.len() + letter.len_utf8() > 42 {
            words.push(letter.to_string());
        } else {
            last.push(letter);
        }
    }
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

/// Whether a foreign text can stand in a header as the id of a mail.
fn is_message_id(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    inside.is_some_and(|inside| {
        inside.contains('@')
            && inside.len() <= 250
            && inside.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()\\\"".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> MailAddress {
        MailAddress::read(text).unwrap()
    }

    #[test]
    fn a_mail_is_read_back_as_it_was_written() {
        let (from, to) = (address("punte@hub.ro"), address("registratura@primaria.ro"));
        let subject =
            "Anchetă socială pentru evaluare complexă, trimisă de DGASPC Mehedinți către primărie\r\nBcc: x@y.ro";
        let content: Vec<u8> = (0..1000).map(|number| (number % 256) as u8).collect();
        let attachment = Attachment { name: "a.zip".to_owned(), content_type: "application/zip", content: &content };
        let written = write(&Draft {
            from: &from,
            to: &to,
            subject,
            date: 1_795_000_000,
            id: "punte.1",
            in_reply_to: Some("<a@b>\r\nBcc: x@y.ro"),
            text: "Bună ziua.\n.\nAici.",
            attachments: vec![attachment],
        });
        assert!(written.split(|byte| *byte == b'\n').all(|line| line.len() < 100));
        let read = mailparse::parse_mail(&written).unwrap();
        let header = |name: &str| {
            read.headers.iter().find(|header| header.get_key() == name).map(mailparse::MailHeader::get_value)
        };
        assert_eq!(header("Subject").unwrap(), subject.replace("\r\n", ""));
        assert_eq!(header("Bcc"), None);
        assert_eq!(header("In-Reply-To"), None);
        assert_eq!(header("Auto-Submitted").unwrap(), "auto-generated");
        assert_eq!(header("Message-ID").unwrap(), "<punte.1@hub.ro>");
        assert_eq!(read.subparts[0].get_body().unwrap(), "Bună ziua.\r\n.\r\nAici.");
        assert_eq!(read.subparts[1].get_body_raw().unwrap(), content);
    }
}
