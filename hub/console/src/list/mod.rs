//! Lists: one page for all of them, that filters, sorts, goes on by key, remembers itself in its address and leaves as a file.
//!
//! A list says what it is made of ([`List`]); [`show`] makes the page, or the file where the address ends in `as=csv` or
//! `as=xlsx`. Rows come part by part, each after a key the API gave: the hundredth page costs what the first does.

mod asked;
mod cell;
mod files;

use async_trait::async_trait;

use crate::fault::Fault;
use crate::page::{Answer, page};
use crate::visit::Visit;

pub use asked::Asked;
pub use cell::{Cell, Row, Tone};

/// Rows of a page.
const ROWS: usize = 50;

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading in Romanian.
    pub ro: &'static str,
    /// In English.
    pub en: &'static str,
    /// Whether it holds counts, which stand to the right.
    pub numeric: bool,
}

/// A column of words.
#[must_use]
pub const fn column(ro: &'static str, en: &'static str) -> Column {
    Column { ro, en, numeric: false }
}

/// A column of counts.
#[must_use]
pub const fn count(ro: &'static str, en: &'static str) -> Column {
    Column { ro, en, numeric: true }
}

/// A way to narrow a list, under the name the address bears.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Its name in the address.
    pub name: &'static str,
    /// Its label, in the visitor's language.
    pub label: String,
    /// What is filled in.
    pub kind: Kind,
}

/// What a filter is filled in with.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Words.
    Text,
    /// A day.
    Day,
    /// One of these: value and label. Nothing chosen is all of them.
    Choice(Vec<(String, String)>),
}

impl Filter {
    /// Whether this option is chosen.
    #[must_use]
    pub fn chosen(&self, asked: &Asked, value: &str) -> bool {
        asked.get(self.name) == value
    }
}

/// Rows, and the key of those that follow.
#[derive(Debug, Default)]
pub struct Part {
    /// The rows.
    pub rows: Vec<Row>,
    /// What `after` is for the next part; none at the end.
    pub next: Option<String>,
}

/// A view of the same list under another filter, as a tab.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its label.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the one shown.
    pub here: bool,
    /// How many there are, where that is known.
    pub count: Option<u64>,
}

/// A link that does the page's primary act.
#[derive(Debug, Clone)]
pub struct Act {
    /// Where it leads.
    pub href: String,
    /// What it does.
    pub label: String,
}

/// What an empty list teaches.
#[derive(Debug, Clone)]
pub struct Empty {
    /// That there is nothing, and whether that is good.
    pub title: String,
    /// What would bring something here, or what to do.
    pub how: String,
    /// Where to do it.
    pub act: Option<Act>,
}

/// A list of something.
#[async_trait]
pub trait List: Sync {
    /// Its name.
    fn title(&self, visit: &Visit) -> String;
    /// What it shows, in a sentence.
    fn lead(&self, visit: &Visit) -> String;
    /// The columns; every row has as many cells.
    fn columns(&self) -> Vec<Column>;
    /// Name of the file it leaves as, without ending: `corespondenta-sosita`.
    fn file(&self) -> &'static str;
    /// What it says when it is empty; `filtered` where a filter may be why.
    fn empty(&self, visit: &Visit, filtered: bool) -> Empty;
    /// Ways to narrow it.
    fn filters(&self, _: &Visit) -> Vec<Filter> {
        Vec::new()
    }
    /// Orders it can be shown in: value of `sort` and label; the first is usual.
    fn sorts(&self, _: &Visit) -> Vec<(String, String)> {
        Vec::new()
    }
    /// Views of it.
    fn tabs(&self, _: &Visit, _: &Asked) -> Vec<Tab> {
        Vec::new()
    }
    /// What is done here most.
    fn act(&self, _: &Visit) -> Option<Act> {
        None
    }
    /// Whether people wait here for something to come.
    fn live(&self) -> bool {
        false
    }
    /// The rows after a key, at most so many.
    async fn part(&self, visit: &Visit, asked: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault>;
}

#[derive(askama::Template)]
#[template(path = "list.html")]
struct Page<'a> {
    v: &'a Visit,
    asked: &'a Asked,
    title: String,
    lead: String,
    columns: Vec<Column>,
    filters: Vec<Filter>,
    sorts: Vec<(String, String)>,
    tabs: Vec<Tab>,
    act: Option<Act>,
    live: bool,
    part: Part,
    empty: Empty,
}

impl Page<'_> {
    fn narrowed(&self) -> bool {
        self.filters.iter().any(|filter| self.asked.some(filter.name).is_some())
    }

    fn further(&self) -> Option<String> {
        self.part.next.as_deref().map(|next| self.asked.with("after", next))
    }

    fn first(&self) -> Option<String> {
        self.asked.some("after").map(|_| self.asked.without("after"))
    }

    fn file(&self, kind: &str) -> String {
        self.asked.with("as", kind)
    }

    fn cell(&self, column: &Column) -> &'static str {
        self.v.language.of(column.ro, column.en)
    }
}

/// The page of a list, or its file.
///
/// # Errors
/// The API refused.
pub async fn show(visit: &Visit, asked: &Asked, list: &dyn List) -> Answer {
    if let Some(kind) = asked.some("as") {
        return files::file(visit, asked, list, kind).await;
    }
    let part = list.part(visit, asked, asked.some("after"), ROWS).await?;
    let filters = list.filters(visit);
    let filtered = filters.iter().any(|filter| asked.some(filter.name).is_some());
    page(&Page {
        v: visit,
        asked,
        title: list.title(visit),
        lead: list.lead(visit),
        columns: list.columns(),
        sorts: list.sorts(visit),
        tabs: list.tabs(visit, asked),
        act: list.act(visit),
        live: list.live(),
        empty: list.empty(visit, filtered || asked.some("after").is_some()),
        filters,
        part,
    })
}
