//! The import of a snapshot, in the order it happens.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use openssl::sha::Sha256;

use super::changes::{self, Changes};
use super::container::Writer;
use super::current::{self, ImportLock};
use super::facts::{CaenClass, Counts, Facts, Purpose, SourceFile};
use super::records::{Record, Records, Refusal, Step};
use super::{firms, joining, tables};

/// Rows between two reports of progress.
const PROGRESS_EVERY: u64 = 1 << 17;
/// Most lines of the reject file that are written; further ones are only counted.
const MOST_REJECTS_WRITTEN: u64 = 100_000;

/// What is to be imported, and into where.
#[derive(Debug, Clone)]
pub struct Order<'o> {
    /// The folder with the CSV files.
    pub files: &'o Path,
    /// The folder of snapshots.
    pub store: &'o Path,
    /// The day of the snapshot.
    pub snapshot: Date,
    /// The time of the import, Unix seconds.
    pub imported_at: i64,
    /// Where the files came from, in words or as an address without secrets.
    pub source: String,
    /// Why the files about persons are imported; without it they are not looked at.
    pub persons: Option<Purpose>,
    /// Take the snapshot although it is older, much smaller or much worse than what is there.
    pub forced: bool,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading a source file.
    Reading,
    /// Sorting and joining what was read.
    Joining,
    /// Comparing with the snapshot before.
    Comparing,
}

/// How far an import is.
#[derive(Debug, Clone)]
pub struct Progress<'p> {
    /// What it is doing.
    pub stage: Stage,
    /// The file it is reading.
    pub file: &'p str,
    /// Rows of that file so far, refused ones included.
    pub rows: u64,
    /// Rows refused so far, in all files.
    pub refused: u64,
    /// Bytes of that file read so far.
    pub bytes: u64,
    /// Bytes of that file.
    pub size: u64,
    /// Time spent on that file.
    pub took: Duration,
}

/// What an import did.
#[derive(Debug, Clone)]
pub struct Report {
    /// The snapshot's facts.
    pub facts: Facts,
    /// How many events the comparison gave, by kind; empty for the first snapshot.
    pub events: BTreeMap<String, u64>,
    /// Firms that were there before and are not there any more; no event: being left out is not being struck off.
    pub gone: u64,
    /// The new snapshot file.
    pub file: PathBuf,
    /// Where the refused lines are.
    pub rejects: PathBuf,
    /// How long it took.
    pub took: Duration,
}

/// Why a snapshot was not imported. What was looked up before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder cannot be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted on what.
        what: String,
        /// Why it did not work.
        source: io::Error,
    },
    /// A file that every snapshot has is not there.
    #[error("{folder} has no {file}; a snapshot needs OD_FIRME, OD_STARE_FIRMA and N_STARE_FIRMA")]
    MissingFile {
        /// The folder.
        folder: String,
        /// The file.
        file: String,
    },
    /// A file lacks a column.
    #[error("{file} has no column {column}; is it of another export?")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// Another import is under way.
    #[error("another import into this folder is under way; wait for it")]
    UnderWay,
    /// The snapshot is not newer than the one there.
    #[error("a snapshot of {current} is there already, and this one is of {offered}; force it to go back")]
    NotNewer {
        /// The day of the snapshot there.
        current: Date,
        /// The day of the one offered.
        offered: Date,
    },
    /// Too many rows were refused: most likely the layout changed.
    #[error(
        "{refused} of {rows} rows were refused, more than one in a hundred; see {rejects}, and force it if it is right"
    )]
    TooManyRefused {
        /// Rows refused.
        refused: u64,
        /// Rows read.
        rows: u64,
        /// The reject file.
        rejects: String,
    },
    /// It has far fewer firms than the one before: most likely a file was cut short.
    #[error("the snapshot has {offered} firms and the one before {current}; force it if that is right")]
    Shrunk {
        /// Firms there.
        current: u64,
        /// Firms offered.
        offered: u64,
    },
}

/// Imports a snapshot: stage, join, compare, swap. `progress` is told every hundred thousand rows or so.
///
/// # Errors
/// An [`ImportError`]; nothing was swapped then.
pub fn import(order: &Order<'_>, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Report, ImportError> {
    let started = Instant::now();
    let at_store = |source| ImportError::Io { what: format!("writing into {}", order.store.display()), source };
    std::fs::create_dir_all(order.store).map_err(at_store)?;
    let _lock = ImportLock::take(order.store)?;
    let before = current::open(order.store).map_err(at_store)?;
    let newer = before.as_ref().is_none_or(|(_, facts)| facts.snapshot < order.snapshot);
    if let (false, false, Some((_, facts))) = (newer, order.forced, &before) {
        return Err(ImportError::NotNewer { current: facts.snapshot, offered: order.snapshot });
    }
    let staged = current::staged(order.store, order.snapshot);
    let mut work = Work::start(order, &staged, progress)?;
    let firms = firms::read(&mut work)?;
    tables::read_all(&mut work)?;
    joining::join(&mut work, firms)?;
    work.rejects.finish().map_err(at_store)?;
    let (facts, rejects) = work.finish()?;
    if !order.forced {
        check_plausible(&facts, before.as_ref().map(|(_, facts)| facts), &rejects)?;
    }
    let mut changes = Changes::default();
    if let Some((old, old_facts)) = &before {
        progress(&Progress::only(Stage::Comparing));
        let (new, _) = super::container::Container::open::<Facts>(&staged).map_err(at_store)?;
        let events = current::staged_events(order.store, order.snapshot);
        changes = changes::compare((old, old_facts), (&new, &facts), &events).map_err(at_store)?;
    }
    let file = current::swap(order.store, order.snapshot).map_err(at_store)?;
    Ok(Report { facts, events: changes.events, gone: changes.gone, file, rejects, took: started.elapsed() })
}

fn check_plausible(facts: &Facts, before: Option<&Facts>, rejects: &Path) -> Result<(), ImportError> {
    let (rows, refused) =
        facts.files.iter().fold((0, 0), |(rows, refused), file| (rows + file.rows, refused + file.refused));
    if refused > 100.max((rows + refused) / 100) {
        let rejects = rejects.display().to_string();
        return Err(ImportError::TooManyRefused { refused, rows: rows + refused, rejects });
    }
    let current = before.map_or(0, |facts| facts.counts.firms);
    if facts.counts.firms < current / 10 * 9 {
        return Err(ImportError::Shrunk { current, offered: facts.counts.firms });
    }
    Ok(())
}

impl Progress<'_> {
    fn only(stage: Stage) -> Self {
        Self { stage, file: "", rows: 0, refused: 0, bytes: 0, size: 0, took: Duration::ZERO }
    }
}

/// What the steps of an import share.
pub(super) struct Work<'w> {
    pub(super) order: &'w Order<'w>,
    pub(super) staged: PathBuf,
    pub(super) output: Writer,
    pub(super) counts: Counts,
    pub(super) files: Vec<SourceFile>,
    pub(super) states: Vec<(u32, String)>,
    pub(super) known_states: HashSet<u32>,
    pub(super) caen: Vec<CaenClass>,
    pub(super) revisions: Vec<(u8, String)>,
    rejects: Rejects,
    progress: &'w mut dyn FnMut(&Progress<'_>),
}

impl<'w> Work<'w> {
    fn start(
        order: &'w Order<'w>,
        staged: &Path,
        progress: &'w mut dyn FnMut(&Progress<'_>),
    ) -> Result<Self, ImportError> {
        let at_staged = |source| ImportError::Io { what: format!("writing {}", staged.display()), source };
        Ok(Self {
            order,
            staged: staged.to_owned(),
            output: Writer::create(staged).map_err(at_staged)?,
            counts: Counts::default(),
            files: Vec::new(),
            states: Vec::new(),
            known_states: HashSet::new(),
            caen: Vec::new(),
            revisions: Vec::new(),
            rejects: Rejects::create(&staged.with_extension("respinse.txt")).map_err(at_staged)?,
            progress,
        })
    }

    /// Reads a whole source file, row by row. A row that `take` refuses goes to the reject file. False when the file is
    /// not there.
    pub(super) fn read_file(
        &mut self,
        file: &'static str,
        mut take: impl FnMut(&mut Self, &[String], &Record) -> Result<Option<Refusal>, ImportError>,
    ) -> Result<bool, ImportError> {
        let Some(path) = find(self.order.files, file)? else { return Ok(false) };
        let at = |source| ImportError::Io { what: format!("reading {}", path.display()), source };
        let input = File::open(&path).map_err(at)?;
        let size = input.metadata().map_err(at)?.len();
        let hashing = Hashing { input, hash: Sha256::new() };
        let (mut records, columns) = Records::open(BufReader::with_capacity(1024 * 1024, hashing)).map_err(at)?;
        let (mut record, mut rows, mut refused, started) = (Record::default(), 0_u64, 0_u64, Instant::now());
        loop {
            let refusal = match records.next(&mut record).map_err(at)? {
                Step::End => break,
                Step::Refused(why) => Some(why),
                Step::Record => take(self, &columns, &record)?,
            };
            rows += 1;
            if let Some(why) = refusal {
                refused += 1;
                self.rejects.add(file, &record, why).map_err(at)?;
            }
            if rows.is_multiple_of(PROGRESS_EVERY) {
                self.tell(file, rows, records.bytes(), (size, started));
            }
        }
        self.tell(file, rows, records.bytes(), (size, started));
        let sha256 = hex::encode(records.into_input().into_inner().hash.finish());
        let rows = rows - refused;
        self.files.push(SourceFile { name: file.to_owned(), bytes: size, sha256, columns, rows, refused });
        Ok(true)
    }

    fn tell(&mut self, file: &str, rows: u64, bytes: u64, (size, started): (u64, Instant)) {
        let (refused, took) = (self.rejects.all, started.elapsed());
        (self.progress)(&Progress { stage: Stage::Reading, file, rows, refused, bytes, size, took });
    }

    pub(super) fn tell_joining(&mut self) {
        (self.progress)(&Progress::only(Stage::Joining));
    }

    /// An error of writing the staged file.
    pub(super) fn writing(&self, source: io::Error) -> ImportError {
        ImportError::Io { what: format!("writing {}", self.staged.display()), source }
    }

    fn finish(self) -> Result<(Facts, PathBuf), ImportError> {
        let at_staged = |source| ImportError::Io { what: format!("writing {}", self.staged.display()), source };
        let mut counts = self.counts;
        counts.refused = self.rejects.by_reason.iter().map(|(why, count)| (why.words().to_owned(), *count)).collect();
        let facts = Facts {
            snapshot: self.order.snapshot,
            imported_at: self.order.imported_at,
            source: self.order.source.clone(),
            persons: self.order.persons.clone(),
            files: self.files,
            states: self.states,
            caen: self.caen,
            revisions: self.revisions,
            counts,
        };
        self.output.finish(&facts).map_err(at_staged)?;
        Ok((facts, self.rejects.path))
    }
}

/// A source file by its name in capitals; none when it is not there.
pub(super) fn find(folder: &Path, file: &str) -> Result<Option<PathBuf>, ImportError> {
    let at = |source| ImportError::Io { what: format!("reading {}", folder.display()), source };
    let wanted = format!("{file}.CSV");
    for entry in std::fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        if entry.file_name().to_string_lossy().eq_ignore_ascii_case(&wanted) {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

/// Hashes what is read through it.
struct Hashing {
    input: File,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

/// The reject file: file, lines, reason, and for files without persons the text.
struct Rejects {
    path: PathBuf,
    file: BufWriter<File>,
    all: u64,
    by_reason: BTreeMap<Refusal, u64>,
}

impl Rejects {
    fn create(path: &Path) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "fișier\trânduri\tmotiv\ttext")?;
        Ok(Self { path: path.to_owned(), file, all: 0, by_reason: BTreeMap::new() })
    }

    fn add(&mut self, file: &str, record: &Record, why: Refusal) -> io::Result<()> {
        self.all += 1;
        *self.by_reason.entry(why).or_default() += 1;
        if self.all > MOST_REJECTS_WRITTEN {
            return Ok(());
        }
        // The rows about representatives are personal data, which is not spread into further files.
        let text = if file.starts_with("OD_REPREZENTANTI") { "" } else { &*String::from_utf8_lossy(record.text()) };
        let text: String = text.chars().take(500).map(|one| if one.is_control() { ' ' } else { one }).collect();
        let (first, last) = (record.first_line, record.last_line);
        writeln!(self.file, "{file}\t{first}-{last}\t{}\t{text}", why.words())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
