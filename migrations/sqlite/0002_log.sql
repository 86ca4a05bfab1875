-- The log nobody can rewrite: every evidence is a leaf of one growing tree (RFC 9162, section 2.1), and the heads of the
-- tree are signed and time-stamped. Nothing here is written while a document is accepted.

-- One row for each evidence, in the order in which they were logged.
create table log_leaf (
    position integer primary key,       -- number of the leaf, from 0, without gaps
    evidence_sequence bigint not null,  -- the evidence, by its sequence
    salt bytea,                         -- 32 random bytes; null once erased, which leaves the tree provable
    hash bytea not null,                -- H(0x00 || salt || evidence.sha256)
    constraint log_leaf_evidence unique (evidence_sequence)
);

-- Roots of complete subtrees. Only every fourth level is kept: those between are recomputed from at most eight rows.
create table log_node (
    level bigint not null,              -- 4, 8, 12 …; level 0 are the leaves
    position bigint not null,           -- number of the node on its level, from 0
    hash bytea not null,
    primary key (level, position)
) without rowid;

-- What the log said of itself, and when.
create table log_head (
    size integer primary key,           -- leaves in the tree
    root bytea not null,
    made_at bigint not null,
    checkpoint text not null            -- C2SP tlog-checkpoint, signed by the log's key
);

-- Time-stamps of heads; a stamp covers everything under its head, so not every head has one.
create table log_stamp (
    size integer primary key,           -- the head
    token bytea not null,               -- RFC 3161 token, DER; its imprint is SHA-256 of the checkpoint's signed text
    authority text not null,            -- subject of the authority's certificate
    stamped_at bigint not null,         -- genTime of the token
    recorded_at bigint not null
);

-- What witnesses signed of a head.
create table log_cosignature (
    size bigint not null,               -- the head
    witness text not null,              -- verifier key: name+id+base64
    signed_at bigint not null,          -- by the clock of the witness
    line text not null,                 -- the signature line of the note
    recorded_at bigint not null,
    primary key (size, witness)
) without rowid;

-- Who keeps the log now, and how far it has looked. One row, which changes.
create table log_keeper (
    id integer primary key constraint log_keeper_one check (id = 1),
    holder bytea,                       -- the node that keeps; null before the first
    held_until bigint not null,         -- end of its lease
    watermark bigint not null           -- every evidence up to this sequence that was ever committed is in the log
);
insert into log_keeper (id, holder, held_until, watermark) values (1, null, 0, 0);

-- The log is appended. The one change that is let through: a salt is erased.
create trigger log_leaf_only_erasure before update on log_leaf
when new.salt is not null or old.salt is null or new.position <> old.position
    or new.evidence_sequence <> old.evidence_sequence or new.hash <> old.hash
begin select raise(abort, 'log_leaf is appended; only a salt may be erased'); end;
create trigger log_leaf_no_delete before delete on log_leaf
begin select raise(abort, 'log_leaf is appended, never deleted'); end;
create trigger log_node_no_update before update on log_node
begin select raise(abort, 'log_node is appended, never changed'); end;
create trigger log_node_no_delete before delete on log_node
begin select raise(abort, 'log_node is appended, never deleted'); end;
create trigger log_head_no_update before update on log_head
begin select raise(abort, 'log_head is appended, never changed'); end;
create trigger log_head_no_delete before delete on log_head
begin select raise(abort, 'log_head is appended, never deleted'); end;
create trigger log_stamp_no_update before update on log_stamp
begin select raise(abort, 'log_stamp is appended, never changed'); end;
create trigger log_stamp_no_delete before delete on log_stamp
begin select raise(abort, 'log_stamp is appended, never deleted'); end;
create trigger log_cosignature_no_update before update on log_cosignature
begin select raise(abort, 'log_cosignature is appended, never changed'); end;
create trigger log_cosignature_no_delete before delete on log_cosignature
begin select raise(abort, 'log_cosignature is appended, never deleted'); end;
