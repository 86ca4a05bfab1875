//! Copies for keeping: office documents and images become PDF/A-2b beside the original, never instead of it.
//!
//! LibreOffice does the work, in a process of its own for each document: own profile folder, no network where the
//! system lets us take it away, no macros, no linked files, bounded time, memory and output, and killed with all its
//! children. Its word is not believed: it ends with success when it wrote nothing, and takes rubbish for text. So the
//! format is told from the bytes, the import filter is forced, and the copy is opened and its claim to be PDF/A-2b read.
//! Ghostscript does it for PDF, also signed: the signature stays with the original. Where the programs are not installed, [`Converter::find`] says which, and the archive works without copies.
//!
//! It may assume that the original was kept before. It never changes it, and leaves nothing in the scratch folder.

mod format;
mod package;
mod tools;
mod child;
mod pdf;
mod profile;
mod convert;
mod portable;

pub use child::Bounds;
pub use convert::{Converter, Copy};
pub use format::Format;
pub use pdf::{PdfProblem, Portable};
pub use tools::{Absent, Tools};

/// Why there is no copy. A variant is what is told about the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotConverted {
    /// The bytes are of no format that can be converted.
    #[error("its format is not one that can be converted")]
    Unsupported,
    /// It is PDF already; what it says of itself.
    #[error("it is PDF already ({0}), and is kept as it is")]
    Pdf(Portable),
    /// It is PDF that could be copied, and the program for that is not installed.
    #[error("it is PDF that does not claim to be PDF/A, and {0} is not installed")]
    Absent(&'static str),
    /// It is protected with a password; it can be converted by who knows it.
    #[error("it is protected with a password")]
    Encrypted,
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Broken(String),
    /// It, or what it unpacks to, or its copy, is larger than accepted.
    #[error("it is too large to be converted")]
    TooLarge,
    /// The program did not finish in time and was ended.
    #[error("the program did not finish within {seconds} s")]
    TimedOut {
        /// Seconds it was given.
        seconds: u64,
    },
    /// The program fell, or hit a limit of memory or processor time.
    #[error("the program fell: {0}")]
    Crashed(String),
    /// The program said that all is well and wrote nothing: it could not load the document.
    #[error("the program could not load it and wrote nothing")]
    NothingWritten,
    /// The program wrote something that is not what was asked for.
    #[error("the copy is not acceptable: {0}")]
    WrongCopy(String),
    /// The disk or a program failed here; it can be tried again.
    #[error("the conversion could not be tried: {0}")]
    Unavailable(String),
}

impl NotConverted {
    /// Whether trying again later, with nothing changed, can end otherwise.
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TimedOut { .. } | Self::Crashed(_))
    }
}
