//! The closed list of what can be done at the doors of the hub, in the words an auditor reads.
//!
//! One line for each: name, text, what a grant can narrow it to, whether it is dangerous, which built-in roles hold it, and
//! its words. A new operation begins here; without a line it has no door.

use super::Dimension::{self, DocumentType, DossierGroup, Register, Unit};
use super::role::BuiltIn::{self, *};

/// A permission as a type, so that a handler's arguments name it.
pub trait Permits: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

/// A text that names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no permission; `punte permissions` lists them all")]
pub struct UnknownPermission(pub String);

macro_rules! permissions {
    ($($name:ident $text:literal [$($by:ident)*] $danger:ident [$($role:ident)*] $ro:literal $en:literal;)*) => {
        /// An operation of the hub that somebody may or may not do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Permission {
            $(#[doc = $en] $name,)*
        }

        /// The permissions as types: `May<to::RegistersEnter>`.
        pub mod to {
            $(
                #[doc = $en]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl super::Permits for $name {
                    const PERMISSION: super::Permission = super::Permission::$name;
                }
            )*
        }

        impl Permission {
            /// All of them, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable text: `registers.read`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it lets do, in Romanian.
            #[must_use]
            pub const fn in_romanian(self) -> &'static str {
                match self { $(Self::$name => $ro,)* }
            }

            /// What it lets do, in English.
            #[must_use]
            pub const fn in_english(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }

            /// What a grant can narrow it to.
            #[must_use]
            pub const fn narrowed_by(self) -> &'static [Dimension] {
                match self { $(Self::$name => &[$($by),*],)* }
            }

            /// Whether what it does cannot be taken back, or opens what is closed: asked for again, or by two people.
            #[must_use]
            pub const fn is_dangerous(self) -> bool {
                match self { $(Self::$name => permissions!(@ $danger),)* }
            }

            /// The built-in roles that hold it, but for the system of a partner (see [`grants_of_system`](super::grants_of_system)).
            #[must_use]
            pub const fn held_by(self) -> &'static [BuiltIn] {
                match self { $(Self::$name => &[$($role),*],)* }
            }
        }
    };
    (@ plain) => { false };
    (@ dangerous) => { true };
}

permissions! {
    MessagesSend "messages.send" [DocumentType] plain [Clerk Head] "Trimite documente" "Send documents";
    MessagesRead "messages.read" [DocumentType] plain [Clerk Head Compliance] "Vede documentele trimise și starea lor" "See documents sent and where they are";
    MessagesTrace "messages.trace" [DocumentType] plain [Integrator Operator] "Urmărește schimburile unui mesaj, cu valorile mascate" "Trace the exchanges of a message, with masked values";
    EvidenceRead "evidence.read" [DocumentType] plain [Clerk Head Archivist Compliance] "Vede dovezile, recipisele și pachetele" "See evidence, receipts and packages";
    EvidenceFollow "evidence.follow" [] plain [Integrator Compliance] "Urmărește fluxul de dovezi" "Follow the feed of evidence";
    InboxRead "inbox.read" [DocumentType] plain [Clerk Head] "Vede documentele sosite" "See documents that came in";
    InboxSettle "inbox.settle" [DocumentType] plain [Clerk Head] "Preia, acceptă sau respinge documente sosite" "Take, accept or reject documents that came in";
    RelayDispatch "relay.dispatch" [] plain [] "Predă mesaje ca serviciu partener" "Hand over messages as a partner service";
    RelayReport "relay.report" [] plain [] "Predă dovezi ca serviciu partener" "Hand over evidence as a partner service";
    RegistersRead "registers.read" [Register Unit] plain [Clerk Head Archivist Compliance] "Vede registrele și înregistrările" "See registers and entries";
    RegistersDefine "registers.define" [Register] dangerous [Administrator] "Definește registre" "Define registers";
    RegistersEnter "registers.enter" [Register Unit] plain [Clerk] "Înregistrează documente" "Enter documents";
    RegistersReserve "registers.reserve" [Register Unit] plain [Clerk] "Rezervă, alocă și completează numere" "Reserve, allocate and fill numbers";
    RegistersCorrect "registers.correct" [Register Unit] plain [Clerk] "Corectează și conexează înregistrări" "Correct and connect entries";
    RegistersAnnul "registers.annul" [Register Unit] dangerous [Clerk] "Propune anularea unui număr" "Propose that a number be annulled";
    RegistersApprove "registers.approve" [Register Unit] dangerous [Head] "Aprobă sau refuză anularea unui număr" "Approve or refuse the annulment of a number";
    RegistersClose "registers.close" [Register Unit] dangerous [Clerk Head] "Întocmește închiderea anului" "Draw up the closing of a year";
    RegistersApproveClosing "registers.approve-closing" [Register Unit] dangerous [Head] "Aprobă închiderea anului" "Approve the closing of a year";
    RegistersExport "registers.export" [Register Unit] plain [Clerk Head Archivist Compliance] "Tipărește, exportă și dovedește registre" "Print, export and prove registers";
    RegistersImport "registers.import" [Register Unit] dangerous [Administrator] "Preia registre vechi" "Take over old registers";
    CorrespondentsRead "correspondents.read" [] plain [Clerk Head Compliance] "Caută corespondenți" "Look up correspondents";
    CorrespondentsAnonymise "correspondents.anonymise" [] dangerous [Compliance] "Anonimizează corespondenți" "Anonymise correspondents";
    ActsAssign "acts.assign" [Register Unit] plain [Head] "Repartizează lucrări" "Assign work";
    ActsWork "acts.work" [Register Unit] plain [Clerk Head] "Ia în lucru și încheie partea sa" "Take up work and complete its part";
    ActsResolve "acts.resolve" [Register Unit] plain [Clerk Head] "Propune soluții și pregătește răspunsuri" "Resolve and prepare answers";
    ActsApprove "acts.approve" [Register Unit] plain [Head] "Aprobă soluții" "Approve resolutions";
    ActsDispatch "acts.dispatch" [Register Unit] plain [Clerk] "Expediază răspunsuri" "Dispatch answers";
    ActsFile "acts.file" [Register Unit] plain [Clerk Archivist] "Clasează la dosar" "File in a dossier";
    ActsTerms "acts.terms" [Register Unit] plain [Clerk Head] "Suspendă, reia și cere prelungirea termenelor" "Suspend, resume and ask to extend terms";
    ActsDecideExtension "acts.decide-extension" [Register Unit] plain [Head] "Hotărăște prelungirea termenelor" "Decide the extension of terms";
    ActsRedirect "acts.redirect" [Register Unit] plain [Clerk Head] "Redirecționează la instituția competentă" "Redirect to the competent institution";
    DeadlinesRead "deadlines.read" [Register Unit] plain [Clerk Head Compliance] "Vede termenele și lucrările fără stăpân" "See terms and what waits without owner";
    DeadlinesNotices "deadlines.notices" [] plain [Clerk Head] "Citește înștiințările de termen" "Read notices of terms";
    SystemsRead "systems.read" [] plain [Integrator Administrator Operator] "Vede starea sistemelor" "See how systems stand";
    SystemsResume "systems.resume" [] dangerous [Operator] "Reia un sistem oprit" "Resume a system that is left alone";
    PlaygroundUse "playground.use" [] plain [Integrator Operator] "Încearcă documente și mapări fără a trimite nimic" "Try documents and mappings without sending anything";
    DeadLettersRead "dead-letters.read" [DocumentType] plain [Clerk Head Integrator Operator] "Vede livrările care așteaptă o persoană" "See deliveries that wait for a person";
    DeadLettersSettle "dead-letters.settle" [DocumentType] plain [Head Operator] "Spune ce s-a întâmplat cu o livrare" "Say what became of a delivery";
    DeadLettersReplay "dead-letters.replay" [DocumentType] dangerous [Head Operator] "Trimite din nou o livrare" "Send a delivery again";
    LookupsRead "lookups.read" [] plain [Clerk Head Integrator] "Vede ce se poate întreba și răspunsurile proprii" "See what can be asked, and own answers";
    LookupsAsk "lookups.ask" [] plain [Clerk Head] "Întreabă registre naționale" "Ask national registers";
    ArchiveNomenclatorRead "archive.nomenclator.read" [] plain [Clerk Head Archivist Compliance] "Vede nomenclatorul arhivistic" "See the archival nomenclature";
    ArchiveNomenclatorImport "archive.nomenclator.import" [] dangerous [Archivist] "Pune în vigoare un nomenclator arhivistic" "Put an archival nomenclature into force";
    ArchiveNomenclatorConfirm "archive.nomenclator.confirm" [] dangerous [Archivist] "Aprobă datele de confirmare ale unui nomenclator" "Approve confirmation data of a nomenclature";
    ArchiveDossiersRead "archive.dossiers.read" [DossierGroup Unit] plain [Clerk Head Archivist Compliance] "Vede dosare" "See dossiers";
    ArchiveDossiersKeep "archive.dossiers.keep" [DossierGroup Unit] plain [Clerk Archivist] "Deschide și închide dosare" "Open and close dossiers";
    ArchiveDossiersRights "archive.dossiers.rights" [DossierGroup] dangerous [Archivist] "Hotărăște cine vede un dosar" "Decide who sees a dossier";
    ArchiveDocumentsRead "archive.documents.read" [DossierGroup Unit] plain [Clerk Head Archivist Compliance] "Citește documente arhivate" "Read archived documents";
    ArchiveFilingsRead "archive.filings.read" [] plain [Clerk Archivist] "Vede ce așteaptă să fie clasat" "See what waits to be filed";
    ArchiveFilingsClassify "archive.filings.classify" [DossierGroup] plain [Clerk Archivist] "Clasifică ce așteaptă" "Classify what waits";
    ArchiveInventoriesRead "archive.inventories.read" [] plain [Archivist Compliance] "Vede inventare" "See inventories";
    ArchiveInventoriesMake "archive.inventories.make" [] plain [Archivist] "Întocmește inventare" "Make inventories";
    ArchiveInventoriesHandOver "archive.inventories.hand-over" [] plain [Archivist] "Predă dosare la arhivă" "Hand dossiers over to the archive";
    ArchiveHoldsRead "archive.holds.read" [] plain [Archivist Compliance] "Vede rețineri" "See holds";
    ArchiveHoldsPlace "archive.holds.place" [] plain [Archivist Compliance] "Reține dosare de la distrugere" "Hold dossiers back from destruction";
    ArchiveHoldsRelease "archive.holds.release" [] dangerous [Compliance] "Ridică rețineri" "Release holds";
    ArchiveSelectionsRead "archive.selections.read" [] plain [Archivist Compliance] "Vede selecționări și dosare cu termen împlinit" "See selections and dossiers whose term is over";
    ArchiveSelectionsPropose "archive.selections.propose" [] plain [Archivist] "Propune selecționarea" "Propose a selection";
    ArchiveSelectionsConfirm "archive.selections.confirm" [] dangerous [Compliance] "Confirmă selecționarea" "Confirm a selection";
    ArchiveSelectionsDestroy "archive.selections.destroy" [] dangerous [Archivist] "Distruge ce s-a selecționat" "Destroy what was selected";
    ArchiveFindingsRead "archive.findings.read" [] plain [Archivist Operator] "Vede documentele stricate ale arhivei" "See damaged documents of the archive";
    JournalRead "journal.read" [] plain [Compliance] "Citește jurnalul accesărilor" "Read the access journal";
    JournalSearch "journal.search" [] plain [Compliance] "Caută o persoană în jurnalul accesărilor" "Search a person in the access journal";
    JournalReport "journal.report" [] plain [Compliance] "Întocmește raportul „datele mele” al unei persoane" "Draw up a person's report of accesses";
    SearchRead "search.read" [Register Unit DossierGroup DocumentType] plain [Clerk Head Archivist] "Caută în registre și arhivă" "Search registers and archive";
    ProofsRead "proofs.read" [] plain [Archivist Compliance Operator] "Vede dovezile care slăbesc" "See proofs that weaken";
    DirectoryRead "directory.read" [] plain [Clerk Head Archivist Compliance Integrator Administrator Operator] "Vede directorul" "See the directory";
    DirectoryChange "directory.change" [] dangerous [Operator] "Schimbă directorul" "Change the directory";
    StructureRead "structure.read" [Unit] plain [Clerk Head Archivist Compliance Integrator Administrator] "Vede structura instituției" "See the structure of the institution";
    StructureChange "structure.change" [] plain [Administrator] "Schimbă structura instituției și competențele" "Change the structure of the institution and its competences";
    AgreementsRead "agreements.read" [] plain [Head Compliance Integrator Administrator Operator] "Vede acordurile" "See agreements";
    RoutingSimulate "routing.simulate" [] plain [Integrator Operator] "Simulează rutarea unui document" "Simulate the routing of a document";
    AgreementsChange "agreements.change" [] dangerous [Compliance Operator] "Schimbă acordurile" "Change agreements";
    PersonsRead "persons.read" [] plain [Clerk Head Compliance] "Vede persoane, cu datele mascate" "See persons, with masked data";
    PersonsChange "persons.change" [] plain [Clerk] "Schimbă datele persoanelor" "Change the data of persons";
    PersonsUnmask "persons.unmask" [] dangerous [Compliance] "Vede CNP-ul unei persoane" "See the CNP of a person";
    NomenclaturesRead "nomenclatures.read" [] plain [Clerk Head Archivist Compliance Integrator Administrator Operator] "Vede nomenclatoarele" "See nomenclatures";
    NomenclaturesChange "nomenclatures.change" [] plain [Operator] "Schimbă nomenclatoarele" "Change nomenclatures";
    AccountsRead "accounts.read" [] plain [Administrator Compliance] "Vede conturile instituției" "See the accounts of the institution";
    AccountsManage "accounts.manage" [] dangerous [Administrator] "Face, oprește și reface conturi" "Make, stop and recover accounts";
    GrantsManage "grants.manage" [] dangerous [Administrator] "Dă și ia roluri" "Give and take roles";
    SelfAccount "self.account" [] plain [Clerk Head Archivist Compliance Integrator Administrator Operator] "Își vede și schimbă propriul cont" "See and change one's own account";
    ApprovalsRead "approvals.read" [] plain [Head Archivist Compliance Administrator Operator] "Vede ce așteaptă a doua aprobare" "See what waits for a second approval";
    ApprovalsDecide "approvals.decide" [] dangerous [Head Archivist Compliance Administrator Operator] "Aprobă ca a doua persoană" "Approve as the second person";
    CredentialsRead "credentials.read" [] plain [Integrator Administrator] "Vede cheile și certificatele sistemelor" "See keys and certificates of systems";
    CredentialsManage "credentials.manage" [] dangerous [Integrator Administrator] "Dă, rotește și retrage chei ale sistemelor" "Issue, rotate and revoke keys of systems";
    PayloadKeysRead "payload-keys.read" [] plain [Integrator] "Află cheile de cifrare ale destinatarilor" "Find encryption keys of recipients";
    PayloadKeysManage "payload-keys.manage" [] dangerous [Integrator Administrator] "Înregistrează și rotește chei de cifrare" "Register and rotate encryption keys";
    ReportsRead "reports.read" [Register DocumentType] plain [Head Compliance] "Vede rapoartele instituției" "See the reports of the institution";
    AuditRead "audit.read" [] plain [Compliance Administrator Operator] "Citește auditul actelor" "Read the audit of acts";
    LockDownLift "lock-down.lift" [] dangerous [Operator] "Ridică blocarea de siguranță" "Lift a lock-down";
    HubOversee "hub.oversee" [] plain [Operator] "Vede ce privește toate instituțiile" "See what concerns all institutions";
    HubKeys "hub.keys" [] dangerous [Operator] "Rotește cheile hubului" "Rotate the keys of the hub";
}

impl Permission {
    /// The permission with this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// Whether only those who run the hub hold it: no institution can give it.
    #[must_use]
    pub fn is_of_the_hub(self) -> bool {
        self.held_by() == [Operator]
    }
}

impl TryFrom<String> for Permission {
    type Error = UnknownPermission;

    fn try_from(text: String) -> Result<Self, UnknownPermission> {
        Self::parse(&text).ok_or(UnknownPermission(text))
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

impl serde::Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::try_from(text).map_err(serde::de::Error::custom)
    }
}
