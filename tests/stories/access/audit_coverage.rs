//! Every way to change something is in the audit, or says here why not. The routes are the door's own list: a new one fails here
//! until it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hub_flow::audit::Kind;
use hub_server::api;

/// How an act is on record.
enum Told {
    /// By events of these kinds, in the transaction of the act.
    By(&'static [Kind]),
    /// Elsewhere, or not at all, for this reason.
    Else(&'static str),
}
use Told::{By, Else};

const EVIDENCE: &str = "the road of a document is evidence: a sealed event in the log, more than an audit entry is";
const REGISTER: &str =
    "an act of the register itself, in register_act with clerk, moment and reason, bound in its year's chain";
const QUESTION: &str =
    "a question to a register is in the journal of access, with purpose and basis, before it is asked";
const READS: &str = "it reads; where it opens personal data it is in the journal of access";
const STEP: &str = "a step of a sign-in that changes nothing yet; what comes of it is told by the next one";
const PAGE: &str = "a page changes nothing itself: it asks the API, where the act is told";
const TOKEN: &str = "a machine's own token, minutes long; the credential behind it and its use are told";

/// All of them.
fn table() -> BTreeMap<&'static str, Told> {
    use Kind as K;
    const SIGN_IN: &[Kind] = &[K::SignedIn, K::SignInFailed, K::SignInPaused];
    const DIRECTORY: &[Kind] = &[
        K::InstitutionChanged,
        K::InstitutionWithdrawn,
        K::SystemChanged,
        K::SystemWithdrawn,
        K::ChannelChanged,
        K::ChannelWithdrawn,
        K::CompetenceChanged,
        K::CompetenceWithdrawn,
        K::LookupAgreementChanged,
        K::LookupAgreementWithdrawn,
        K::RegisterWithdrawn,
        K::DirectoryImported,
    ];
    BTreeMap::from([
        ("POST /v1/messages", Else(EVIDENCE)),
        ("POST /v1/messages/check", Else(READS)),
        ("POST /v1/batches", Else(EVIDENCE)),
        ("POST /v1/batches/{id}/again", Else(EVIDENCE)),
        ("POST /v1/evidence/search", Else(READS)),
        ("POST /v1/routing/simulate", Else(READS)),
        ("POST /v1/playground/validate", Else(READS)),
        ("POST /v1/playground/map", Else(READS)),
        ("POST /console/{*page}", Else(PAGE)),
        ("POST /v1/inbox/{delivery}/consent", Else(EVIDENCE)),
        ("POST /v1/inbox/{delivery}/accept", Else(EVIDENCE)),
        ("POST /v1/inbox/{delivery}/reject", Else(EVIDENCE)),
        ("POST /v1/relay", Else(EVIDENCE)),
        ("POST /v1/relay/evidence", Else(EVIDENCE)),
        ("POST /v1/registers/{register}/{year}/closing", By(&[K::ClosingProposed])),
        ("POST /v1/registers/{register}/{year}/closing/approve", By(&[K::ClosingApproved])),
        ("POST /v1/registers/{register}/{year}/closing/withdraw", By(&[K::ClosingWithdrawn])),
        ("POST /v1/registers/{register}/{year}/import", Else(REGISTER)),
        ("PUT /v1/registers/{register}", By(&[K::RegisterDefined])),
        ("POST /v1/registers/{register}/entries", Else(REGISTER)),
        ("POST /v1/registers/{register}/reservations", Else(REGISTER)),
        ("POST /v1/registers/{register}/allocations", Else(REGISTER)),
        ("POST /v1/registers/{register}/fillings", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/content", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/fill", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/correct", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/connect", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/annul", By(&[K::AnnulmentProposed])),
        ("POST /v1/registers/{register}/{year}/{number}/approve-annulment", By(&[K::AnnulmentApproved])),
        ("POST /v1/registers/{register}/{year}/{number}/refuse-annulment", By(&[K::AnnulmentRefused])),
        ("POST /v1/correspondents/{id}/anonymise", By(&[K::CorrespondentAnonymised])),
        ("POST /v1/deadlines/notices/{id}/read", Else("that a clerk has seen a notice changes nothing for others")),
        ("POST /v1/registers/{register}/{year}/{number}/assignment", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/work", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/part", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/resolution", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/approval", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/dispatch", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/filing", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/suspension", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/resumption", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/extension", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/extension/decision", Else(REGISTER)),
        ("POST /v1/registers/{register}/{year}/{number}/redirection", Else(REGISTER)),
        ("POST /v1/credentials", By(&[K::CredentialIssued])),
        ("POST /v1/credentials/{id}/rotate", By(&[K::CredentialRotated])),
        ("POST /v1/credentials/{id}/revoke", By(&[K::CredentialRevoked])),
        ("POST /v1/token-keys/rotate", By(&[K::ApprovalUsed, K::TokenKeyMade, K::TokenKeysWithdrawn])),
        ("POST /oauth/token", Else(TOKEN)),
        ("POST /oauth/revoke", Else(TOKEN)),
        ("POST /oauth/introspect", Else(READS)),
        ("POST /v1/systems/{system}/resume", By(&[K::SystemResumed])),
        ("POST /v1/dead-letters/{delivery}/replay", By(&[K::DeadLetterReplayed])),
        ("POST /v1/dead-letters/{delivery}/settle", By(&[K::DeadLetterSettled])),
        ("POST /v1/lookups/{system}/{operation}", Else(QUESTION)),
        ("POST /v1/lookups/{system}/{operation}/batch", Else(QUESTION)),
        ("POST /v1/archive/nomenclator", By(&[K::NomenclatorImported])),
        ("POST /v1/archive/nomenclator/{version}/confirmation", By(&[K::NomenclatorConfirmation])),
        ("POST /v1/archive/nomenclator/{version}/confirmation/decision", By(&[K::NomenclatorConfirmed])),
        ("POST /v1/archive/dossiers", By(&[K::DossierOpened])),
        ("POST /v1/archive/dossiers/{id}/close", By(&[K::DossierClosed])),
        ("POST /v1/archive/dossiers/{id}/rights", By(&[K::DossierRightsChanged])),
        ("POST /v1/archive/filings/{id}/classify", By(&[K::FilingClassified])),
        ("POST /v1/archive/inventories", By(&[K::InventoryMade])),
        ("POST /v1/archive/inventories/{id}/handover", By(&[K::ArchiveHandedOver])),
        ("POST /v1/archive/holds", By(&[K::HoldPlaced])),
        ("POST /v1/archive/holds/{id}/release", By(&[K::HoldReleased])),
        ("POST /v1/archive/selections", By(&[K::SelectionProposed])),
        ("POST /v1/archive/selections/{id}/confirmation", By(&[K::SelectionConfirmed])),
        ("POST /v1/archive/selections/{id}/destruction", By(&[K::SelectionDestroyed])),
        ("POST /v1/journal/search", Else(READS)),
        ("POST /v1/my-data", By(&[K::MyDataReported])),
        ("POST /v1/parties/{party}/keys/challenge", Else("it keeps nothing: the answer to it registers the key")),
        ("PUT /v1/parties/{party}/keys/{kid}", By(&[K::EncryptionKeyRegistered])),
        ("DELETE /v1/parties/{party}/keys/{kid}", By(&[K::EncryptionKeyWithdrawn])),
        ("POST /v1/verify", Else(READS)),
        ("POST /v1/directory/import", By(DIRECTORY)),
        ("POST /v1/directory/{kind}", By(DIRECTORY)),
        ("PUT /v1/directory/{kind}/{id}", By(DIRECTORY)),
        ("POST /v1/directory/{kind}/{id}/withdraw", By(DIRECTORY)),
        ("POST /v1/structure/{kind}", By(&[K::StructureChanged, K::CompetenceChanged])),
        ("POST /v1/structure/import", By(&[K::StructureChanged, K::CompetenceChanged])),
        ("PUT /v1/structure/{kind}/{id}", By(&[K::StructureChanged, K::CompetenceChanged])),
        ("POST /v1/structure/{kind}/{id}/withdraw", By(&[K::StructureWithdrawn, K::CompetenceWithdrawn])),
        ("POST /v1/agreements", By(&[K::AgreementProposed])),
        ("PUT /v1/agreements/{id}", By(&[K::AgreementProposed])),
        ("POST /v1/agreements/{id}/approve", By(&[K::AgreementApproved])),
        ("POST /v1/agreements/{id}/end", By(&[K::AgreementEnded])),
        ("POST /v1/persons", By(&[K::PersonKept])),
        ("POST /v1/persons/import", By(&[K::PersonKept])),
        ("POST /v1/persons/search", Else(READS)),
        ("PUT /v1/persons/{id}", By(&[K::PersonChanged])),
        ("POST /v1/persons/{id}/merge", By(&[K::PersonsMerged])),
        ("POST /v1/persons/{id}/unmask", By(&[K::ApprovalUsed, K::PersonUnmasked])),
        ("POST /v1/persons/{id}/validate", By(&[K::PersonValidated])),
        ("POST /v1/nomenclatures/{list}", By(&[K::NomenclatureImported])),
        ("POST /v1/log/witness", Else("a witness's signature proves itself, and stands in the log")),
        ("POST /v1/accounts", By(&[K::AccountInvited])),
        ("PUT /v1/accounts/{account}/grants", By(&[K::GrantsChanged, K::SessionsEnded])),
        ("POST /v1/accounts/{account}/lock", By(&[K::AccountLocked, K::SessionsEnded])),
        ("POST /v1/accounts/{account}/unlock", By(&[K::AccountUnlocked])),
        ("POST /v1/accounts/{account}/retire", By(&[K::AccountRetired, K::SessionsEnded])),
        ("POST /v1/accounts/{account}/reset", By(&[K::AccountReset, K::SessionsEnded])),
        ("PUT /v1/roles/{role}", By(&[K::RoleDefined, K::RoleChanged])),
        ("POST /v1/roles/{role}/withdraw", By(&[K::RoleWithdrawn])),
        ("POST /v1/session/unit", By(&[K::UnitChosen])),
        ("POST /v1/session/end", By(&[K::SignedOut])),
        ("POST /v1/sessions/{session}/end", By(&[K::SessionEnded])),
        ("POST /v1/approvals", By(&[K::ApprovalProposed])),
        ("POST /v1/approvals/{approval}/approve", By(&[K::ApprovalGiven])),
        ("POST /v1/approvals/{approval}/refuse", By(&[K::ApprovalRefused])),
        ("POST /sign-in", By(SIGN_IN)),
        ("POST /sign-in/second-factor", By(&[K::SignedIn, K::SignInFailed, K::RecoveryCodeUsed])),
        ("POST /sign-in/enrolment", By(&[K::SecondFactorEnrolled, K::RecoveryCodesMade, K::SignedIn])),
        ("POST /sign-in/invitation", By(&[K::AccountActivated, K::PasswordSet, K::SignedIn])),
        ("POST /sign-in/passkey/question", Else(STEP)),
        ("POST /sign-in/passkey", By(SIGN_IN)),
        ("POST /sign-in/provider/{provider}", Else(STEP)),
        ("POST /sign-in/provider/{provider}/back-channel", By(&[K::SessionEnded])),
        ("POST /sign-out", By(&[K::SignedOut])),
        ("POST /account/unit", By(&[K::UnitChosen])),
        ("POST /account/sessions/end", By(&[K::SessionEnded])),
        ("POST /account/password", By(&[K::PasswordSet])),
        ("POST /account/factors/remove", By(&[K::SecondFactorRemoved, K::ProviderUnlinked])),
        ("POST /account/totp", Else(STEP)),
        ("POST /account/totp/code", By(&[K::SecondFactorEnrolled])),
        ("POST /account/passkeys/question", Else(STEP)),
        ("POST /account/passkeys", By(&[K::SecondFactorEnrolled])),
        ("POST /v1/standing/lift", By(&[K::LockDownLifted, K::OverrideProposed, K::LockDownOverridden])),
    ])
}

#[test]
fn every_way_to_change_something_is_in_the_audit_or_says_why_not() {
    let door = api::door();
    let changing = door.routes().iter().filter(|route| !matches!(route.method, "GET" | "HEAD" | "OPTIONS"));
    let changing: BTreeSet<String> = changing.map(|route| format!("{} {}", route.method, route.path)).collect();
    let table = table();
    let told: BTreeSet<String> = table.keys().map(|route| (*route).to_owned()).collect();
    let forgotten: Vec<_> = changing.difference(&told).collect();
    assert!(forgotten.is_empty(), "append an event of audit::Kind, or say why not, for: {forgotten:#?}");
    let gone: Vec<_> = told.difference(&changing).collect();
    assert!(gone.is_empty(), "no routes any more: {gone:#?}");
    assert!(table.values().all(|told| match told {
        By(kinds) => !kinds.is_empty(),
        Else(reason) => reason.len() > 20,
    }));
}

/// A kind that the table names and no code appends would be a promise only.
#[test]
fn every_kind_the_table_names_is_written_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut sources = String::new();
    for folder in ["hub/flow/src", "hub/server/src"] {
        gather(&root.join(folder), &mut sources);
    }
    let kinds: BTreeSet<String> = table()
        .into_values()
        .flat_map(|told| match told {
            By(kinds) => kinds.iter().map(|kind| format!("{kind:?}")).collect(),
            Else(_) => Vec::new(),
        })
        .collect();
    let never: Vec<_> = kinds.iter().filter(|kind| !sources.contains(&format!("::{kind}"))).collect();
    assert!(never.is_empty(), "nothing appends {never:#?}");
}

fn gather(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).expect("text"));
        }
    }
}
