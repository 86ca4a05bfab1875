-- The directory by API as well as by file, persons with sets of identities, and nomenclatures in versions.

-- Who wrote a version of an entry, and why; null in all four: a file, before this was kept.
alter table directory_entry add column written_by text;      -- party id; 'file' for a file of those who run the hub
alter table directory_entry add column clerk text;           -- the institution's pseudonym of the person
alter table directory_entry add column reason text;          -- why, in the words of who wrote it

-- One row. Every writing of the directory counts it up, in its own transaction: who read another number reads again,
-- and who decided on another number decides again.
create table directory_state (
    one bigint primary key,             -- always 1
    number bigint not null
);
insert into directory_state (one, number) values (1, 1);

-- Persons an institution has to do with. Never seen by another institution.
create table person (
    id bytea primary key,
    party text not null,                -- the institution
    kind text not null,                 -- natural | legal
    version bigint not null,            -- of the newest person_version
    folded text not null,               -- the name without diacritics, in small letters: for searching
    merged_into bytea,                  -- the person it proved to be; null: it is itself
    created_at bigint not null
);
create index person_name on person (party, folded, id);

-- Every version of a person. Identifiers are not in it, but for the kind and hint of each.
create table person_version (
    person_id bytea not null,
    version bigint not null,
    document text not null,             -- JSON: name, birth year, contact, legal form, identities as scheme and hint
    act text not null,                  -- created | changed | merged | validated
    clerk text not null,                -- the institution's pseudonym
    reason text not null,
    recorded_at bigint not null,
    primary key (person_id, version)
);

-- The identifiers of persons: found by keyed hash, shown by decrypting. The keys are outside the database.
create table person_identity (
    person_id bytea not null,
    party text not null,
    scheme text not null,               -- cnp | nif | passport | cui | euid
    digest bytea not null,              -- HMAC-SHA-256 of party, scheme and value
    hint text not null,                 -- last characters, for people who compare
    key_id text not null,               -- of the key it is encrypted with
    sealed bytea not null,              -- nonce of 12 bytes, AES-256-GCM, tag
    since_version bigint not null,      -- version of the person that has it
    until_version bigint                -- first version without it; null: it is in force
);
create unique index person_identity_once on person_identity (party, scheme, digest) where until_version is null;
create index person_identity_of on person_identity (person_id);
create index person_identity_key on person_identity (key_id);

-- Who saw an identifier in the clear, why and on what basis. Appended in the transaction that precedes the showing.
create table person_unmasking (
    id bytea primary key,
    party text not null,
    person_id bytea not null,
    scheme text not null,
    clerk text not null,
    purpose text not null,
    legal_basis text not null,
    case_number text,                   -- null: it was not said
    recorded_at bigint not null
);
create index person_unmasking_of on person_unmasking (party, person_id, recorded_at);

-- What a register said of a legal person, and when.
create table person_validation (
    person_id bytea not null,
    party text not null,
    lookup_id bytea not null,           -- the question, in the journal of questions
    source text not null,               -- the operation that was asked: anaf-tva.firma, onrc.firma
    verdict text not null,              -- confirmed | different | unknown
    document text not null,             -- JSON: what the register said of name, address and state, and what differs
    clerk text not null,
    recorded_at bigint not null,
    primary key (person_id, lookup_id)
);

-- Versions of nomenclatures. One is whole in itself and never changed.
create table nomenclature_version (
    list text not null,                 -- siruta, strazi …
    version text not null,              -- first day in force, as 2025-01-01
    source text not null,               -- where it is from, in words
    sha256 bytea not null,              -- of the file
    entries bigint not null,
    written_by text not null,           -- party id; 'file' for a command on the machine
    clerk text,
    reason text not null,
    recorded_at bigint not null,
    primary key (list, version)
);
create table nomenclature_entry (
    list text not null,
    version text not null,
    code text not null,
    ro text not null,
    en text,
    kind text,
    parent text,                        -- code of the parent, in this list or, for streets, in siruta
    valid_from text,                    -- first day, null: open
    valid_to text,                      -- last day, null: open
    folded text not null,               -- the meaning without diacritics, in small letters
    primary key (list, version, code)
);
create index nomenclature_entry_parent on nomenclature_entry (list, version, parent, code);

create trigger person_version_append_only before update or delete on person_version
    for each row execute function refuse_change();
create trigger person_version_no_truncate before truncate on person_version
    for each statement execute function refuse_change();
create trigger person_unmasking_append_only before update or delete on person_unmasking
    for each row execute function refuse_change();
create trigger person_unmasking_no_truncate before truncate on person_unmasking
    for each statement execute function refuse_change();
create trigger person_validation_append_only before update or delete on person_validation
    for each row execute function refuse_change();
create trigger person_validation_no_truncate before truncate on person_validation
    for each statement execute function refuse_change();
create trigger nomenclature_version_append_only before update or delete on nomenclature_version
    for each row execute function refuse_change();
create trigger nomenclature_version_no_truncate before truncate on nomenclature_version
    for each statement execute function refuse_change();
create trigger nomenclature_entry_append_only before update or delete on nomenclature_entry
    for each row execute function refuse_change();
create trigger nomenclature_entry_no_truncate before truncate on nomenclature_entry
    for each statement execute function refuse_change();
