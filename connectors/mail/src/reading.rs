//! What a foreign mail is made of. Nesting is bounded by the parser, the number of parts here.

use mailparse::{DispositionType, MailAddr, MailHeaderMap as _, ParsedMail, addrparse_header, parse_mail};

/// Most parts that are looked at.
const MOST_PARTS: usize = 200;

/// A mail, as far as it matters.
#[derive(Debug, Default)]
pub(crate) struct Letter {
    /// The one address in the one `From`; none when there are several, or none.
    pub from: Option<String>,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Its subject.
    pub subject: String,
    /// The topmost `Authentication-Results`.
    pub authentication: Option<String>,
    /// Whether a machine wrote it in answer to something, or for many.
    pub automatic: bool,
    /// What it reports as undeliverable.
    pub report: Option<Report>,
    /// The zip files in it.
    pub packages: Vec<Package>,
    /// The proofs in it.
    pub proofs: Vec<String>,
}

/// A file in a mail.
#[derive(Debug)]
pub(crate) struct Package {
    pub name: String,
    pub content: Vec<u8>,
}

/// A report that a mail was not delivered (RFC 3464).
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// The Message-ID of the mail it is about.
    pub original: Option<String>,
    /// The status, `5.1.1`.
    pub status: Option<String>,
}

/// The header that carries a proof where a program writes the mail.
const PROOF_HEADER: &str = "X-Punte-Dovada";

/// Reads a mail, or its header alone.
pub(crate) fn read(raw: &[u8]) -> Option<Letter> {
    let mail = parse_mail(raw).ok()?;
    let header = |name: &str| mail.headers.get_first_value(name);
    let mut letter = Letter {
        from: one_sender(&mail),
        message_id: header("Message-ID").map(|id| id.trim().to_owned()),
        subject: header("Subject")
            .unwrap_or_default()
            .chars()
            .filter(|letter| !letter.is_control())
            .take(200)
            .collect(),
        authentication: header("Authentication-Results"),
        automatic: is_automatic(&mail),
        report: None,
        packages: vec![],
        proofs: mail.headers.get_all_values(PROOF_HEADER).into_iter().take(4).collect(),
    };
    let is_report = mail.ctype.mimetype == "multipart/report"
        && mail.ctype.params.get("report-type").is_some_and(|kind| kind.eq_ignore_ascii_case("delivery-status"));
    if is_report {
        letter.report = Some(report(&mail));
    } else {
        for part in mail.parts().take(MOST_PARTS).filter(|part| part.subparts.is_empty()) {
            take(part, &mut letter);
        }
    }
    Some(letter)
}

fn take(part: &ParsedMail<'_>, letter: &mut Letter) {
    let disposition = part.get_content_disposition();
    let named = disposition.params.get("filename").or_else(|| part.ctype.params.get("name"));
    let name: String =
        named.map_or_else(String::new, |name| name.chars().filter(|c| !c.is_control()).take(200).collect());
    let folded = name.to_lowercase();
    let kind = part.ctype.mimetype.as_str();
    let is_zip = folded.ends_with(".zip") || matches!(kind, "application/zip" | "application/x-zip-compressed");
    if is_zip {
        if let Ok(content) = part.get_body_raw() {
            let name = if name.is_empty() { "pachet.zip".to_owned() } else { name };
            letter.packages.push(Package { name, content });
        }
    } else if folded.ends_with(".dovada") && disposition.disposition == DispositionType::Attachment {
        // A proof is a line; what is longer is none.
        if let Some(proof) = part.get_body_raw().ok().filter(|proof| proof.len() < 1024) {
            letter.proofs.push(String::from_utf8_lossy(&proof).trim().to_owned());
        }
    }
}

fn one_sender(mail: &ParsedMail<'_>) -> Option<String> {
    let headers = mail.headers.get_all_headers("From");
    let [header] = headers.as_slice() else { return None };
    let addresses = addrparse_header(header).ok()?;
    match addresses.as_slice() {
        [MailAddr::Single(one)] => Some(one.addr.clone()),
        _ => None,
    }
}

/// Answers of machines and mails to many (RFC 3834, section 2). What a program generates and sends once is neither: that
/// is how a town hall's software sends packages.
fn is_automatic(mail: &ParsedMail<'_>) -> bool {
    let header = |name: &str| mail.headers.get_first_value(name).map(|value| value.trim().to_lowercase());
    let submitted = header("Auto-Submitted")
        .is_some_and(|value| value.starts_with("auto-replied") || value.starts_with("auto-notified"));
    let many =
        header("Precedence").is_some_and(|value| matches!(value.as_str(), "bulk" | "junk" | "list" | "auto_reply"));
    let nobody = header("Return-Path").is_some_and(|value| value == "<>");
    submitted || many || nobody || header("List-Id").is_some() || header("X-Autoreply").is_some()
}

fn report(mail: &ParsedMail<'_>) -> Report {
    let mut report = Report::default();
    for part in mail.parts().take(MOST_PARTS) {
        let Ok(body) = part.get_body_raw() else { continue };
        let field = |name: &str| {
            let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]).into_owned();
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().chars().take(300).collect::<String>())
            })
        };
        match part.ctype.mimetype.as_str() {
            "message/delivery-status" => report.status = report.status.or_else(|| field("Status")),
            "message/rfc822" | "text/rfc822-headers" | "message/rfc822-headers" => {
                report.original = report.original.or_else(|| field("Message-ID"));
            }
            _ => {}
        }
    }
    report
}
