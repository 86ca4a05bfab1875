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
);
create index register_content_sha256 on register_content (sha256);
create trigger register_content_no_delete before delete on register_content
    for each row execute function refuse_change();
create trigger register_content_no_truncate before truncate on register_content
    for each statement execute function refuse_change();

-- What is filed is a message, or an entry without one.
alter table archive_filing alter column message_id drop not null;
alter table archive_filing add column register text; -- the entry; null for a message
alter table archive_filing add column year bigint;
alter table archive_filing add column number bigint;
alter table archive_filing add column place text; -- where the original on paper lies, as a clerk said it; null: as the unit and the dossier
alter table archive_filing add constraint archive_filing_entry unique (party, register, year, number);

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
);
create trigger archive_conversion_append_only before update or delete on archive_conversion
    for each row execute function refuse_change();
create trigger archive_conversion_no_truncate before truncate on archive_conversion
    for each statement execute function refuse_change();

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
);

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
);
create index archive_look_message_due on archive_look_message (due_at);
create index archive_look_entry_due on archive_look_entry (due_at);

create function note_look_message() returns trigger language plpgsql as $$
begin
    insert into archive_look_message as l (message_id, mark, due_at)
    select new.message_id, 1, 0 from message m where m.id = new.message_id and m.archived_at is not null
    on conflict (message_id) do update set mark = l.mark + 1, due_at = 0;
    return null;
end
$$;
create trigger archive_look_by_evidence after insert on evidence
    for each row execute function note_look_message();
create trigger archive_look_by_received after insert on received_evidence
    for each row execute function note_look_message();
create function note_look_batch() returns trigger language plpgsql as $$
begin
    insert into archive_look_batch as l (batch, after, mark) values (new.batch, -1, 1)
    on conflict (batch) do update set mark = l.mark + 1, after = -1;
    return null;
end
$$;
create trigger archive_look_by_stamp after insert on preservation_stamp
    for each row execute function note_look_batch();
create function note_look_entry() returns trigger language plpgsql as $$
begin
    insert into archive_look_entry as l (party, register, year, number, mark, due_at)
    select new.party, new.register, new.year, new.number, 1, 0 from register_entry e
    where e.party = new.party and e.register = new.register and e.year = new.year and e.number = new.number
    and e.message_id is null
    on conflict (party, register, year, number) do update set mark = l.mark + 1, due_at = 0;
    return null;
end
$$;
create trigger archive_look_by_act after insert on register_act
    for each row execute function note_look_entry();
