//! Claims: the sentences a verdict is made of.

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Romanian.
    pub ro: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Both languages.
    pub fn new(ro: impl Into<String>, en: impl Into<String>) -> Words {
        Words { ro: ro.into(), en: en.into() }
    }
}

/// What is known about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is shown.
    Proven,
    /// It is shown to be wrong, or what should show it is broken.
    Failed,
    /// There is nothing here that could show it, or nobody said whom to believe.
    NotChecked,
}

impl Status {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Status::Proven => "proven",
            Status::Failed => "failed",
            Status::NotChecked => "not_checked",
        }
    }

    /// The word for people.
    pub fn in_romanian(self) -> &'static str {
        match self {
            Status::Proven => "DOVEDIT",
            Status::Failed => "NU SE VERIFICĂ",
            Status::NotChecked => "neverificat",
        }
    }
}

macro_rules! kinds {
    ($($name:ident $word:literal $ro:literal $doc:literal;)*) => {
        /// What is claimed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = $doc] $name),* }

        impl Kind {
            /// Every kind, in the order in which verdicts tell them.
            pub const ALL: &[Kind] = &[$(Kind::$name),*];

            /// The word in JSON and for `--require`.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$name => $word),* }
            }

            /// The words for people.
            pub fn in_romanian(self) -> &'static str {
                match self { $(Kind::$name => $ro),* }
            }
        }
    };
}

kinds! {
    Package "package" "pachetul întreg" "Every file of the package is covered by its seal and unchanged.";
    Integrity "integrity" "neschimbat" "The file is as it was when it was sealed.";
    Form "form" "forma dovezii" "The evidence is one by EN 319 522-3, with the components its event demands.";
    Seal "seal" "sigiliul" "Who sealed it, and that this one is believed.";
    SealValidity "seal-validity" "certificat valabil" "The certificate of the seal was valid at the proven time.";
    Revocation "revocation" "certificat nerevocat" "The certificate was not revoked at the proven time.";
    TimeStamp "time-stamp" "marcă temporală" "A time-stamping authority saw the seal.";
    Log "log" "în jurnal" "The evidence is in the log, under a head the log signed.";
    Witness "witness" "martori" "Witnesses signed the head of the log.";
    Head "head" "capul jurnalului" "The head is signed by the log.";
    HeadTimeStamp "head-time-stamp" "marcă pe jurnal" "A time-stamping authority saw the head of the log.";
    HeadConsistency "head-consistency" "jurnal nerescris" "The heads belong to one history.";
    Record "record" "păstrare RFC 4998" "An evidence record preserves it.";
    Content "content" "conținutul" "The content has the digest that the evidences tell.";
    Chain "chain" "același mesaj" "The evidences tell one story about one message.";
    Gapless "gapless" "fără goluri" "The numbers of a register go from 1 to the last without a gap.";
    Links "links" "lanțul numerelor" "Every number of a register is bound to the one before it.";
    Statement "statement" "declarația sigilată" "The numbers of a register are those its hub sealed.";
    Closing "closing" "închiderea anului" "The register was closed with these numbers.";
    Complete "complete" "set complet" "No obligatory evidence is missing.";
}

impl Kind {
    /// The kind with this word.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// One claim and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub kind: Kind,
    /// The file, part, message or certificate it is about.
    pub about: String,
    /// Who proves it: the subject of a certificate, or the origin of a log.
    pub by: Option<String>,
    /// When, Unix seconds.
    pub at: Option<i64>,
    /// How it was proven, or why it was not.
    pub reason: Words,
    /// What is known.
    pub status: Status,
    /// Facts for programs: names and values.
    pub details: Vec<(&'static str, String)>,
}

impl Claim {
    /// It is shown, in this way.
    pub fn proven(kind: Kind, about: &str, ro: impl Into<String>, en: impl Into<String>) -> Claim {
        Claim::with(kind, about, Status::Proven, Words::new(ro, en))
    }

    /// It is wrong, for this reason.
    pub fn failed(kind: Kind, about: &str, ro: impl Into<String>, en: impl Into<String>) -> Claim {
        Claim::with(kind, about, Status::Failed, Words::new(ro, en))
    }

    /// It cannot be told, for this reason.
    pub fn not_checked(kind: Kind, about: &str, ro: impl Into<String>, en: impl Into<String>) -> Claim {
        Claim::with(kind, about, Status::NotChecked, Words::new(ro, en))
    }

    pub(crate) fn with(kind: Kind, about: &str, status: Status, reason: Words) -> Claim {
        Claim { kind, about: about.to_owned(), by: None, at: None, reason, status, details: Vec::new() }
    }

    pub(crate) fn by(mut self, who: &str) -> Claim {
        self.by = Some(who.to_owned());
        self
    }

    pub(crate) fn at(mut self, unix: i64) -> Claim {
        self.at = Some(unix);
        self
    }

    pub(crate) fn detail(mut self, name: &'static str, value: impl ToString) -> Claim {
        self.details.push((name, value.to_string()));
        self
    }
}
