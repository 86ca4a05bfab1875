//! The closed list of kinds of acts.

/// How grave an event is to who watches over security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Everyday work.
    Notice,
    /// To be looked at.
    Warning,
    /// To be looked at now.
    Critical,
}

impl Severity {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The severity of syslog (RFC 5424, section 6.2.1).
    #[must_use]
    pub const fn syslog(self) -> u8 {
        match self {
            Self::Notice => 5,
            Self::Warning => 4,
            Self::Critical => 2,
        }
    }

    /// The severity of CEF, from 0 to 10.
    #[must_use]
    pub const fn cef(self) -> u8 {
        match self {
            Self::Notice => 3,
            Self::Warning => 6,
            Self::Critical => 9,
        }
    }
}

macro_rules! kinds {
    ($($(#[$group:meta])* $name:ident $code:literal $signature:literal $severity:ident $ro:literal $en:literal;)*) => {
        /// What was done. A kind's code and signature are never reused or renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $en] $name,)*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code, in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The signature of CEF.
            #[must_use]
            pub const fn signature(self) -> u16 {
                match self { $(Self::$name => $signature,)* }
            }

            /// How grave it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The words an auditor reads.
            #[must_use]
            pub const fn in_romanian(self) -> &'static str {
                match self { $(Self::$name => $ro,)* }
            }

            /// The same in English.
            #[must_use]
            pub const fn in_english(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

// Signatures: 1xx running the hub, 2xx people, 3xx rights, 4xx machines and keys, 5xx directory and agreements,
// 6xx archive, 7xx registers, 8xx protection, 9xx journal, audit and lock-down.
kinds! {
    SystemResumed "system.resumed" 101 Notice "Un sistem lăsat în pace a fost repus în funcțiune" "A system that was left alone was resumed";
    DeadLetterSettled "dead-letter.settled" 102 Warning "S-a declarat ce s-a întâmplat cu o livrare neterminată" "It was stated what became of a dead letter";
    DeadLetterReplayed "dead-letter.replayed" 103 Warning "O livrare neterminată a fost trimisă din nou" "A dead letter was sent again";
    DirectoryImported "directory.imported" 501 Notice "Directorul a fost importat" "The directory was imported";
    NomenclatorImported "nomenclator.imported" 601 Notice "Un nomenclator arhivistic a fost importat" "An archival nomenclature was imported";
    HoldPlaced "hold.placed" 602 Warning "Un dosar a fost reținut de la distrugere" "A dossier was placed on hold";
    HoldReleased "hold.released" 603 Warning "Reținerea unui dosar a fost ridicată" "A hold was released";
    SelectionProposed "selection.proposed" 604 Notice "S-a propus o selecționare" "A selection was proposed";
    SelectionConfirmed "selection.confirmed" 605 Warning "O selecționare a fost confirmată" "A selection was confirmed";
    SelectionDestroyed "selection.destroyed" 606 Critical "S-a dispus distrugerea documentelor selecționate" "Destruction of selected documents was ordered";
    ArchiveHandedOver "archive.handed-over" 607 Notice "Un inventar a fost predat" "An inventory was handed over";
    NomenclatorConfirmation "nomenclator.confirmation" 608 Notice "S-au propus datele de confirmare ale unui nomenclator" "Confirmation data of a nomenclature were proposed";
    NomenclatorConfirmed "nomenclator.confirmed" 609 Notice "S-a hotărât asupra datelor de confirmare ale unui nomenclator" "Confirmation data of a nomenclature were decided";
    VaultKeyRotated "vault-key.rotated" 610 Critical "Cheia arhivei a fost înlocuită" "The key of the archive was rotated";
    InstitutionExported "institution.exported" 611 Critical "O instituție a fost exportată" "An institution was exported";
    InstitutionImported "institution.imported" 612 Critical "O instituție a fost importată" "An institution was imported";
    ClosingProposed "closing.proposed" 701 Notice "S-a propus închiderea anului unui registru" "The closing of a register's year was proposed";
    ClosingApproved "closing.approved" 702 Warning "Anul unui registru a fost închis" "The year of a register was closed";
    AnnulmentProposed "annulment.proposed" 703 Notice "S-a propus anularea unui număr" "The annulment of a number was proposed";
    AnnulmentApproved "annulment.approved" 704 Warning "Un număr a fost anulat" "A number was annulled";
    AnnulmentRefused "annulment.refused" 705 Notice "Anularea unui număr a fost refuzată" "The annulment of a number was refused";
    CorrespondentAnonymised "correspondent.anonymised" 706 Warning "Un corespondent a fost făcut de nerecunoscut" "A correspondent was made unrecognisable";
    JournalExported "journal.exported" 901 Warning "Jurnalul accesărilor a fost exportat" "The journal of access was exported";
    AuditExported "audit.exported" 902 Notice "Jurnalul de audit a fost exportat" "The audit was exported";
    MyDataReported "my-data.reported" 903 Notice "S-a întocmit raportul accesărilor despre o persoană" "A report of accesses about a person was made";
    LockedDown "lock-down.began" 910 Critical "Hubul s-a blocat: nu poate garanta securitatea" "The hub locked itself down: it cannot guarantee security";
    LockDownEnded "lock-down.ended" 911 Critical "Cauza blocării a dispărut" "The cause of a lock-down has gone";
    LockDownLifted "lock-down.lifted" 912 Critical "Un administrator a ridicat blocarea" "An administrator lifted a lock-down";
    OverrideProposed "lock-down.override-proposed" 913 Critical "S-a propus ridicarea blocării deși cauza persistă" "It was proposed to lift a lock-down though its cause stands";
    LockDownOverridden "lock-down.overridden" 914 Critical "Blocarea a fost ridicată de doi administratori deși cauza persistă" "Two administrators lifted a lock-down though its cause stands";
    UnlockRefused "lock-down.unlock-refused" 915 Warning "Ridicarea blocării a fost refuzată" "Lifting a lock-down was refused";
}

impl Kind {
    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_and_no_signature_is_used_twice() {
        let codes: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let signatures: BTreeSet<u16> = Kind::ALL.iter().map(|kind| kind.signature()).collect();
        assert_eq!((codes.len(), signatures.len()), (Kind::ALL.len(), Kind::ALL.len()));
        assert!(Kind::ALL.iter().all(|kind| Kind::parse(kind.as_str()) == Some(*kind)));
    }

    #[test]
    fn every_kind_has_words_of_its_own() {
        let ro: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.in_romanian()).collect();
        let en: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.in_english()).collect();
        assert_eq!((ro.len(), en.len()), (Kind::ALL.len(), Kind::ALL.len()));
    }
}
