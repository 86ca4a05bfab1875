//! Why a manifest cannot be used, with the place and the way out.

use std::ops::Range;

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The text is not a manifest.
    #[error("{origin}:{line}:{column}: {problem}")]
    Text {
        /// Where the text came from, usually a path.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// The folder of a system cannot be read.
    #[error("reading {origin}: {source}")]
    Read {
        /// The file or folder.
        origin: String,
        /// Why.
        source: std::io::Error,
    },
    /// A system is in the wrong folder, or two folders have the same system.
    #[error("{origin}: {problem}")]
    Folder {
        /// The manifest.
        origin: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The address cannot be used.
    #[error("system {system}: {problem}")]
    Address {
        /// The system.
        system: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The manifest asks for something its engine does not have.
    #[error("system {system}: the engine {engine} does not have {asked}; {way_out}")]
    Unsupported {
        /// The system.
        system: String,
        /// The engine.
        engine: String,
        /// What was asked.
        asked: String,
        /// What to write instead.
        way_out: String,
    },
    /// The channel does not carry what the manifest needs.
    #[error("system {system}: the channel lacks {lacks}; {way_out}")]
    Channel {
        /// The system.
        system: String,
        /// What is missing or wrong, never its value.
        lacks: String,
        /// What to do.
        way_out: String,
    },
}

impl ManifestError {
    pub(crate) fn at(origin: &str, text: &str, span: Option<Range<usize>>, problem: String) -> Self {
        let before = text.get(..span.map_or(0, |span| span.start)).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self::Text { origin: origin.to_owned(), line, column, problem }
    }
}
