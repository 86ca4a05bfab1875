//! Which rows of which table are an institution's, and why others stay behind.
//!
//! The order is the one in which rows are written again. In a condition, `$1` is the party; `{messages}` and
//! `{deliveries}` stand for the messages and deliveries the institution has a part in: all of what it sent, also what was
//! refused, its own of what it received.

/// A table that is carried.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Columns by which its rows are read in order: unique together.
    pub key: &'static [&'static str],
    /// The condition under which a row is carried.
    pub(super) of: &'static str,
    /// Columns that mean something only inside one database.
    pub without: &'static [&'static str],
    /// Whether rows may be there already, because other institutions have a part in them.
    pub shared: bool,
}

const fn own(name: &'static str, key: &'static [&'static str]) -> Table {
    Table { name, key, of: "party = $1", without: &[], shared: false }
}

const fn part(name: &'static str, key: &'static [&'static str], of: &'static str) -> Table {
    Table { name, key, of, without: &[], shared: false }
}

const fn shared(name: &'static str, key: &'static [&'static str], of: &'static str) -> Table {
    Table { name, key, of, without: &[], shared: true }
}

const ENTRY: &[&str] = &["party", "register", "year", "number"];
const ALL: &str = "cast($1 as text) is not null";
const ITS_LOOKUPS: &str = "id in (select id from journal_entry where party = $1)";
const ITS_PERSONS: &str = "person_id in (select id from person where party = $1)";

/// What is carried.
pub static TABLES: &[Table] = &[
    // Who may do what: institutions are public; of the rest what names this one.
    shared(
        "directory_entry",
        &["kind", "id", "version"],
        // With the versions that say no name any more because they withdraw the entry.
        "kind = 'party' or id = $1 or exists (select 1 from directory_entry as said
            where said.kind = directory_entry.kind and said.id = directory_entry.id
            and replace(said.document, '\"' || $1 || '\"', '') <> said.document)",
    ),
    // Seals and what judges them: public certificates, never keys.
    shared("seal", &["sha256"], ALL),
    shared("validation_material", &["sha256"], ALL),
    shared("revocation_answer", &["certificate_sha256", "material_sha256"], ALL),
    // Messages.
    shared("message", &["id"], "id in ({messages})"),
    shared("payload", &["message_id", "position"], "message_id in ({messages})"),
    shared("delivery", &["id"], "id in ({deliveries})"),
    shared("translation", &["delivery_id"], "delivery_id in ({deliveries})"),
    shared("attempt", &["delivery_id", "number"], "delivery_id in ({deliveries})"),
    part("rejection", &["message_id"], "sender = $1"),
    Table {
        name: "evidence",
        key: &["sequence"],
        of: "message_id in ({messages}) and (delivery_id is null or delivery_id in ({deliveries}))",
        without: &["sequence"],
        shared: true,
    },
    shared(
        "evidence_time_stamp",
        &["evidence_id"],
        "evidence_id in (select id from evidence where message_id in ({messages})
            and (delivery_id is null or delivery_id in ({deliveries})))",
    ),
    Table {
        name: "received_evidence",
        key: &["sequence"],
        of: "message_id in ({messages}) and (delivery_id is null or delivery_id in ({deliveries}))",
        without: &["sequence"],
        shared: true,
    },
    shared(
        "told_evidence",
        &["evidence_id"],
        "evidence_id in (select id from evidence where message_id in ({messages}))",
    ),
    part("dead_letter", &["delivery_id"], "sender = $1 or owner = $1"),
    part(
        "dead_letter_act",
        &["delivery_id", "number"],
        "delivery_id in (select delivery_id from dead_letter where sender = $1 or owner = $1)",
    ),
    // A document in an inbox waits no longer than it was said; what is on its way stays with the hub that sends it.
    shared("job", &["subject"], "kind = 'expire' and subject in ({deliveries})"),
    // The journal of access to personal data.
    own("journal_entry", &["id"]),
    part("journal_subject", &["id"], ITS_LOOKUPS),
    part("lookup_answer", &["id"], ITS_LOOKUPS),
    part("lookup_content", &["id"], ITS_LOOKUPS),
    // Registers.
    own("register_series", &["party", "register", "year"]),
    own("register_party", &["id"]),
    own("register_entry", ENTRY),
    own("register_act", &["party", "register", "year", "number", "act_number"]),
    own("register_state", ENTRY),
    own(
        "register_connection",
        &["party", "register", "year", "number", "relation", "to_register", "to_year", "to_number"],
    ),
    own("register_request", &["party", "idempotency_key"]),
    own("register_closing_proposal", &["party", "register", "year"]),
    own("register_closing", &["party", "register", "year"]),
    own("register_import", &["id"]),
    own("register_old_entry", ENTRY),
    own("deadline", ENTRY),
    own("entry_path", &["party", "register", "year", "number", "step"]),
    own("deadline_notice", &["id"]),
    own("redirection", ENTRY),
    own("register_content", &["id"]),
    // The archive. Its bytes are carried by their hashes.
    own("archive_office", &["party"]),
    own("archive_request", &["party", "idempotency_key"]),
    own("archive_nomenclator", &["party", "version"]),
    own("archive_nomenclator_confirmation", &["party", "version", "position"]),
    own("archive_group", &["party", "version", "code"]),
    own("archive_rule", &["party", "version", "position"]),
    own("archive_dossier", &["id"]),
    own("archive_act", &["party", "number"]),
    own("archive_document", &["id"]),
    own("archive_filing", &["id"]),
    own("archive_conversion", &["document", "number"]),
    own("archive_inventory", &["id"]),
    own("archive_hold", &["id"]),
    own("archive_selection", &["id"]),
    own("archive_destruction_list", &["selection", "number"]),
    own("archive_access", &["document", "number"]),
    // Persons. Their identifiers open with the keys of the hub they come from; `punte persons rekey` puts them under those
    // of the hub they came to.
    own("person", &["id"]),
    part("person_version", &["person_id", "version"], ITS_PERSONS),
    own("person_identity", &["person_id", "scheme", "digest", "since_version"]),
    own("person_unmasking", &["id"]),
    own("person_validation", &["person_id", "lookup_id"]),
    // What an earlier hub proved, when the institution moved before.
    part("carried_pack", &["message_id", "sha256"], "message_id in ({messages})"),
    own("carried_institution", &["party", "manifest_sha256"]),
];

/// What stays behind, and why.
pub static LEFT: &[(&str, &str)] = &[
    ("migration", "every database has its own schema"),
    ("directory_state", "counts the writings of this hub's directory"),
    ("nomenclature_version", "public lists, imported anew from their source"),
    ("nomenclature_entry", "as nomenclature_version"),
    ("log_leaf", "the log is the hub's; what it proves of an evidence travels in court packs"),
    ("log_node", "as log_leaf"),
    ("log_head", "as log_leaf"),
    ("log_stamp", "as log_leaf"),
    ("log_cosignature", "as log_leaf"),
    ("log_keeper", "a lease"),
    ("preservation_batch", "made of runs of the hub's log; the records of evidences travel in court packs"),
    ("preservation_stamp", "as preservation_batch"),
    ("preservation_content", "as preservation_batch"),
    ("time_stamp_position", "how far this hub has looked"),
    ("evidence_feed", "made again from the log of the hub that has the evidence; its numbers are that hub's"),
    ("evidence_feed_place", "how far this hub has looked"),
    ("received_unfed", "made again when received evidence is written"),
    ("evidence_push", "how far the system was told by this hub; it is told again, by the same ids"),
    ("lookup_waiting", "a question under way stays with the hub that asked it"),
    ("quota_use", "what this hub used of a quota"),
    ("breaker", "whether this hub reaches a system"),
    ("source_state", "a lease"),
    ("hub_node", "the processes of this hub"),
    ("arrival", "what a source gave is known again by its idempotency key"),
    ("vault_examination", "how far this hub has looked at its vault"),
    ("vault_finding", "what this hub found in its stores"),
    ("search_item", "made again from registers and archive"),
    ("search_term", "as search_item"),
    ("search_party", "as search_item"),
    ("search_series", "as search_item"),
    ("search_changed", "as search_item"),
    ("search_turn", "how far this hub has followed registers and archive"),
    ("search_filed", "as search_turn"),
    ("search_imported", "as search_turn; noted again when the rows are written"),
    ("account", "people are invited anew where they sign in"),
    ("account_factor", "as account; what proves a person holds at one hub"),
    ("account_invitation", "as account"),
    ("account_version", "as account"),
    ("custom_role", "as account: roles are given to people"),
    ("custom_role_version", "as custom_role"),
    ("session", "as account"),
    ("sign_in_failure", "as account"),
    ("sign_in_step", "as account"),
    ("approval", "an approval holds for an act on this hub"),
    ("credential", "systems are given keys of the hub they call"),
    ("credential_change", "as credential"),
    ("client_assertion", "as credential"),
    ("revoked_token", "as credential"),
    ("token_key", "the hub's own keys"),
    ("encryption_key", "registered anew, with a proof that the institution holds the private key"),
    ("ledger_head", "the ends of this hub's own chains"),
    ("ledger_commitment", "as ledger_head"),
    ("audit_event", "acts on this hub, in its one chain; an institution exports its own from /v1/audit"),
    ("access_entry", "in the chains of this hub; an institution exports its own from /v1/journal"),
    ("access_subject", "as access_entry; its digests mean nothing under another hub's key"),
    ("message_subject", "as access_subject"),
    ("journal_link", "as access_entry"),
    ("siem_cursor", "how far this hub has told"),
    ("lock_down", "how this hub stands"),
    ("audit_pulse", "how this hub stands"),
    ("archive_look_message", "what this hub has still to look at; what it found is in the archive"),
    ("archive_look_batch", "as archive_look_message"),
    ("archive_look_entry", "as archive_look_message; made again when the acts are written"),
    ("batch", "a push stays with the hub that took it; what became of its rows is carried as messages"),
    ("batch_file", "as batch"),
    ("batch_row", "as batch"),
];
