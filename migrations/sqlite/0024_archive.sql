-- Content of entries that came over the counter and their filing, additions to what is filed, confirmation of
-- nomenclators by two clerks, and copies for keeping.

-- What was scanned or came with an entry that has no message. Nothing of a row changes but that its bytes go.
create table register_content (
    id bytea primary key,
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    position bigint not null,           -- from 1 within the entry
    name text not null,                 -- as the clerk's system named it
    content_type text not null,         -- as the clerk's system said it
    size bigint not null,
    sha256 bytea not null,
    content bytea,                      -- the bytes, up to 64 KiB; null: a file of the blob store, or destroyed
    pages bigint not null,
    finding text,                       -- protected | damaged | not_pdf; null: nothing was found
    told text,                          -- the finding in words; null as finding
    author text not null,               -- JSON: clerk and unit
    recorded_at bigint not null,
    erased_at bigint,                   -- when the bytes were destroyed by a selection; null before
    constraint register_content_place unique (party, register, year, number, position)
) without rowid;
create index register_content_sha256 on register_content (sha256);
create trigger register_content_no_delete before delete on register_content
begin select raise(abort, 'contents are appended, never deleted'); end;

-- SQLite cannot make a column nullable: the table is written anew, row by row as it was.
create table archive_filing_anew (
    id bytea primary key,
    party text not null,
    message_id bytea,                   -- null for an entry without a message
    register text,                      -- the entry; null for a message
    year bigint,
    number bigint,
    state text not null,                -- waiting | unclassified | filed
    reason text,                        -- why it is not filed yet
    code text,                          -- as a clerk classified it; null: by entry and rules
    place text,                         -- where the original on paper lies, as a clerk said it; null: as the unit and the dossier
    dossier bytea,                      -- null before it is filed
    due_at bigint not null,
    filed_at bigint,
    constraint archive_filing_once unique (message_id, party),
    constraint archive_filing_entry unique (party, register, year, number)
) without rowid;
insert into archive_filing_anew (id, party, message_id, state, reason, code, dossier, due_at, filed_at)
    select id, party, message_id, state, reason, code, dossier, due_at, filed_at from archive_filing;
drop table archive_filing;
alter table archive_filing_anew rename to archive_filing;
create index archive_filing_due on archive_filing (state, due_at);
create index archive_filing_party on archive_filing (party, state, id);

alter table archive_document add column addition bigint; -- from 1 within the filing; null: filed with it
alter table archive_document add column copy_of bytea; -- the document it is a copy for keeping of; null: no copy
alter table archive_document add column conversion_due bigint; -- when a copy for keeping is made or tried again; null: nothing to do
create index archive_document_filing on archive_document (filing, role);
create index archive_document_conversion on archive_document (conversion_due) where conversion_due is not null;

-- What became of making a copy for keeping (PDF/A) of a document, appended.
create table archive_conversion (
    document bytea not null,            -- the original, which is not changed
    number bigint not null,             -- from 1 per document; more than one where it was tried again
    party text not null,
    outcome text not null,              -- copied | kept | failed
    reason text not null,               -- the word of the finding; copied where there is a copy
    told text not null,                 -- in words, Romanian
    source_sha256 bytea not null,
    copy bytea,                         -- archive_document.id of the copy; null where there is none
    copy_sha256 bytea,                  -- null as copy
    software text not null,             -- with its version; empty where none was there
    at bigint not null,
    primary key (document, number)
) without rowid;
create trigger archive_conversion_no_update before update on archive_conversion
begin select raise(abort, 'conversions are appended, never changed'); end;
create trigger archive_conversion_no_delete before delete on archive_conversion
begin select raise(abort, 'conversions are appended, never deleted'); end;

-- Confirmation data of a nomenclator given after its import: proposed by one clerk, decided by another. The newest that
-- was approved stands in archive_nomenclator.
create table archive_nomenclator_confirmation (
    party text not null,
    version bigint not null,
    position bigint not null,           -- from 1 within the version
    content text not null,              -- JSON: approval and confirmation, each number and date; the service
    previous text not null,             -- JSON: what stood there when it was proposed
    proposed_by text not null,          -- pseudonym of the clerk
    proposed_at bigint not null,
    decision text,                      -- approved | refused; null while it waits
    decided_by text,
    decided_at bigint,
    reason text,                        -- of a refusal
    primary key (party, version, position)
) without rowid;

-- What the archivist looks at again: messages that are filed and of which evidence came after, with batches of preserved
-- evidence whose stamp is new, and entries without a message to which something happened.
create table archive_look_message (
    message_id bytea primary key,
    mark bigint not null,               -- counts up, so that what came while it was looked at is not lost
    due_at bigint not null
);
create table archive_look_batch (
    batch bigint primary key,           -- preservation_batch.number
    after bigint not null,              -- leaves of the log up to this one were looked at
    mark bigint not null
);
create table archive_look_entry (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    mark bigint not null,
    due_at bigint not null,
    primary key (party, register, year, number)
) without rowid;
create index archive_look_message_due on archive_look_message (due_at);
create index archive_look_entry_due on archive_look_entry (due_at);

create trigger archive_look_by_evidence after insert on evidence
when exists (select 1 from message m where m.id = new.message_id and m.archived_at is not null)
begin
    insert into archive_look_message (message_id, mark, due_at) values (new.message_id, 1, 0)
    on conflict (message_id) do update set mark = mark + 1, due_at = 0;
end;
create trigger archive_look_by_received after insert on received_evidence
when exists (select 1 from message m where m.id = new.message_id and m.archived_at is not null)
begin
    insert into archive_look_message (message_id, mark, due_at) values (new.message_id, 1, 0)
    on conflict (message_id) do update set mark = mark + 1, due_at = 0;
end;
create trigger archive_look_by_stamp after insert on preservation_stamp
begin
    insert into archive_look_batch (batch, after, mark) values (new.batch, -1, 1)
    on conflict (batch) do update set mark = mark + 1, after = -1;
end;
create trigger archive_look_by_act after insert on register_act
when exists (select 1 from register_entry e where e.party = new.party and e.register = new.register
             and e.year = new.year and e.number = new.number and e.message_id is null)
begin
    insert into archive_look_entry (party, register, year, number, mark, due_at)
    values (new.party, new.register, new.year, new.number, 1, 0)
    on conflict (party, register, year, number) do update set mark = mark + 1, due_at = 0;
end;
