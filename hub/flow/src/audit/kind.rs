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
    AccountInvited "account.invited" 201 Notice "O persoană a fost invitată: i s-a făcut un cont" "A person was invited: an account was made";
    AccountCreated "account.created" 202 Notice "Un cont a fost făcut la prima conectare printr-un furnizor de identitate" "An account was made at the first sign-in through an identity provider";
    AccountActivated "account.activated" 203 Notice "Un cont a fost activat de persoana lui" "An account was made active by its person";
    AccountLocked "account.locked" 204 Warning "Un cont a fost blocat" "An account was locked";
    AccountUnlocked "account.unlocked" 205 Warning "Un cont a fost deblocat" "An account was unlocked";
    AccountRetired "account.retired" 206 Warning "Un cont a fost retras definitiv" "An account was retired for good";
    AccountReset "account.reset" 207 Warning "Un cont a fost readus la început: parola și al doilea factor au fost scoase" "An account was reset: password and second factor were taken away";
    SignedIn "sign-in.done" 210 Notice "O persoană s-a conectat" "A person signed in";
    SignInFailed "sign-in.failed" 211 Warning "O conectare a fost refuzată" "A sign-in was refused";
    SignInPaused "sign-in.paused" 212 Warning "Prea multe încercări de conectare: următoarele au fost amânate" "Too many attempts to sign in: the next ones were put off";
    SignedOut "session.signed-out" 213 Notice "O persoană s-a deconectat" "A person signed out";
    SessionEnded "session.ended" 214 Notice "O sesiune a fost încheiată de la distanță" "A session was ended from elsewhere";
    SessionsEnded "session.all-ended" 215 Warning "Sesiunile unei persoane au fost încheiate de un administrator" "The sessions of a person were ended by an administrator";
    UnitChosen "session.unit-chosen" 216 Notice "O persoană și-a ales compartimentul pentru care lucrează" "A person chose the unit it works for";
    PasswordSet "password.set" 220 Notice "O parolă a fost pusă sau schimbată" "A password was set or changed";
    SecondFactorEnrolled "second-factor.enrolled" 221 Notice "Un al doilea factor a fost înrolat" "A second factor was enrolled";
    SecondFactorRemoved "second-factor.removed" 222 Warning "Un al doilea factor a fost scos" "A second factor was removed";
    RecoveryCodesMade "recovery-codes.made" 223 Notice "Au fost făcute coduri de recuperare" "Recovery codes were made";
    RecoveryCodeUsed "recovery-code.used" 224 Warning "Un cod de recuperare a fost folosit" "A recovery code was used";
    ProviderLinked "provider.linked" 225 Notice "Un cont a fost legat de un furnizor de identitate" "An account was linked with an identity provider";
    ProviderUnlinked "provider.unlinked" 226 Warning "Legătura unui cont cu un furnizor de identitate a fost scoasă" "The link of an account with an identity provider was removed";
    GrantsChanged "grants.changed" 301 Warning "Rolurile sau compartimentele unei persoane au fost schimbate" "Roles or units of a person were changed";
    RoleDefined "role.defined" 302 Warning "Un rol propriu a fost definit" "A custom role was defined";
    RoleChanged "role.changed" 303 Warning "Un rol propriu a fost schimbat" "A custom role was changed";
    RoleWithdrawn "role.withdrawn" 304 Warning "Un rol propriu a fost scos" "A custom role was withdrawn";
    ApprovalProposed "approval.proposed" 310 Warning "S-a cerut aprobarea unei acțiuni periculoase" "Approval of a dangerous act was asked for";
    ApprovalGiven "approval.given" 311 Critical "O acțiune periculoasă a fost aprobată de a doua persoană" "A dangerous act was approved by a second person";
    ApprovalRefused "approval.refused" 312 Warning "O acțiune periculoasă a fost respinsă de a doua persoană" "A dangerous act was refused by a second person";
    ApprovalUsed "approval.used" 313 Critical "O acțiune periculoasă aprobată a fost începută" "A dangerous act that was approved was begun";
    CredentialIssued "credential.issued" 401 Notice "Unui sistem i s-a emis o cheie sau un certificat" "A key or certificate of a system was issued";
    CredentialRotated "credential.rotated" 402 Notice "Cheia sau certificatul unui sistem a fost înlocuit" "A key or certificate of a system was rotated";
    CredentialRevoked "credential.revoked" 403 Warning "Cheia sau certificatul unui sistem a fost retras" "A key or certificate of a system was revoked";
    TokenKeyMade "token-key.made" 410 Critical "A fost făcută o cheie nouă de semnare a jetoanelor" "A new key that signs tokens was made";
    TokenKeysWithdrawn "token-key.withdrawn" 411 Critical "Cheile vechi de semnare a jetoanelor au fost retrase" "The former keys that sign tokens were withdrawn";
    EncryptionKeyRegistered "encryption-key.registered" 420 Notice "O instituție și-a înregistrat o cheie de criptare" "A recipient registered an encryption key";
    EncryptionKeyWithdrawn "encryption-key.withdrawn" 421 Warning "O instituție și-a retras o cheie de criptare" "A recipient withdrew an encryption key";
    DirectoryImported "directory.imported" 501 Notice "Directorul a fost importat" "The directory was imported";
    InstitutionChanged "institution.changed" 510 Notice "O instituție a fost înscrisă sau schimbată în director" "An institution was entered or changed in the directory";
    InstitutionWithdrawn "institution.withdrawn" 511 Warning "O instituție a fost scoasă din director" "An institution was withdrawn from the directory";
    SystemChanged "system.changed" 512 Notice "Un sistem a fost înscris sau schimbat în director" "A system was entered or changed in the directory";
    SystemWithdrawn "system.withdrawn" 513 Warning "Un sistem a fost scos din director" "A system was withdrawn from the directory";
    ChannelChanged "channel.changed" 514 Notice "Un canal sau o sursă a fost înscrisă sau schimbată în director" "A channel or source was entered or changed in the directory";
    ChannelWithdrawn "channel.withdrawn" 515 Warning "Un canal sau o sursă a fost scoasă din director" "A channel or source was withdrawn from the directory";
    CompetenceChanged "competence.changed" 516 Notice "O competență a fost înscrisă sau schimbată" "A competence was entered or changed";
    CompetenceWithdrawn "competence.withdrawn" 517 Warning "O competență a fost scoasă" "A competence was withdrawn";
    StructureChanged "structure.changed" 518 Notice "Structura unei instituții a fost schimbată" "The structure of an institution was changed";
    StructureWithdrawn "structure.withdrawn" 519 Notice "Un element al structurii unei instituții a fost scos" "An element of an institution's structure was withdrawn";
    AgreementProposed "agreement.proposed" 520 Notice "Un acord de schimb de date a fost propus" "An agreement on an exchange of data was proposed";
    AgreementApproved "agreement.approved" 521 Warning "Un acord de schimb de date a fost aprobat" "An agreement on an exchange of data was approved";
    AgreementEnded "agreement.ended" 522 Warning "Un acord de schimb de date a încetat" "An agreement on an exchange of data was ended";
    LookupAgreementChanged "lookup-agreement.changed" 523 Warning "Un acord de interogare a unui registru a fost înscris sau schimbat" "An agreement to ask a register was entered or changed";
    LookupAgreementWithdrawn "lookup-agreement.withdrawn" 524 Warning "Un acord de interogare a unui registru a fost scos" "An agreement to ask a register was withdrawn";
    PersonKept "person.kept" 530 Notice "O persoană a fost înscrisă în evidență" "A person was entered";
    PersonChanged "person.changed" 531 Notice "Datele unei persoane au fost schimbate" "The data of a person were changed";
    PersonsMerged "person.merged" 532 Warning "Două înscrieri ale aceleiași persoane au fost unite" "Two records of one person were merged";
    PersonUnmasked "person.unmasked" 533 Critical "Un identificator personal a fost arătat în clar" "A personal identifier was shown in the clear";
    PersonValidated "person.validated" 534 Notice "O persoană a fost comparată cu un registru național" "A person was compared with a national register";
    NomenclatureImported "nomenclature.imported" 540 Notice "O versiune a unei liste de coduri a fost preluată" "A version of a list of codes was imported";
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
    DossierOpened "dossier.opened" 613 Notice "Un dosar a fost deschis de un funcționar" "A dossier was opened by a clerk";
    DossierClosed "dossier.closed" 614 Notice "Un dosar a fost închis" "A dossier was closed";
    DossierRightsChanged "dossier.rights-changed" 615 Warning "S-a schimbat cine poate vedea un dosar" "Who may see a dossier was changed";
    InventoryMade "inventory.made" 616 Notice "Un inventar a fost întocmit" "An inventory was made";
    FilingClassified "filing.classified" 617 Notice "Un document a fost așezat la un indicativ de un funcționar" "A document was classified by a clerk";
    ClosingProposed "closing.proposed" 701 Notice "S-a propus închiderea anului unui registru" "The closing of a register's year was proposed";
    ClosingApproved "closing.approved" 702 Warning "Anul unui registru a fost închis" "The year of a register was closed";
    AnnulmentProposed "annulment.proposed" 703 Notice "S-a propus anularea unui număr" "The annulment of a number was proposed";
    AnnulmentApproved "annulment.approved" 704 Warning "Un număr a fost anulat" "A number was annulled";
    AnnulmentRefused "annulment.refused" 705 Notice "Anularea unui număr a fost refuzată" "The annulment of a number was refused";
    CorrespondentAnonymised "correspondent.anonymised" 706 Warning "Un corespondent a fost făcut de nerecunoscut" "A correspondent was made unrecognisable";
    ClosingWithdrawn "closing.withdrawn" 709 Notice "Propunerea de închidere a anului unui registru a fost retrasă" "The proposal to close a register's year was withdrawn";
    RegisterDefined "register.defined" 707 Notice "Un registru a fost definit sau schimbat" "A register was defined or changed";
    RegisterWithdrawn "register.withdrawn" 708 Warning "Un registru a fost scos" "A register was withdrawn";
    JournalExported "journal.exported" 901 Warning "Jurnalul accesărilor a fost exportat" "The journal of access was exported";
    AuditExported "audit.exported" 902 Notice "Jurnalul de audit a fost exportat" "The audit was exported";
    MyDataReported "my-data.reported" 903 Notice "S-a întocmit raportul accesărilor despre o persoană" "A report of accesses about a person was made";
    PersonalDataExported "personal-data.exported" 904 Warning "Date cu caracter personal au fost scoase prin linia de comandă" "Personal data were taken out by the command line";
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
