//! The table `[mail]` of a manifest.

use serde::Deserialize;

/// What a manifest says to this engine alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Most MiB of one package. Mail servers commonly stop at 25 MiB, and base64 adds a third.
    pub most_mebibytes: u32,
    /// The name under which the hub's own mail server writes `Authentication-Results` (RFC 8601, section 2.5). Without it
    /// only the key of the sender is a proof.
    pub authserv_id: Option<String>,
    /// The mailbox for what was taken, and for what a machine sent.
    pub processed: String,
    /// The mailbox for what was not.
    pub rejected: String,
    /// The mailbox for reports that a mail could not be delivered.
    pub undelivered: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            most_mebibytes: 15,
            authserv_id: None,
            processed: "Processed".to_owned(),
            rejected: "Rejected".to_owned(),
            undelivered: "Undelivered".to_owned(),
        }
    }
}

impl Settings {
    /// Most bytes of one package.
    pub(crate) fn most_bytes(&self) -> usize {
        self.most_mebibytes as usize * 1024 * 1024
    }

    /// Most bytes of a mail that holds such a package: base64, line ends, and what people write around it.
    pub(crate) fn most_mail_bytes(&self) -> usize {
        self.most_bytes() / 3 * 4 / 76 * 78 + 1024 * 1024
    }

    /// What cannot hold together, and the way out.
    pub(crate) fn contradiction(&self) -> Option<String> {
        if !(1..=100).contains(&self.most_mebibytes) {
            return Some("most_mebibytes is from 1 to 100: mails are held in memory".to_owned());
        }
        let named = |name: &str| {
            !name.is_empty()
                && !name.eq_ignore_ascii_case("INBOX")
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        };
        let boxes = [&self.processed, &self.rejected, &self.undelivered];
        if boxes.iter().any(|name| !named(name)) {
            return Some(
                "processed, rejected and undelivered are mailboxes of letters, digits, - _ . and /".to_owned(),
            );
        }
        None
    }
}
