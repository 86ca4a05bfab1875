//! What is wrong with a file or with a row of it, and the way out. In Romanian: whoever sent the file reads it.

use crate::Column;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The column, where one is to blame.
    pub column: Option<Column>,
    /// What is wrong.
    pub what: String,
    /// The way out.
    pub way_out: String,
}

impl Complaint {
    pub(crate) fn new(column: Column, what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { column: Some(column), what: what.into(), way_out: way_out.into() }
    }
}

/// Why a file as a whole is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is larger than what is read.
    #[error("fișierul are mai mult de {} MiB; împărțiți registrul în mai multe fișiere", .0 / 1024 / 1024)]
    TooLarge(usize),
    /// Unpacked it would be larger than what is read.
    #[error("dezarhivat, fișierul XLSX ar avea mai mult de {} MiB; salvați doar foaia registrului, fără imagini, și împărțiți-o", .0 / 1024 / 1024)]
    UnpacksTooLarge(usize),
    /// It has too many rows.
    #[error("fișierul are mai mult de {0} rânduri; împărțiți registrul în mai multe fișiere")]
    TooManyRows(usize),
    /// A row has too many columns.
    #[error("rândul {row} are mai mult de {most} coloane; verificați separatorul sau folosiți șablonul")]
    TooManyColumns {
        /// Which row, from 1.
        row: usize,
        /// How many are read.
        most: usize,
    },
    /// A cell is too long.
    #[error(
        "rândul {row} are o celulă de peste {most} de caractere; dacă fișierul este CSV, verificați ghilimelele neînchise"
    )]
    CellTooLong {
        /// Which row, from 1.
        row: usize,
        /// How many characters are read.
        most: usize,
    },
    /// A quotation mark is open at the end.
    #[error("ghilimelele deschise pe rândul {row} nu se închid; dublați-le (\"\") sau închideți celula")]
    OpenQuote {
        /// Which row, from 1.
        row: usize,
    },
    /// Its bytes are no text.
    #[error("fișierul nu este text în UTF-8 sau windows-1250; salvați-l din nou ca „CSV UTF-8”")]
    NotText,
    /// It cannot be opened as XLSX.
    #[error("fișierul nu se deschide ca XLSX ({0}); salvați-l din nou în Excel sau LibreOffice, ori trimiteți CSV")]
    NotXlsx(String),
    /// It is an old or encrypted Excel file.
    #[error("fișierul este în formatul vechi XLS sau este protejat cu parolă; salvați-l ca XLSX, fără parolă")]
    OldOrEncrypted,
    /// No row has the headings.
    #[error("nu găsesc capul de tabel cu coloanele „{}”; folosiți șablonul", .0.join("”, „"))]
    NoHeadings(Vec<&'static str>),
    /// Two columns have the same meaning.
    #[error("coloana „{0}” apare de două ori; păstrați una")]
    TwiceTheSame(&'static str),
    /// There is no row below the headings.
    #[error("fișierul nu are niciun rând sub capul de tabel")]
    NoRows,
}
