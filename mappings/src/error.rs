//! What can go wrong with a mapping, in words, without values of the message.

use schemas::{Violation, data_folder::DataFolderError, validation::SchemaError};

/// A message could not be translated. Trying again gives the same: the mapping or the message has to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The template asked for something the message does not have, or a filter refused a value.
    #[error("mapping {mapping}, line {line}: {problem}")]
    Template {
        /// Id and version.
        mapping: String,
        /// Line of the template, from 1.
        line: usize,
        /// What is missing or refused.
        problem: String,
    },
    /// The template ran longer than any sensible mapping.
    #[error("mapping {mapping}: the template took more than {limit} steps")]
    TooManySteps {
        /// Id and version.
        mapping: String,
        /// The limit.
        limit: u64,
    },
    /// The template wrote something that is not JSON.
    #[error("mapping {mapping}: the output is not JSON at its line {line}; a hole of the template is misplaced")]
    NotJson {
        /// Id and version.
        mapping: String,
        /// Line of the output, from 1.
        line: usize,
    },
    /// The output does not keep the contract of the target.
    #[error("mapping {mapping}: the output breaks the target contract: {}", words(violations))]
    Contract {
        /// Id and version.
        mapping: String,
        /// Every rule it breaks.
        violations: Vec<Violation>,
    },
    /// The envelope lacks the day of submission, by which codes are looked up.
    #[error("mapping {mapping}: envelope.submitted_at must be an RFC 3339 time")]
    SubmittedAt {
        /// Id and version.
        mapping: String,
    },
}

fn words(violations: &[Violation]) -> String {
    let words: Vec<&str> = violations.iter().map(|violation| violation.en.as_str()).collect();
    words.join(" ")
}

/// A folder of the library that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The folder could not be read.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// A file is missing.
    #[error("mapping {folder}: the file {file} is missing")]
    Missing {
        /// The folder inside the library.
        folder: String,
        /// The file.
        file: String,
    },
    /// `mapping.toml` is wrong.
    #[error("mapping {folder}: mapping.toml")]
    Description {
        /// The folder inside the library.
        folder: String,
        /// Where and what.
        #[source]
        source: toml::de::Error,
    },
    /// The id is not the name of the folder.
    #[error("mapping {folder}: the id must be the name of the folder")]
    Id {
        /// The folder inside the library.
        folder: String,
    },
    /// The source type, or a target type without its own contract, is not in the catalogue.
    #[error("mapping {folder}: the document type {document_type} is not in the catalogue")]
    UnknownType {
        /// The folder inside the library.
        folder: String,
        /// Type and version.
        document_type: String,
    },
    /// The template does not parse.
    #[error("mapping {folder}: template.json.j2, line {line}: {problem}")]
    Template {
        /// The folder inside the library.
        folder: String,
        /// Line of the template, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A JSON file is wrong.
    #[error("mapping {folder}: {file}")]
    Json {
        /// The folder inside the library.
        folder: String,
        /// The file.
        file: String,
        /// Where and what.
        #[source]
        source: serde_json::Error,
    },
    /// The contract of the target is not a schema we can use.
    #[error("mapping {folder}: target.schema.json")]
    Schema {
        /// The folder inside the library.
        folder: String,
        /// What is wrong.
        #[source]
        source: SchemaError,
    },
}
