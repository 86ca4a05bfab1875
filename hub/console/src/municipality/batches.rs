//! `/console/batches`: what was pushed, the newest first.

use async_trait::async_trait;
use serde::Deserialize;

use crate::fault::Fault;
use crate::list::{self, Act, Asked, Cell, Column, Empty, List, Part, Row, Tone, column, count};
use crate::page::Answer;
use crate::visit::{Language, Visit};

/// Rows by state.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Counts {
    /// Not sent yet.
    pub waiting: i64,
    /// Messages.
    pub sent: i64,
    /// Refused.
    pub refused: i64,
    /// Sent before.
    pub already_sent: i64,
}

impl Counts {
    /// All rows.
    #[must_use]
    pub const fn all(&self) -> i64 {
        self.waiting + self.sent + self.refused + self.already_sent
    }

    /// Rows with a verdict.
    #[must_use]
    pub const fn ended(&self) -> i64 {
        self.all() - self.waiting
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Deserialize)]
pub struct Both {
    ro: String,
    en: String,
}

impl Both {
    /// In one of them.
    #[must_use]
    pub fn words(&self, language: Language) -> &str {
        language.of(&self.ro, &self.en)
    }
}

/// A push as the API tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    /// Its id.
    pub batch_id: String,
    /// Its state.
    pub state: String,
    state_ro: String,
    state_en: String,
    /// Why its file is refused.
    pub problem: Option<Both>,
    /// Name of its file.
    pub name: String,
    /// Its document type.
    pub document_type: String,
    /// Who pushed it.
    pub pushed_by: String,
    /// When.
    pub pushed_at: String,
    /// Its rows.
    pub counts: Counts,
    /// Whether corrected rows can be sent again by a file.
    pub correctable: bool,
}

impl Batch {
    /// Its state in words.
    #[must_use]
    pub fn state(&self, language: Language) -> &str {
        language.of(&self.state_ro, &self.state_en)
    }

    /// How it stands.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self.state.as_str() {
            "refused" => Tone::Bad,
            "done" if self.counts.refused > 0 => Tone::Warn,
            "done" => Tone::Good,
            _ => Tone::Plain,
        }
    }
}

#[derive(Deserialize)]
struct Pushed {
    items: Vec<Batch>,
    next: Option<String>,
}

struct Batches;

#[async_trait]
impl List for Batches {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Fișiere trimise", "Pushed files").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Fiecare rând al unui fișier pleacă ca document de sine stătător și are un verdict.",
                "Each row of a file goes as a document of its own and has a verdict.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Fișier", "File"),
            column("Stare", "State"),
            count("Rânduri", "Rows"),
            count("Trimise", "Sent"),
            count("Respinse", "Refused"),
            count("Trimise deja", "Sent before"),
            column("Trimis la", "Pushed at"),
            column("De", "By"),
        ]
    }

    fn file(&self) -> &'static str {
        "fisiere-trimise"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nu ați trimis încă niciun fișier", "No file was pushed yet").to_owned(),
            how: visit
                .say(
                    "Descărcați șablonul unui tip de document, completați câte un rând pentru fiecare document și trimiteți fișierul.",
                    "Download the template of a document type, fill in one row for each document, and push the file.",
                )
                .to_owned(),
            act: self.act(visit),
        }
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        let label = visit.say("Trimite un fișier", "Push a file").to_owned();
        visit.may("messages.send").then(|| Act { href: "/console/batches/new".to_owned(), label })
    }

    fn live(&self) -> bool {
        true
    }

    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let limit = limit.to_string();
        let mut added = vec![("limit", limit.as_str())];
        added.extend(after.map(|after| ("after", after)));
        let pushed: Pushed = visit.get(format!("/v1/batches?{}", asked.query(&[], &added))).read().await?;
        Ok(Part { rows: pushed.items.iter().map(|one| row(visit, one)).collect(), next: pushed.next })
    }
}

fn row(visit: &Visit, batch: &Batch) -> Row {
    let cells = vec![
        Cell::text(&batch.name),
        Cell::Badge(batch.state(visit.language).to_owned(), batch.tone()),
        Cell::Count(batch.counts.all()),
        Cell::Count(batch.counts.sent),
        Cell::Count(batch.counts.refused),
        Cell::Count(batch.counts.already_sent),
        Cell::Moment(batch.pushed_at.clone()),
        Cell::text(&batch.pushed_by),
    ];
    Row::to(format!("/console/batches/{}", batch.batch_id), cells)
}

/// The list.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Batches).await
}
