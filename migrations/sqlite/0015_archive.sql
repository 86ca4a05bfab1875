-- The archive of institutions: nomenclators, dossiers, what is filed in them, hand-over, holds, selection and destruction.

-- One row per institution that keeps an archive here. Whoever changes anything of it holds this row.
create table archive_office (
    party text primary key,
    next_document bigint not null       -- number of the next archived document: part of its unique identifier
) without rowid;

-- Answers given to requests with an idempotency key: the same key gets the same answer again.
create table archive_request (
    party text not null,
    idempotency_key text not null,
    content_sha256 bytea not null,      -- of the request
    answer text not null,               -- JSON
    at bigint not null,
    primary key (party, idempotency_key)
) without rowid;

-- Versions of the nomenclator of an institution (Law 16/1996, annex 1).
create table archive_nomenclator (
    party text not null,
    version bigint not null,            -- from 1
    valid_from text not null,           -- date; a version is in force until the next begins
    valid_to text,                      -- last day in force; null: until the next begins
    approval_number text not null,      -- of the order or decision of the head
    approval_date text not null,
    confirmation_number text,           -- of the county service of the National Archives; null before
    confirmation_date text,
    confirmed_by text,                  -- the service that confirmed it
    archive_unit text,                  -- id of the unit that keeps the archive; null: nobody in particular
    author text not null,               -- pseudonym of the clerk that imported it
    recorded_at bigint not null,
    primary key (party, version)
) without rowid;

-- Groups of dossiers: the rows of a nomenclator.
create table archive_group (
    party text not null,
    version bigint not null,
    code text not null,                 -- indicativ: I/A/1
    direction text not null,            -- name of the direction
    service text not null,              -- name of the service
    title text not null,                -- brief content of the dossiers
    years bigint,                       -- retention term; null: permanent
    commission bigint not null,         -- 1: C.S., the selection commission may keep them for longer
    remarks text,
    units text not null,                -- JSON list of unit ids that see its dossiers; empty: all
    primary key (party, version, code)
) without rowid;

-- What is filed where: the first rule that fits.
create table archive_rule (
    party text not null,
    version bigint not null,
    position bigint not null,
    code text not null,
    document_type text,                 -- null: any
    register text,                      -- null: any
    direction text,                     -- in | out; null: any
    primary key (party, version, position)
) without rowid;

-- Dossiers: institution, year, code, volume.
create table archive_dossier (
    id bytea primary key,
    party text not null,
    year bigint not null,
    code text not null,
    volume bigint not null,             -- from 1
    version bigint not null,            -- of the nomenclator in force when it was opened
    title text not null,                -- as the nomenclator had it then
    years bigint,                       -- term as the nomenclator had it then; null: permanent
    commission bigint not null,         -- 1: C.S.
    units text not null,                -- JSON list of unit ids that see it; empty: all
    state text not null,                -- open | closed | inventoried | handed_over | selected | destroyed | kept
    pages bigint not null,
    documents bigint not null,
    size bigint not null,               -- bytes
    first_date text,                    -- extreme dates of what is in it; null while empty
    last_date text,
    due_year bigint,                    -- from 1 January of this year on its term is over; null: permanent
    inventory bytea,                    -- null before it was inventoried
    position bigint,                    -- number in the inventory
    selection bytea,                    -- null unless it is in one
    opened_at bigint not null,
    changed_at bigint not null,
    constraint archive_dossier_key unique (party, year, code, volume)
) without rowid;
create index archive_dossier_state on archive_dossier (party, state, year);
create index archive_dossier_due on archive_dossier (party, state, due_year, id);
create index archive_dossier_selection on archive_dossier (selection, state);

-- Who did what about dossiers, inventories, selections and holds, appended.
create table archive_act (
    party text not null,
    number bigint not null,             -- from 1, one series per institution
    subject bytea not null,             -- dossier, inventory, selection or hold
    act text not null,
    at bigint not null,
    author text not null,               -- pseudonym of the clerk; hub
    content text not null,              -- JSON
    primary key (party, number)
) without rowid;
create index archive_act_subject on archive_act (subject, number);

-- What is filed. The bytes are in the vault under their SHA-256.
create table archive_document (
    id bytea primary key,
    party text not null,
    identifier text not null,           -- unique identifier in the archive (Law 135/2007)
    dossier bytea not null,
    position bigint not null,           -- in the dossier, from 1
    filing bytea not null,
    role text not null,                 -- document | evidence | validation
    name text not null,
    content_type text not null,
    size bigint not null,
    pages bigint not null,
    sha256 bytea not null,
    message_id bytea,                   -- null for what came outside the hub
    payload bigint,                     -- position among the payloads of the message; null for evidence and validation data
    sheet text not null,                -- JSON: the 13 elements
    archived_at bigint not null,
    erased_at bigint,                   -- when its bytes were destroyed; null before
    constraint archive_document_once unique (filing, role, name),
    constraint archive_document_identifier unique (party, identifier)
) without rowid;
create index archive_document_dossier on archive_document (dossier, position);
create index archive_document_left on archive_document (dossier, position) where erased_at is null;
create index archive_document_content on archive_document (sha256);
create index archive_document_message on archive_document (message_id);

-- What must be filed, and what was: one row for each message and institution.
create table archive_filing (
    id bytea primary key,
    party text not null,
    message_id bytea not null,
    state text not null,                -- waiting | unclassified | filed
    reason text,                        -- why it is not filed yet
    code text,                          -- as a clerk classified it; null: by entry and rules
    dossier bytea,                      -- null before it is filed
    due_at bigint not null,
    filed_at bigint,
    constraint archive_filing_once unique (message_id, party)
) without rowid;
create index archive_filing_due on archive_filing (state, due_at);
create index archive_filing_party on archive_filing (party, state, id);

-- Inventories (Law 16/1996, annex 2) and the hand-over of what is in them.
create table archive_inventory (
    id bytea primary key,
    party text not null,
    number bigint not null,             -- per institution and year of making
    unit text,                          -- null: the whole institution
    year bigint not null,               -- of the dossiers
    retention text not null,            -- permanent | temporary
    lines text not null,                -- JSON: dossiers as they were
    left_open text not null,            -- JSON: codes left because not closed
    made_at bigint not null,
    author text not null,
    handed_over_at bigint,              -- null before
    minutes text,                       -- JSON: number, date, who handed over and who received; null before
    constraint archive_inventory_number unique (party, year, number)
) without rowid;

-- Legal holds: what fits is not destroyed while one is not released.
create table archive_hold (
    id bytea primary key,
    party text not null,
    dossier bytea,                      -- null: any
    code text,                          -- null: any
    year bigint,                        -- null: any
    reason text not null,
    basis text not null,
    placed_at bigint not null,
    author text not null,
    released_at bigint,                 -- null while it holds
    released_by text,
    release_reason text
) without rowid;
create index archive_hold_party on archive_hold (party, released_at);

-- Selections: minutes of the commission, confirmation, destruction.
create table archive_selection (
    id bytea primary key,
    party text not null,
    number text not null,               -- of the minutes
    date text not null,                 -- of the minutes
    members text not null,              -- JSON
    decisions text not null,            -- JSON: dossiers with what was decided
    state text not null,                -- proposed | confirmed | destroying | ended
    author text not null,
    made_at bigint not null,
    confirmation text,                  -- JSON: number, date, service; null before
    asked_by text,                      -- clerk that asked for destruction; null before
    asked_at bigint,
    approved_by text,                   -- the second one
    approved_at bigint,
    ended_at bigint,                    -- moment of the destruction proof
    proof text,                         -- sealed XML; null before
    proof_sha256 bytea,
    constraint archive_selection_number unique (party, number, date)
) without rowid;
create index archive_selection_state on archive_selection (state, id);

-- Who read which archived document, appended.
create table archive_access (
    party text not null,
    document bytea not null,
    at bigint not null,
    author text not null,
    number bigint not null,             -- from 1 per document
    primary key (document, number)
) without rowid;

alter table message add column archived_at bigint; -- when its filing was taken up; null before
create index message_unfiled on message (id) where state = 'completed' and archived_at is null;
alter table payload add column erased_at bigint; -- when the bytes were destroyed by a selection; null before
alter table translation add column erased_at bigint; -- the same
create index payload_sha256 on payload (sha256);

create trigger archive_act_no_update before update on archive_act
begin select raise(abort, 'acts are appended, never changed'); end;
create trigger archive_act_no_delete before delete on archive_act
begin select raise(abort, 'acts are appended, never deleted'); end;
create trigger archive_access_no_update before update on archive_access
begin select raise(abort, 'accesses are appended, never changed'); end;
create trigger archive_access_no_delete before delete on archive_access
begin select raise(abort, 'accesses are appended, never deleted'); end;
