//! How the private space behaves: chosen at `/_sandbox/spv`.

use serde::{Deserialize, Serialize};

/// The switches of the private space. What is left out keeps its usual value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Whose certificate opens a session.
    pub(crate) certificate: Certificate,
    /// The personal number of the certificate's holder.
    pub(crate) cnp: String,
    /// The serial of the certificate, where none is handed in by the line.
    pub(crate) serial: String,
    /// The codes the holder may act for: CUI and CNP.
    pub(crate) rights: Vec<String>,
    /// How long a session lives without being used, in seconds.
    pub(crate) session_s: i64,
    /// At how many of the next calls a session has to pass `/my.policy_nonce` again.
    pub(crate) revalidate: u32,
    /// At how many of the next calls the page of an ended session comes, with 200, although the session lives.
    pub(crate) logout_pages: u32,
    /// How long the handshake of a log-in hangs, in milliseconds.
    pub(crate) hang_ms: u64,
    /// How `data_creare` is written.
    pub(crate) dates: Dates,
    /// Whether `cerere` answers in the JSON of the instructions, without quotation marks around names and words.
    pub(crate) relaxed: bool,
    /// After how many lists the answer to a request shows.
    pub(crate) answer_after_lists: u32,
    /// Whether requests are answered at all.
    pub(crate) answers: bool,
}

/// Where the certificate of a log-in comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Certificate {
    /// Everybody is taken for the holder: for lines without TLS.
    Given,
    /// The line in front says it in `X-Client-Certificate`, after it asked for it by renegotiation.
    FromLine,
    /// Nobody is enrolled.
    Refused,
}

/// Both forms of the creation time that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dates {
    /// `20.12.2017 12:00:00`, as documented.
    Dotted,
    /// `20122017120000`, as one client of 2026 reads them.
    Compact,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            certificate: Certificate::Given,
            cnp: "1111111111118".to_owned(),
            serial: "1234AA456".to_owned(),
            rights: ["8000000000", "12345674", "1111111111118", "1800101221144"].map(str::to_owned).to_vec(),
            session_s: 900,
            revalidate: 0,
            logout_pages: 0,
            hang_ms: 0,
            dates: Dates::Dotted,
            relaxed: false,
            answer_after_lists: 1,
            answers: true,
        }
    }
}
