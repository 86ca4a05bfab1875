//! Pushes on the road: a file is opened, its rows are written, and each row is accepted like any document.
//!
//! A pass does a little: one file into rows, or some rows into messages; whoever waits between two passes is served. It can be
//! killed anywhere: rows that are written again are the same rows, and a row that was accepted is known by its key.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use schemas::DocumentType;
use uuid::Uuid;

use crate::batches::{
    self, Batch, BatchState, Bundled, Change, Column, Composed, FileFault, Hands, Keep, LARGEST, MOST_ROWS, Opened,
    Outcome, ReadRow, Row, RowState, Source, Verdict, columns, compose, headings,
};
use crate::db::DbError;
use crate::hub::Hub;
use crate::log::Lease;
use crate::message::{Submission, assembled};

use super::{Refused, accept};

/// Rows written in one transaction.
const WRITTEN: usize = 200;
/// Rows of a pass.
const ROWS: i64 = 32;
/// Rows accepted at the same time: a few, so that others' documents share every transaction.
const AT_ONCE: usize = 8;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// There is nothing to do.
    Idle,
    /// Another node does it, or nothing can be taken now.
    Elsewhere,
    /// Something was done; there may be more at once.
    More,
}

/// Works pushes off.
pub struct Opener {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    hands: Arc<dyn Hands>,
    /// The file that was opened last: of all pushes one is in memory.
    held: Option<(Uuid, Arc<File>)>,
}

enum File {
    Gone,
    Paper(Bytes),
    Bundle(Box<dyn Bundled>),
}

impl File {
    fn read(&self, name: &str) -> Result<Bytes, FileFault> {
        match self {
            Self::Bundle(bundle) => bundle.read(name),
            Self::Paper(bytes) => Ok(bytes.clone()),
            Self::Gone => Err(FileFault::of(
                format!("Fișierul „{name}” nu a venit cu lotul; trimiteți rândul într-o arhivă ZIP, cu fișierele lui"),
                format!("The file \"{name}\" did not come with the push; send the row in a ZIP with its files"),
            )),
        }
    }
}

/// What became of a row that was tried.
enum Tried {
    Ended(Outcome),
    /// Nothing can be taken now: the row waits on.
    Later,
}

impl Opener {
    /// For a node of the hub; whoever keeps the log works.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>, hands: Arc<dyn Hands>) -> Self {
        Self { hub, lease, hands, held: None }
    }

    /// Takes the push that waits longest one step further.
    ///
    /// # Errors
    /// The database does not answer; the step is taken again.
    pub async fn pass(&mut self) -> Result<Pushed, DbError> {
        if self.hub.halted().is_some() || !self.lease.hold(&self.hub.db, self.hub.clock.now()).await? {
            return Ok(Pushed::Elsewhere);
        }
        let Some(batch) = batches::next_open(&self.hub.db).await? else {
            self.held = None;
            return Ok(Pushed::Idle);
        };
        let hub = Arc::clone(&self.hub);
        let (name, version) = (&batch.form.document_type, batch.form.document_version.as_deref().unwrap_or_default());
        let Some(kind) = hub.catalogue.shared(name, version) else {
            let fault = FileFault::of(
                format!("Tipul de document {name} {version} nu mai este în catalog; alegeți altul"),
                format!("The document type {name} {version} is not in the catalogue any more; choose another"),
            );
            self.keep(Change::Refuse(batch.id, fault, hub.clock.now())).await?;
            return Ok(Pushed::More);
        };
        match batch.state {
            BatchState::Reading => self.read(&batch, &kind).await,
            _ => self.send(&batch, &kind).await,
        }
    }

    async fn keep(&self, change: Change) -> Result<batches::Kept, DbError> {
        self.hub.db.write(&Arc::new(Keep), change).await
    }

    /// Reads the file into rows.
    async fn read(&mut self, batch: &Batch, kind: &Arc<DocumentType>) -> Result<Pushed, DbError> {
        let bytes = Bytes::from(batches::file(&self.hub.db, batch.id).await?);
        let (hands, kind, name) = (Arc::clone(&self.hands), Arc::clone(kind), batch.form.name.clone());
        let read = tokio::task::spawn_blocking(move || rows_of(&*hands, &kind, &name, &bytes)).await;
        let (paths, rows) = match read.map_err(|error| DbError::Unavailable(error.to_string()))? {
            Ok(read) => read,
            Err(fault) => {
                self.keep(Change::Refuse(batch.id, fault, self.hub.clock.now())).await?;
                return Ok(Pushed::More);
            }
        };
        for part in rows.chunks(WRITTEN) {
            self.keep(Change::Rows(batch.id, part.to_vec())).await?;
        }
        self.keep(Change::Read(batch.id, paths, self.hub.clock.now())).await?;
        Ok(Pushed::More)
    }

    /// Sends the next rows.
    async fn send(&mut self, batch: &Batch, kind: &Arc<DocumentType>) -> Result<Pushed, DbError> {
        let waiting = batches::waiting(&self.hub.db, batch.id, ROWS).await?;
        let file = self.file(batch, &waiting).await?;
        let columns = columns::of(kind);
        let tried: Vec<Result<Option<Ready>, Box<Outcome>>> =
            stream::iter(&waiting).then(|row| ready(&self.hub, (batch, kind, &columns), row, &file)).collect().await;
        // Of rows with the same key one goes now; the others find it in the next pass.
        let mut keys = BTreeSet::new();
        let (mut outcomes, mut go) = (Vec::new(), Vec::new());
        let mut later = false;
        for one in tried {
            match one {
                Err(outcome) => outcomes.push(*outcome),
                Ok(Some(ready)) if keys.insert(ready.key.clone()) => go.push(ready),
                Ok(Some(_)) => {}
                Ok(None) => later = true,
            }
        }
        let ended = stream::iter(go).map(|ready| self.take(batch, ready)).buffered(AT_ONCE);
        for one in ended.collect::<Vec<_>>().await {
            match one? {
                Tried::Ended(outcome) => outcomes.push(outcome),
                Tried::Later => later = true,
            }
        }
        for outcome in &mut outcomes {
            name_columns(&columns, &mut outcome.verdicts);
        }
        // Also where none ended: the push goes to the end of the line.
        self.keep(Change::Outcomes(batch.id, outcomes, self.hub.clock.now())).await?;
        Ok(if later { Pushed::Elsewhere } else { Pushed::More })
    }

    /// The opened file, where a row needs it.
    async fn file(&mut self, batch: &Batch, rows: &[Row]) -> Result<Arc<File>, DbError> {
        let needs = |row: &Row| match &row.source {
            Some(Source::Cells(cells)) => cells.contains_key("@fisiere"),
            _ => true,
        };
        if !rows.iter().any(needs) {
            return Ok(Arc::new(File::Gone));
        }
        if let Some((id, file)) = &self.held
            && *id == batch.id
        {
            return Ok(Arc::clone(file));
        }
        self.held = None;
        let bytes = Bytes::from(batches::file(&self.hub.db, batch.id).await?);
        let hands = Arc::clone(&self.hands);
        let opened = tokio::task::spawn_blocking(move || {
            let opened = if bytes.is_empty() { Ok(Opened::Table(Vec::new())) } else { hands.open(&bytes) };
            match opened {
                Ok(Opened::Bundle(bundle)) => File::Bundle(bundle),
                Ok(Opened::Paper) => File::Paper(bytes),
                _ => File::Gone,
            }
        });
        let file = Arc::new(opened.await.map_err(|error| DbError::Unavailable(error.to_string()))?);
        self.held = Some((batch.id, Arc::clone(&file)));
        Ok(file)
    }

    /// Accepts a row.
    async fn take(&self, batch: &Batch, ready: Ready) -> Result<Tried, DbError> {
        let Ready { row, key, mut submission, numbered } = ready;
        match self.hands.judged(&submission.envelope, &submission.payloads, &submission.staged).await {
            Ok(found) => submission.found = found,
            Err(why) => {
                tracing::warn!(batch = %batch.id, row, why, "a row waits for a verdict on its files");
                return Ok(Tried::Later);
            }
        }
        let mut outcome = Outcome {
            row,
            state: RowState::Sent,
            key: Some(key.clone()),
            message: None,
            registration: None,
            verdicts: Vec::new(),
        };
        match accept(&self.hub, *submission).await {
            Ok(acceptance) => {
                if acceptance.again && batches::sent_before(&self.hub.db, &key, (batch.id, row)).await? {
                    outcome.state = RowState::AlreadySent;
                }
                outcome.message = Some(acceptance.message.id);
                outcome.registration = Some(acceptance.message.sender_registration.clone());
                outcome.verdicts = acceptance.warnings.iter().map(Verdict::of).collect();
            }
            Err(Refused::Rejected { violations, .. }) => {
                outcome.state = RowState::Refused;
                outcome.verdicts = violations.iter().map(Verdict::of).collect();
            }
            Err(Refused::Conflict { first }) => {
                outcome.state = RowState::Refused;
                outcome.message = Some(first);
                let column = if numbered { "@numar" } else { "" };
                outcome.verdicts = vec![Verdict::refusal(
                    column,
                    "batch.number-used",
                    (
                        "Cu acest număr a plecat deja un document cu alt conținut; verificați numărul sau conținutul",
                        "A document with other content went under this number before; check number or content",
                    ),
                )];
            }
            Err(Refused::Halted(_)) => return Ok(Tried::Later),
            Err(Refused::Unavailable(error)) => return Err(error),
        }
        Ok(Tried::Ended(outcome))
    }
}

/// A row that is a document.
struct Ready {
    row: i64,
    key: String,
    submission: Box<Submission>,
    numbered: bool,
}

/// Makes a row into a document; nothing where its files cannot be kept now.
async fn ready(
    hub: &Hub,
    (batch, kind, columns): (&Batch, &DocumentType, &[Column]),
    row: &Row,
    file: &File,
) -> Result<Option<Ready>, Box<Outcome>> {
    let refused = |verdicts| Outcome {
        row: row.row,
        state: RowState::Refused,
        key: None,
        message: None,
        registration: None,
        verdicts,
    };
    let Some(source) = &row.source else { return Ok(None) };
    let fetch = |name: &str| file.read(name);
    let composed =
        compose((kind, columns), &batch.form, source, &fetch).map_err(|verdicts| Box::new(refused(verdicts)))?;
    match submission(hub, batch, composed).await {
        Ok((submission, numbered)) => {
            let key = submission.idempotency_key.clone();
            Ok(Some(Ready { row: row.row, key, submission: Box::new(submission), numbered }))
        }
        Err(error) => {
            tracing::warn!(batch = %batch.id, row = row.row, %error, "the files of a row cannot be kept now");
            Ok(None)
        }
    }
}

async fn submission(hub: &Hub, batch: &Batch, mut composed: Composed) -> std::io::Result<(Submission, bool)> {
    let mut named = Vec::with_capacity(composed.contents.len());
    for (name, content) in std::mem::take(&mut composed.contents) {
        named.push((name, hub.blobs.keep(hub.ids.uuid(hub.clock.now()), content).await?));
    }
    let (payloads, staged) = assembled(&composed.envelope.parts, named);
    let mut submission = Submission {
        sender: batch.sender.clone(),
        authentication: batch.authentication.clone(),
        idempotency_key: String::new(),
        envelope: composed.envelope.clone(),
        payloads,
        staged,
        body: composed.body.clone(),
        relay: None,
        found: Vec::new(),
    };
    let content = submission.content_hash();
    submission.idempotency_key = compose::key(&batch.sender, batch.id, (&composed, content));
    Ok((submission, composed.numbered))
}

/// The rows of a file, and the paths of its columns where it is a table.
fn rows_of(
    hands: &dyn Hands,
    kind: &DocumentType,
    name: &str,
    bytes: &Bytes,
) -> Result<(Vec<String>, Vec<ReadRow>), FileFault> {
    if bytes.len() > LARGEST {
        return Err(FileFault::of("Fișierul este prea mare", "The file is too large"));
    }
    let columns = columns::of(kind);
    let table = |rows: &[(usize, Vec<String>)]| {
        let read = headings::read(&columns, rows)?;
        unique(&read.rows)?;
        Ok((read.paths, read.rows))
    };
    match hands.open(bytes)? {
        Opened::Table(rows) => table(&rows),
        Opened::Paper => Ok((Vec::new(), vec![ReadRow { row: 1, source: Source::Paper(name.to_owned()) }])),
        Opened::Bundle(bundle) => {
            let names = bundle.names();
            let ends = |name: &str, ending: &str| name.to_ascii_lowercase().ends_with(ending);
            let tables: Vec<&String> = names.iter().filter(|one| ends(one, ".csv") || ends(one, ".xlsx")).collect();
            match tables[..] {
                [] => entries(&names),
                [one] => match hands.open(&bundle.read(one)?)? {
                    Opened::Table(rows) => table(&rows),
                    _ => Err(FileFault::of(
                        format!("„{one}” nu este un tabel CSV sau XLSX"),
                        format!("\"{one}\" is no CSV or XLSX table"),
                    )),
                },
                _ => Err(FileFault::of(
                    "Arhiva are mai multe tabele CSV sau XLSX; păstrați unul",
                    "The archive has several CSV or XLSX tables; keep one",
                )),
            }
        }
    }
}

fn unique(rows: &[ReadRow]) -> Result<(), FileFault> {
    let mut seen = BTreeSet::new();
    match rows.iter().find(|row| !seen.insert(row.row)) {
        Some(row) => Err(FileFault::of(
            format!("Coloana Rând are de două ori numărul {}; păstrați un singur rând", row.row),
            format!("The column of rows has the number {} twice; keep one row", row.row),
        )),
        None => Ok(()),
    }
}

/// An archive without a table: each JSON is a body, each PDF a paper.
fn entries(names: &[String]) -> Result<(Vec<String>, Vec<ReadRow>), FileFault> {
    let mut rows = Vec::new();
    for (place, name) in (1..).zip(names) {
        let source = match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("json") => Source::Entry(name.clone()),
            Some("pdf") => Source::Paper(name.clone()),
            _ => {
                return Err(FileFault::of(
                    format!(
                        "„{name}” nu este JSON sau PDF; adăugați un tabel CSV sau XLSX care îl numește, ori scoateți-l"
                    ),
                    format!(
                        "\"{name}\" is neither JSON nor PDF; add a CSV or XLSX table that names it, or take it out"
                    ),
                ));
            }
        };
        rows.push(ReadRow { row: place, source });
    }
    if rows.is_empty() || rows.len() > MOST_ROWS {
        return Err(FileFault::of(
            format!("Arhiva trebuie să aibă între 1 și {MOST_ROWS} de documente"),
            format!("The archive must have 1 to {MOST_ROWS} documents"),
        ));
    }
    Ok((Vec::new(), rows))
}

/// Verdicts say the heading too, as the clerk sees it in the file.
fn name_columns(known: &[Column], verdicts: &mut [Verdict]) {
    for verdict in verdicts {
        let wanted = columns::general(&verdict.column);
        if let Some(column) = known.iter().find(|one| one.path == wanted) {
            verdict.heading = column.heading.rsplit_once(" [").map_or("", |(title, _)| title).to_owned();
        }
    }
}
