-- The closing of years, and registers kept before the hub.

-- A closing that one clerk drew up and another has not approved yet.
create table register_closing_proposal (
    party text not null,
    register text not null,
    year bigint not null,
    author text not null,               -- pseudonym of the clerk
    strike_unused bigint not null,      -- 1: numbers kept and never used are to be struck out
    proposed_at bigint not null,
    primary key (party, register, year)
);

-- The act that closed a year: appended, never changed.
create table register_closing (
    party text not null,
    register text not null,
    year bigint not null,
    id bytea not null,
    closed_at bigint not null,
    author text not null,               -- pseudonym of the clerk who drew it up
    approver text not null,             -- pseudonym of the clerk who approved it
    salt bytea not null,                -- 16 bytes: binds both to the document, which names nobody
    document text not null,             -- the sealed XML
    sha256 bytea not null,              -- of the document
    acts text not null,                 -- JSON: [number, acts it had then], where it had any
    primary key (party, register, year)
);
create trigger register_closing_append_only before update or delete on register_closing
    for each row execute function refuse_change();
create trigger register_closing_no_truncate before truncate on register_closing
    for each statement execute function refuse_change();

-- An import of an old register: what was sent, and by whom.
create table register_import (
    id bytea primary key,
    party text not null,
    register text not null,
    year bigint not null,
    author text not null,               -- JSON: clerk and unit
    file_sha256 bytea not null,
    continuation bigint not null,       -- 1: its rows were numbered by the hub with their own numbers
    taken bigint not null,              -- rows it added
    imported_at bigint not null
);

-- Rows of registers kept before the hub, under the numbers they had there. They were never numbered by the hub: no link,
-- no digest, no place in a series.
create table register_old_entry (
    party text not null,
    register text not null,
    year bigint not null,
    number text not null,               -- as it was written, such as 12 bis
    ordinal bigint not null,            -- the number by which it is sorted; 0 where it has none
    registered_on text not null,        -- civil date, ISO
    record text not null,               -- JSON: the row
    searched text not null,             -- the subject folded for search
    content_sha256 bytea not null,      -- of the row, so that the same row is known again
    import_id bytea not null,
    primary key (party, register, year, number)
);
create index register_old_entry_order on register_old_entry (party, register, year, ordinal, number);
