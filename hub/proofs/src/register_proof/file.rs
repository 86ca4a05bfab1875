//! The file of a proof: lines of JSON. First what it is; then for each series its name, one line for each number, its
//! closing act where it is closed, and the sealed statement that ends it.

use serde_json::{Value, json};

use crate::register::Hash as Digest;

/// Name of the format; a change that readers would trip over gets another number.
pub const FORMAT: &str = "urn:punte:register-proof:1";

/// A register of an institution in a year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// Id of the institution.
    pub party: String,
    /// Id of the register.
    pub register: String,
    /// The year; of a register that is never reset, the year in which it began.
    pub year: i64,
}

impl std::fmt::Display for Series {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}/{}", self.party, self.register, self.year)
    }
}

/// How a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A document has it.
    Used,
    /// It is kept for a document to come.
    Reserved,
    /// It belongs to a block given to a unit or a register kept elsewhere.
    Allocated,
    /// It was annulled.
    Annulled,
    /// It was struck out as unused when the year was closed.
    Struck,
}

impl State {
    const ALL: [Self; 5] = [Self::Used, Self::Reserved, Self::Allocated, Self::Annulled, Self::Struck];

    /// The word in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Reserved => "reserved",
            Self::Allocated => "allocated",
            Self::Annulled => "annulled",
            Self::Struck => "struck",
        }
    }
}

/// A number with what binds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The number.
    pub number: u64,
    /// Salted digest of the entry and link of the chain; none for a number given before its hub linked numbers.
    pub bound: Option<(Digest, Digest)>,
    /// How it stands.
    pub state: State,
    /// Links of the acts that happened to it, in their order.
    pub acts: Vec<Digest>,
}

/// The act that closed a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The sealed XML.
    pub document: String,
    /// How many acts each entry had then: `(number, acts)`, ascending, only where there were any.
    pub acts: Vec<(u64, u64)>,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The service that made the file.
    pub service: String,
    /// When, UTC.
    pub at: String,
}

/// A series as the file shows it; nothing of it is checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesProof {
    /// Which.
    pub series: Series,
    /// The number it begins with: 1, unless the register runs on from year to year.
    pub first: u64,
    /// Its numbers in the order of the file.
    pub lines: Vec<Line>,
    /// The closing act.
    pub closing: Option<Closing>,
    /// The sealed statement; none where the file ends before it.
    pub statement: Option<String>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// Its first line.
    pub header: Header,
    /// Its series.
    pub series: Vec<SeriesProof>,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the register proof cannot be read: {why}")]
pub struct LineError {
    /// Which line, from 1.
    pub line: usize,
    /// Why.
    pub why: &'static str,
}

/// Whether these bytes begin as a register proof does.
#[must_use]
pub fn is_proof(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.len() < 4096
        && serde_json::from_slice::<Value>(first).is_ok_and(|header| header["format"].as_str() == Some(FORMAT))
}

impl Header {
    /// The line, with its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        format!("{}\n", json!({"format": FORMAT, "service": self.service, "at": self.at}))
    }
}

impl Series {
    /// The line that begins a series with its first number, with its end.
    #[must_use]
    pub fn to_line(&self, first: u64) -> String {
        format!("{}\n", json!({"party": self.party, "register": self.register, "year": self.year, "first": first}))
    }
}

impl Line {
    /// The line, with its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        let mut line = json!({"number": self.number});
        if let Some((digest, link)) = self.bound {
            line["digest"] = hex::encode(digest).into();
            line["link"] = hex::encode(link).into();
        }
        if self.state != State::Used {
            line["state"] = self.state.name().into();
        }
        if !self.acts.is_empty() {
            line["acts"] = self.acts.iter().map(hex::encode).collect::<Vec<_>>().into();
        }
        format!("{line}\n")
    }

    fn read(line: &Value) -> Option<Self> {
        let state = line
            .get("state")
            .map_or(Some(State::Used), |state| State::ALL.into_iter().find(|one| Some(one.name()) == state.as_str()));
        let acts = line.get("acts").map_or(Some(Vec::new()), |acts| acts.as_array()?.iter().map(digest).collect());
        let bound = match (line.get("digest"), line.get("link")) {
            (None, None) => None,
            (salted, link) => Some((digest(salted?)?, digest(link?)?)),
        };
        Some(Self { number: line["number"].as_u64()?, bound, state: state?, acts: acts? })
    }
}

impl Closing {
    /// The line, with its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        format!("{}\n", json!({"closing": self.document, "acts": self.acts}))
    }

    fn read(line: &Value) -> Option<Self> {
        let count = |pair: &Value| match pair.as_array()?.as_slice() {
            [number, acts] => Some((number.as_u64()?, acts.as_u64()?)),
            _ => None,
        };
        let acts: Vec<(u64, u64)> = line["acts"].as_array()?.iter().map(count).collect::<Option<_>>()?;
        let ascending = acts.windows(2).all(|pair| pair[0].0 < pair[1].0);
        ascending.then_some(Self { document: line["closing"].as_str()?.to_owned(), acts })
    }
}

impl SeriesProof {
    /// The line that ends a series, with its end.
    #[must_use]
    pub fn statement_line(sealed: &str) -> String {
        format!("{}\n", json!({"statement": sealed}))
    }
}

impl ProofFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`LineError`] names the first line that cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self, LineError> {
        let mut lines = bytes.split(|byte| *byte == b'\n').zip(1..).filter(|(line, _)| !line.trim_ascii().is_empty());
        let wrong = |line: usize, why| LineError { line, why };
        let (first, _) = lines.next().ok_or(wrong(1, "the file is empty"))?;
        let header: Value = serde_json::from_slice(first).map_err(|_| wrong(1, "it is not JSON"))?;
        if header["format"].as_str() != Some(FORMAT) {
            return Err(wrong(1, "it names no format that is known"));
        }
        let text = |name: &str| header[name].as_str().unwrap_or_default().to_owned();
        let mut file = Self { header: Header { service: text("service"), at: text("at") }, series: Vec::new() };
        for (bytes, line) in lines {
            let value: Value = serde_json::from_slice(bytes).map_err(|_| wrong(line, "it is not JSON"))?;
            file.take(&value).map_err(|why| wrong(line, why))?;
        }
        Ok(file)
    }

    fn take(&mut self, value: &Value) -> Result<(), &'static str> {
        if let Some(party) = value["party"].as_str() {
            let register = value["register"].as_str().ok_or("the series has no register")?.to_owned();
            let year = value["year"].as_i64().ok_or("the series has no year")?;
            let series = Series { party: party.to_owned(), register, year };
            let first = value["first"].as_u64().filter(|first| *first > 0).ok_or("the series has no first number")?;
            self.series.push(SeriesProof { series, first, lines: Vec::new(), closing: None, statement: None });
            return Ok(());
        }
        let open = self.series.last_mut().ok_or("it stands before any series")?;
        if open.statement.is_some() {
            return Err("it stands after the statement that ends its series");
        }
        if value.get("number").is_some() {
            open.lines.push(Line::read(value).ok_or("the number is not written as it should be")?);
        } else if value.get("closing").is_some() {
            let read = Closing::read(value).ok_or("the closing act is not written as it should be")?;
            if open.closing.replace(read).is_some() {
                return Err("the series has two closing acts");
            }
        } else if let Some(statement) = value["statement"].as_str() {
            open.statement = Some(statement.to_owned());
        } else {
            return Err("it is no line of a register proof");
        }
        Ok(())
    }
}

fn digest(value: &Value) -> Option<Digest> {
    hex::decode(value.as_str()?).ok()?.try_into().ok()
}
