-- The vault's examination and the search: what is found, what is wrong, how far each has come.
-- Nothing here is written while a document is registered, but for the note that an entry changed.

-- How far the examination of the vault has come. One row.
create table vault_examination (
    id bigint primary key constraint vault_examination_one check (id = 1),
    after text not null,                -- place of the blob examined last; empty: before the first
    began_at bigint not null,           -- of this pass; 0: none yet
    ended_at bigint not null,           -- of the pass before; 0: none yet
    blobs bigint not null,              -- examined in this pass
    bytes bigint not null               -- checked in this pass
);
insert into vault_examination (id, after, began_at, ended_at, blobs, bytes) values (1, '', 0, 0, 0, 0);

-- Blobs that were not as they were, by store. One that was not mended is open until somebody acts, or until it is sound
-- again.
create table vault_finding (
    name text not null,                 -- of the blob in the stores: keyed, not its SHA-256
    store text not null,                -- name of the store
    flaw text not null,                 -- key_missing | key_damaged | master_key_missing | missing | damaged
    told text not null,                 -- what was found, in words
    sha256 bytea,                       -- of the plain bytes; null where no copy of its key opens
    first_at bigint not null,           -- first found
    last_at bigint not null,            -- last found
    mended_at bigint,                   -- null: not mended
    closed_at bigint,                   -- null: somebody must act
    closed_by text,                     -- clerk or operator; null where it was mended or is sound again
    note text,                          -- what was done; null as closed_by
    primary key (name, store)
) without rowid;
create index vault_finding_open on vault_finding (closed_at, last_at);

-- What can be found: entries of registers and documents of the archive, numbered per institution in the order they
-- became known. All of it follows from other tables and can be made anew.
create table search_item (
    party text not null,
    position bigint not null,           -- from 0; the newest has the highest
    thing text not null,                -- entry/<register>/<year>/<number> | document/<id>
    shown text not null,                -- JSON: what a list of hits shows
    terms text not null,                -- what it is found by, between blanks
    primary key (party, position),
    constraint search_item_thing unique (party, thing)
) without rowid;

-- Which items have a term: one bit each, 16,384 items in a block.
create table search_term (
    party text not null,
    term text not null,                 -- .<word> | *<first two to six letters of a word> | =<name>:<value>
    block bigint not null,              -- position / 16384
    bits bytea not null,                -- up to 1,023 items: their places as u16, little endian; more: a bitmap of 2,048 bytes
    primary key (party, term, block)
) without rowid;

-- The next position of an institution.
create table search_party (
    party text primary key,
    next bigint not null
) without rowid;

-- How far each series of a register was followed.
create table search_series (
    party text not null,
    register text not null,
    year bigint not null,
    next bigint not null,               -- numbers below are followed
    primary key (party, register, year)
) without rowid;

-- Entries that changed since they were followed.
create table search_changed (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    mark bigint not null,               -- changes each time; what is followed is removed only as it was read
    primary key (party, register, year, number)
) without rowid;

-- Counts what the follower wrote: a batch is made for one turn and taken at no other. One row.
create table search_turn (
    id bigint primary key constraint search_turn_one check (id = 1),
    turn bigint not null
);
insert into search_turn (id, turn) values (1, 0);

-- Documents of the archive that were filed or destroyed since they were followed.
create table search_filed (
    document bytea primary key,         -- archive_document.id
    mark bigint not null                -- as in search_changed
);

create trigger search_changed_by_act after insert on register_act
begin
    insert into search_changed (party, register, year, number, mark)
    values (new.party, new.register, new.year, new.number, 1)
    on conflict (party, register, year, number) do update set mark = mark + 1;
end;
-- A name that may no longer be recognised is no longer found by it.
create trigger search_changed_by_party after update on register_party
begin
    insert into search_changed (party, register, year, number, mark)
    select e.party, e.register, e.year, e.number, 1 from register_entry e
    where e.party = new.party and e.correspondent = new.id
    on conflict (party, register, year, number) do update set mark = mark + 1;
end;

create trigger search_filed_by_archive after insert on archive_document
begin
    insert into search_filed (document, mark) values (new.id, 1)
    on conflict (document) do update set mark = mark + 1;
end;
create trigger search_filed_by_change after update on archive_document
begin
    insert into search_filed (document, mark) values (new.id, 1)
    on conflict (document) do update set mark = mark + 1;
end;
