//! Why a package is not taken: the rule as a word, the file, and a Romanian sentence a clerk can act on.

use std::fmt;

use hub_signatures::asice::{EntryProblem, NameProblem, OpenError};

/// A rule of the package. The word is stable, programs may decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Bytes that are no zip file, or not all of one.
    Zip,
    /// Larger, or with more files, than is accepted.
    Size,
    /// Compressed as only attacks are.
    Bomb,
    /// A name that leaves the folder, is absolute or cannot be shown.
    Name,
    /// Two entries of one name.
    Duplicate,
    /// A symbolic link.
    Link,
    /// An entry with a password.
    Encrypted,
    /// No manifest, or one that cannot be read.
    Manifest,
    /// A part without its hash, or with another one.
    Hash,
    /// A part that is announced and missing, or there and not announced.
    Parts,
}

impl Rule {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Zip => "pachet.zip",
            Self::Size => "pachet.marime",
            Self::Bomb => "pachet.compresie",
            Self::Name => "pachet.nume",
            Self::Duplicate => "pachet.duplicat",
            Self::Link => "pachet.legatura",
            Self::Encrypted => "pachet.parola",
            Self::Manifest => "pachet.manifest",
            Self::Hash => "pachet.amprenta",
            Self::Parts => "pachet.parti",
        }
    }
}

/// One thing that is wrong with a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule that is broken.
    pub rule: Rule,
    /// The entry it is about, when it is about one; shown with control characters made visible.
    pub entry: Option<String>,
    /// What is wrong and what to do, in Romanian.
    pub text: String,
}

impl Reason {
    pub(crate) fn of(rule: Rule, entry: Option<&str>, text: impl Into<String>) -> Self {
        let entry = entry.map(|name| name.escape_debug().to_string().chars().take(200).collect());
        Self { rule, entry, text: text.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) => write!(formatter, "{} [{}]: {}", self.rule.word(), entry, self.text),
            None => write!(formatter, "{}: {}", self.rule.word(), self.text),
        }
    }
}

/// A refusal of the zip reader, for the clerk.
impl From<OpenError> for Reason {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::TooLarge { limit } => Self::of(
                Rule::Size,
                None,
                format!("arhiva depășește {}; trimiteți documentele mari prin API", mebibytes(limit)),
            ),
            OpenError::TooManyEntries { count, limit } => {
                Self::of(Rule::Size, None, format!("arhiva are {count} fișiere, sunt admise cel mult {limit}"))
            }
            OpenError::FileTooLarge { name, limit } => {
                Self::of(Rule::Size, Some(&name), format!("fișierul depășește {}", mebibytes(limit)))
            }
            OpenError::TooMuch { limit } => {
                Self::of(Rule::Size, None, format!("fișierele despachetate depășesc împreună {}", mebibytes(limit)))
            }
            OpenError::Bomb { name, limit } => Self::of(
                Rule::Bomb,
                Some(&name),
                format!(
                    "fișierul este comprimat de peste {limit} de ori, ca în atacuri; refaceți arhiva fără comprimare"
                ),
            ),
            OpenError::Name { name, problem: NameProblem::Repeated } => Self::of(
                Rule::Duplicate,
                Some(&name),
                "același nume apare de două ori (literele mari și mici nu fac diferența); dați fiecărui fișier alt nume",
            ),
            OpenError::Name { name, problem } => Self::of(Rule::Name, Some(&name), name_in_words(problem)),
            OpenError::Entry { name, problem } => {
                let (rule, text) = entry_in_words(problem);
                Self::of(rule, Some(&name), text)
            }
            OpenError::Truncated => Self::of(
                Rule::Zip,
                None,
                "fișierul nu este o arhivă ZIP sau a fost copiat numai în parte; copiați-l din nou, întreg",
            ),
            OpenError::Malformed(_) | OpenError::Gap | OpenError::NoMimetype | OpenError::OtherType(_) => Self::of(
                Rule::Zip,
                None,
                "arhiva nu are forma simplă cerută (ZIP fără volume, fără ZIP64, nume UTF-8, nimic ascuns între fișiere); \
                 refaceți-o cu programul de arhivare al sistemului",
            ),
        }
    }
}

fn name_in_words(problem: NameProblem) -> &'static str {
    match problem {
        NameProblem::Length => "numele este gol sau mai lung de 512 octeți",
        NameProblem::Absolute => {
            "numele este o cale absolută sau conține „\\” ori „:”; folosiți doar numele fișierului"
        }
        NameProblem::Parts => "numele iese din dosar („..”) sau are o parte goală; folosiți doar numele fișierului",
        NameProblem::Invisible => "numele conține caractere care nu se văd; redenumiți fișierul",
        NameProblem::Repeated => "același nume apare de două ori",
        NameProblem::FileAndFolder => "același nume este și fișier, și dosar; redenumiți fișierul",
    }
}

fn entry_in_words(problem: EntryProblem) -> (Rule, &'static str) {
    match problem {
        EntryProblem::Encrypted => (Rule::Encrypted, "fișierul are parolă; refaceți arhiva fără parolă"),
        EntryProblem::Link => (Rule::Link, "este o legătură către alt fișier; puneți în arhivă fișierul însuși"),
        EntryProblem::Checksum | EntryProblem::WrongSize => {
            (Rule::Zip, "fișierul s-a stricat pe drum (suma de control nu se potrivește); refaceți arhiva")
        }
        EntryProblem::TwoDescriptions | EntryProblem::Beside | EntryProblem::TwoSizes | EntryProblem::SizeAfter => (
            Rule::Zip,
            "fișierul este descris în două feluri în aceeași arhivă; refaceți-o cu programul de arhivare al sistemului",
        ),
        EntryProblem::FolderWithContent => (Rule::Zip, "un dosar din arhivă are conținut propriu; refaceți arhiva"),
        EntryProblem::Feature | EntryProblem::Method => {
            (Rule::Zip, "fișierul este comprimat într-un fel neadmis; refaceți arhiva în formatul ZIP obișnuit")
        }
    }
}

fn mebibytes(bytes: usize) -> String {
    if bytes >= 1024 * 1024 { format!("{} MiB", bytes / (1024 * 1024)) } else { format!("{bytes} octeți") }
}
