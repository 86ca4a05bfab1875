//! What comes: packages from a mailbox, handed over until they are acknowledged; the answer is a mail.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connectors_contract::{Arrival, Inbound, Part, PartContent, Trouble, Verdict};
use connectors_drop::{DropPackage, Limits, answer, open, sha256, shown_name};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::address::{MailAddress, Server};
use crate::compose::{Attachment, Draft, write};
use crate::engine::Post;
use crate::imap::{Imap, ImapError, Login};
use crate::smtp::{HandIn, Mail, hand_in};
use crate::sorting::{Expected, Sorted, sort};

/// Most mails that are looked at in one visit.
const MOST_MAILS: usize = 200;
/// Most bytes of packages that are handed over at once.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// After so long nothing further is fetched: whoever looks waits for what there is.
const LONG_ENOUGH: Duration = Duration::from_secs(45);
/// Letters of the package's hash in the names of what answers it.
const SHORT: usize = 20;

/// A mailbox, and whom it listens to.
pub(crate) struct Mailbox {
    pub server: Server,
    pub name: String,
    pub password: SecretString,
    pub key: Option<SecretString>,
    pub sender: MailAddress,
}

impl Mailbox {
    /// Whether its name can stand in a command.
    pub(crate) fn is_plain(&self) -> bool {
        self.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
    }
}

/// Fetches from one mailbox.
pub(crate) struct MailInbound {
    post: Arc<Post>,
    mailbox: Mailbox,
    /// Which mails an arrival was in, as far as this connector saw them.
    seen: Mutex<HashMap<String, Vec<Place>>>,
}

/// Where a mail is, and what is said of it in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    validity: u64,
    uid: u32,
    name: String,
    message_id: Option<String>,
}

#[async_trait]
impl Inbound for MailInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble> {
        let (mut imap, validity) = self.enter().await.map_err(trouble)?;
        let arrivals = self.look(&mut imap, validity, most).await.map_err(trouble)?;
        imap.close().await;
        Ok(arrivals)
    }

    async fn acknowledge(&self, arrival: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let (mut imap, validity) = self.enter().await.map_err(trouble)?;
        let mut places = self.places(arrival, validity);
        if places.is_empty() {
            // This connector did not see it: the hub was started anew in between.
            self.look(&mut imap, validity, usize::MAX).await.map_err(trouble)?;
            places = self.places(arrival, validity);
        }
        for place in places {
            self.give(&mut imap, &place, arrival, verdict).await?;
        }
        self.seen().remove(arrival);
        imap.close().await;
        Ok(())
    }
}

impl MailInbound {
    pub(crate) fn new(post: Arc<Post>, mailbox: Mailbox) -> Self {
        Self { post, mailbox, seen: Mutex::default() }
    }

    async fn enter(&self) -> Result<(Imap, u64), ImapError> {
        let access = self.post.access();
        let most_mail_bytes = self.post.settings.most_mail_bytes();
        let login = Login {
            server: &self.mailbox.server,
            password: &self.mailbox.password,
            trust: access.trust,
            patience: access.patience,
            most_mail_bytes,
            most_bytes: 2 * MOST_BYTES + 2 * most_mail_bytes,
        };
        let mut imap = Imap::open(&login).await?;
        let validity = imap.select(&self.mailbox.name).await?;
        Ok((imap, validity))
    }

    /// Looks at the oldest mails: packages become arrivals, everything else is moved to where it belongs.
    async fn look(&self, imap: &mut Imap, validity: u64, most: usize) -> Result<Vec<Arrival>, ImapError> {
        let settings = &self.post.settings;
        let (mut arrivals, mut bytes, began) = (Vec::new(), 0, Instant::now());
        for uid in imap.uids().await?.into_iter().take(MOST_MAILS) {
            let late = !arrivals.is_empty() && began.elapsed() > LONG_ENOUGH;
            if arrivals.len() >= most || bytes > MOST_BYTES || late {
                break;
            }
            let Some(outline) = imap.outline(uid).await? else { continue };
            let whole = outline.size <= settings.most_mail_bytes();
            let Some(mail) = imap.mail(uid, whole).await? else { continue };
            bytes += mail.content.len();
            let sorted = sort(&mail.content, whole, &self.expected());
            let place = |name: &str, message_id| Place { validity, uid, name: name.to_owned(), message_id };
            match sorted {
                Sorted::Package { package, message_id, subject } => {
                    let arrival = self.arrival(&package.content, &subject);
                    self.saw(&arrival.id, place(&shown_name(&package.name), message_id));
                    arrivals.push(with_file(arrival, &package.name));
                }
                Sorted::Unreadable { reason, message_id, subject } => {
                    let id = hex::encode(sha256(&mail.content));
                    self.saw(&id, place(&shown_name(&subject), message_id));
                    let facts = self.facts(&subject);
                    arrivals.push(Arrival { id, envelope: None, parts: vec![], facts, unreadable: Some(reason) });
                }
                Sorted::Undelivered => imap.move_to(uid, &settings.undelivered).await?,
                Sorted::Machine => imap.move_to(uid, &settings.processed).await?,
                Sorted::Stranger => imap.move_to(uid, &settings.rejected).await?,
            }
        }
        Ok(arrivals)
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            sender: &self.mailbox.sender,
            own: &self.post.from,
            key: self.mailbox.key.as_ref(),
            authserv_id: self.post.settings.authserv_id.as_deref(),
        }
    }

    fn facts(&self, subject: &str) -> BTreeMap<String, String> {
        let facts = [("from", self.mailbox.sender.text()), ("subject", subject)];
        facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn arrival(&self, package: &[u8], subject: &str) -> Arrival {
        let most = self.post.settings.most_bytes();
        let limits = Limits { total_bytes: most, file_bytes: most, ..Limits::default() };
        let (id, facts) = (hex::encode(sha256(package)), self.facts(subject));
        match open(package, &limits) {
            Ok(DropPackage { envelope, parts, .. }) => {
                let parts = parts.into_iter().map(|part| Part {
                    name: part.name,
                    content_type: part.content_type,
                    size: part.content.len() as u64,
                    sha256: part.sha256,
                    content: PartContent::Inline(part.content),
                });
                Arrival { id, envelope: Some(envelope), parts: parts.collect(), facts, unreadable: None }
            }
            Err(reasons) => {
                let told: Vec<String> = reasons.iter().take(50).map(ToString::to_string).collect();
                Arrival { id, envelope: None, parts: vec![], facts, unreadable: Some(told.join("; ")) }
            }
        }
    }

    /// Answers a mail and moves it. It is marked as answered in between, so that a fall does not answer twice; should the
    /// mark be lost too, the second answer has the first one's Message-ID.
    async fn give(&self, imap: &mut Imap, place: &Place, id: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let Some(mail) = imap.outline(place.uid).await.map_err(trouble)? else { return Ok(()) };
        if !mail.answered {
            self.tell(place, id, verdict).await?;
            imap.note_answered(place.uid).await.map_err(trouble)?;
        }
        let settings = &self.post.settings;
        let to = match verdict {
            Verdict::Accepted { .. } => &settings.processed,
            Verdict::Refused { .. } => &settings.rejected,
        };
        imap.move_to(place.uid, to).await.map_err(trouble)
    }

    async fn tell(&self, place: &Place, id: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let answer = answer(&place.name, id, verdict);
        let short = &id[..SHORT.min(id.len())];
        let mut attachments = vec![Attachment {
            name: format!("punte-{short}.json"),
            content_type: "application/json",
            content: &answer.json,
        }];
        if let Some(receipt) = &answer.receipt {
            let name = format!("punte-{short}.recipisa.xml");
            attachments.push(Attachment { name, content_type: "application/xml", content: receipt });
        }
        let (from, to) = (&self.post.from, &self.mailbox.sender);
        let message = write(&Draft {
            from,
            to,
            subject: &answer.title,
            date: self.post.now(),
            id: &format!("punte-verdict-{short}-{}", place.uid),
            in_reply_to: place.message_id.as_deref(),
            text: &answer.text,
            attachments,
        });
        match hand_in(&self.post.access(), &Mail { from, to, message: &message }).await {
            // Refused, the sender cannot be told by mail; the sealed evidence waits in the hub. In doubt, one answer is
            // better than two.
            HandIn::Taken(_) | HandIn::Refused(_) | HandIn::Unsure(_) => Ok(()),
            HandIn::NotNow(reason, _) => {
                Err(Trouble { reason: format!("verdictul nu a putut fi trimis: {reason}"), retry_after: None })
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, Vec<Place>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, id: &str, place: Place) {
        let mut seen = self.seen();
        let places = seen.entry(id.to_owned()).or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }

    fn places(&self, id: &str, validity: u64) -> Vec<Place> {
        let seen = self.seen();
        let places = seen.get(id).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter(|place| place.validity == validity).cloned().collect()
    }
}

fn with_file(mut arrival: Arrival, name: &str) -> Arrival {
    arrival.facts.insert("file".to_owned(), shown_name(name));
    arrival
}

fn trouble(error: ImapError) -> Trouble {
    Trouble { reason: error.to_string(), retry_after: None }
}
