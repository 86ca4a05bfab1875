-- The road of a message. Times are UTC microseconds, ids are 16 bytes, hashes 32 bytes, JSON is text.

-- Parties, systems, channels, agreements and competences: every version is kept, the newest is in force.
create table directory_entry (
    kind text not null,                 -- party | system | channel | agreement | competence
    id text not null,
    version bigint not null,
    document text not null,             -- JSON; {"withdrawn":true} takes the entry out of force
    recorded_at bigint not null,
    primary key (kind, id, version)
);

create table message (
    id bytea primary key,               -- the hub's own id
    sender text not null,               -- party id
    idempotency_key text not null,      -- the sender's own id for this sending
    content_hash bytea not null,        -- over envelope and parts; the same key with another hash is a conflict
    document_type text not null,
    document_version text not null,
    state text not null,                -- accepted | routed | completed
    envelope text not null,             -- JSON, as validated
    submitted_at bigint not null,
    sender_registration text not null,  -- JSON: register, number, date
    authentication text not null,       -- JSON: method, assurance
    constraint message_sender_key unique (sender, idempotency_key)
);

create table payload (
    message_id bytea not null,
    position bigint not null,           -- 0 is the body
    name text not null,
    role text not null,                 -- body, or a role of the document type
    content_type text not null,
    size bigint not null,
    sha256 bytea not null,
    content bytea,                      -- null when the bytes are in the blob store or erased
    primary key (message_id, position)
);

create table delivery (
    id bytea primary key,
    message_id bytea not null,
    position bigint not null,           -- 1 is the first recipient of the envelope
    recipient text not null,            -- party id
    state text not null,                -- see delivery/model.rs
    reason text,                        -- why it is in this state, in words
    route text not null,                -- JSON: unit, channel, rule, version, facts
    attempts bigint not null,
    due_at bigint,                      -- the next act, null when final
    receipt text,                       -- the target's own reference
    recipient_registration text,        -- JSON: register, number, date
    changed_at bigint not null,
    constraint delivery_recipient unique (message_id, position)
);
create index delivery_inbox on delivery (recipient, state, changed_at);

-- What was sent in place of what was received (eIDAS art. 44(1)(e)): kept and disclosed.
create table translation (
    delivery_id bytea primary key,
    mapping text not null,
    mapping_version text not null,
    source_sha256 bytea not null,
    target_sha256 bytea not null,
    content_type text not null,
    content bytea not null
);

create table attempt (
    delivery_id bytea not null,
    number bigint not null,
    act text not null,                  -- deliver | inquire
    started_at bigint not null,
    finished_at bigint,                 -- null while under way, or when the hub fell during it
    outcome text,                       -- delivered | refused | unavailable | unknown | absent
    reason text,
    status bigint,
    sent_sha256 bytea,
    primary key (delivery_id, number)
) without rowid;

-- One counter per institution, register and year. Numbers are taken in the transaction that shows them: no gaps.
create table register_series (
    party text not null,
    register text not null,
    year bigint not null,
    next bigint not null,
    primary key (party, register, year)
) without rowid;

create table register_entry (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    direction text not null,            -- in | out
    message_id bytea not null,
    delivery_id bytea,                  -- for entries of a recipient
    counterpart text not null,          -- party id of the other side
    counterpart_registration text,      -- JSON: the other side's register, number, date
    subject text not null,
    recorded_at bigint not null,
    primary key (party, register, year, number)
) without rowid;

create table evidence (
    sequence integer primary key autoincrement,
    id bytea not null,
    message_id bytea not null,
    delivery_id bytea,
    event text not null,                -- name of the event, EN 319 522-1 table 1
    event_time bigint not null,
    document text not null,             -- the sealed XML, byte for byte
    sha256 bytea not null
);
create index evidence_message on evidence (message_id, sequence);

-- A submission that was refused: only this and its evidence remain.
create table rejection (
    message_id bytea primary key,
    sender text not null,
    reason text not null,               -- problem code
    violations text not null,           -- JSON list
    rejected_at bigint not null
);

-- What must be done next. A claimed job comes due again when its lease ends, so nothing is forgotten.
create table job (
    subject bytea primary key,          -- a message to route, a delivery to deliver or to expire; one job each
    kind text not null,                 -- route | deliver | expire
    due_at bigint not null,             -- also the end of the lease
    claims bigint not null
) without rowid;
create index job_due on job (due_at);

-- Evidence and register entries are appended, never changed.
create trigger evidence_no_update before update on evidence
begin select raise(abort, 'evidence is appended, never changed'); end;
create trigger evidence_no_delete before delete on evidence
begin select raise(abort, 'evidence is appended, never deleted'); end;
create trigger register_entry_no_update before update on register_entry
begin select raise(abort, 'register entries are appended, never changed'); end;
create trigger register_entry_no_delete before delete on register_entry
begin select raise(abort, 'register entries are appended, never deleted'); end;
