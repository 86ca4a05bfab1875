-- Registers: entries without a message, linked into chains; acts on entries; parties apart from entries.
-- A register whose numbers run on from year to year has a row of its own in register_series with the year 0.

alter table register_series add column link bytea; -- newest link of the chain; null: no number since entries are linked
alter table register_series add column latest_at bigint; -- moment of the newest number; null as link
alter table register_series add column first bigint; -- first number of the year; null: 1
alter table register_series add column closed_at bigint; -- from then on no number is given; null: open

alter table register_entry alter column message_id drop not null; -- null for what came or left outside the hub
alter table register_entry add column kind text not null default 'document'; -- document | reserved | allocated
alter table register_entry add column shown text; -- the number as the register writes it; null in entries of releases before: the number alone
alter table register_entry add column author text; -- pseudonym of the clerk; null where the hub registered by itself
alter table register_entry add column unit text; -- unit it was assigned to, or for which the number is kept
alter table register_entry add column correspondent bytea; -- register_party.id of issuer or addressee
alter table register_entry add column duplicate_key bytea; -- SHA-256 of external number, external date and issuer; null where one is missing
alter table register_entry add column content_sha256 bytea; -- SHA-256 of the document, where the clerk's system or the message gave it
alter table register_entry add column searched text; -- the subject folded for search; null in entries of releases before
alter table register_entry add column document text; -- JSON, canonical: the entry as first recorded; null in entries of releases before
alter table register_entry add column salt bytea; -- 16 bytes; null as document
alter table register_entry add column digest bytea; -- SHA-256 of salt and document; null as document
alter table register_entry add column link bytea; -- link of the register's chain; null as document
create index register_entry_message on register_entry (message_id);
create index register_entry_shown on register_entry (party, register, year, shown);
create index register_entry_duplicate on register_entry (party, duplicate_key) where duplicate_key is not null;
create index register_entry_content on register_entry (party, content_sha256) where content_sha256 is not null;
create index register_entry_correspondent on register_entry (party, correspondent) where correspondent is not null;

-- What happened to an entry after it was recorded: appended, never changed.
create table register_act (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    act_number bigint not null,         -- from 1, without gaps
    act text not null,                  -- corrected | filled | assigned | annulled ...: the word of the stage that records it
    at bigint not null,
    author text not null,               -- JSON: clerk and unit, or the hub itself
    content text not null,              -- JSON, canonical: the whole act as its link covers it, old and new values in it
    salt bytea not null,
    link bytea not null,                -- link of the entry's chain of acts
    primary key (party, register, year, number, act_number)
);

-- How an entry stands: one row for each that has acts or is kept for later. Everything in it follows from entry and acts.
create table register_state (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    acts bigint not null,               -- how many there are
    link bytea not null,                -- of the newest act; the entry's digest where there is none
    status text not null,               -- reserved | registered | assigned | in_progress | waiting_approval | resolved | rejected | filed | annulled
    subject text not null,              -- as it stands
    searched text not null,             -- the subject folded for search
    particulars text not null,          -- JSON: as they stand
    unit text,                          -- unit that has it; null: nobody was named
    person text,                        -- pseudonym of the clerk that has it
    direction text,                     -- in | out | internal: of a kept number that was filled; null: as the entry
    correspondent bytea,                -- register_party.id as it stands
    duplicate_key bytea,                -- as in register_entry, of a kept number that was filled
    content_sha256 bytea,               -- as duplicate_key
    pending text,                       -- act that waits for a second person; null: none
    pending_by text,                    -- clerk who proposed it
    changed_at bigint not null,
    primary key (party, register, year, number)
);
create index register_state_status on register_state (party, register, status, year, number);
create index register_state_duplicate on register_state (party, duplicate_key) where duplicate_key is not null;
create index register_state_content on register_state (party, content_sha256) where content_sha256 is not null;
create index register_state_unit on register_state (party, unit, status);

-- Which number answers, belongs to, replaces or repeats which: one row each way it was said, never taken back.
create table register_connection (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    relation text not null,             -- answers | connected_to | duplicate_of | replaced_by
    to_register text not null,
    to_year bigint not null,
    to_number bigint not null,
    primary key (party, register, year, number, relation, to_register, to_year, to_number)
);
create index register_connection_to on register_connection (party, to_register, to_year, to_number);

-- Issuers and addressees of an institution, apart from the entries that name them, so that a person can be made
-- unrecognisable while the entries stay.
create table register_party (
    id bytea primary key,
    party text not null,                -- institution whose register it is
    kind text not null,                 -- person | company | institution
    name text,                          -- null once anonymised
    searched text,                      -- name folded for search; null once anonymised
    identifier_kind text,               -- cnp | cui | other
    identifier text,                    -- null where unknown, or once anonymised
    address text,                       -- JSON; null where unknown, or once anonymised
    recorded_at bigint not null,
    anonymised_at bigint                -- null before
);
create index register_party_search on register_party (party, searched);
create index register_party_identifier on register_party (party, identifier_kind, identifier);

-- Answers given to requests with an idempotency key: the same key gets the same numbers again.
create table register_request (
    party text not null,
    idempotency_key text not null,
    content_sha256 bytea not null,      -- of the request
    register text not null,
    year bigint not null,
    first bigint not null,              -- first number it got
    last bigint not null,
    warnings text not null,             -- JSON list: what the answer warned of
    at bigint not null,
    primary key (party, idempotency_key)
);

create trigger register_act_append_only before update or delete on register_act
    for each row execute function refuse_change();
create trigger register_act_no_truncate before truncate on register_act
    for each statement execute function refuse_change();
