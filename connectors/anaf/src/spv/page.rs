//! Recognising what is no answer: block pages, logout pages, log-in walls, all of them HTML and mostly with 200.

/// An answer that was read to its end.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) retry_after: Option<String>,
    pub(super) body: bytes::Bytes,
}

/// What an HTML page in place of an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Html {
    /// The firewall blocked the request.
    Blocked,
    /// The session has ended.
    LoggedOut,
    /// Something else.
    Other,
}

impl Page {
    /// What kind of HTML it is; none when it is none.
    pub(super) fn html(&self) -> Option<Html> {
        let head: String = String::from_utf8_lossy(&self.body[..self.body.len().min(8_192)]).to_lowercase();
        let begins = head.trim_start().starts_with("<!doctype") || head.trim_start().starts_with("<html");
        if !begins && !self.content_type.to_lowercase().starts_with("text/html") {
            return None;
        }
        let says = |words: &[&str]| words.iter().any(|word| head.contains(word));
        Some(if says(&["request rejected", "requested url was rejected"]) {
            Html::Blocked
        } else if says(&["pagina logout", "my.policy", "hangup.php3"]) {
            Html::LoggedOut
        } else {
            Html::Other
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Html, Page};

    fn html(content_type: &str, body: &str) -> Option<Html> {
        let body = body.to_owned().into();
        Page { status: 200, content_type: content_type.to_owned(), retry_after: None, body }.html()
    }

    #[test]
    fn a_page_is_told_from_an_answer_by_its_beginning_and_its_words() {
        let table = [
            ("text/html", "<html><title>Request Rejected</title>", Some(Html::Blocked)),
            ("application/json", "<HTML><head><title>Pagina logout</title>", Some(Html::LoggedOut)),
            ("text/html;charset=UTF-8", "Revenim", Some(Html::Other)),
            ("application/json", "{\"titlu\":\"Lista Mesaje\"}", None),
            ("application/pdf", "%PDF-1.4 Request Rejected", None),
        ];
        for (kind, body, expected) in table {
            assert_eq!(html(kind, body), expected, "{body}");
        }
    }
}
