-- Preservation (RFC 4998): evidence is gathered in batches, a time-stamp over the hash tree of each batch proves when it
-- existed, and renewals carry that proof past the end of certificates and algorithms. No tree is kept for an evidence: its
-- own record is computed from the digests of its batch.

-- Runs of leaves of the log, one after the other without gaps: every logged evidence falls into exactly one.
create table preservation_batch (
    number integer primary key,         -- from 0, without gaps
    first_leaf bigint not null,         -- log_leaf.position
    last_leaf bigint not null,          -- log_leaf.position
    leaves bigint not null,
    closed_at bigint not null,
    constraint preservation_batch_first unique (first_leaf),
    constraint preservation_batch_run check (first_leaf >= 0 and leaves > 0 and leaves = last_leaf - first_leaf + 1)
);

-- Archive time-stamps of a batch: the first one, and its renewals.
create table preservation_stamp (
    batch bigint not null,
    number bigint not null,             -- from 0, without gaps within a batch
    kind text not null constraint preservation_stamp_kind check (kind in ('initial', 'time-stamp', 'hash-tree')),
    algorithm text not null,            -- of tree and imprint: sha256 | sha384 | sha512
    root bytea not null,                -- what is stamped: the root of the tree, or for 'time-stamp' the digest of the token before
    leaf_hashes bytea,                  -- leaves of the tree one after the other, in the order of the log; null for 'time-stamp', and
                                        -- where they are the values of evidence.sha256
    token bytea not null,               -- RFC 3161 token, DER
    authority text not null,            -- subject of the authority's certificate
    authority_sha256 bytea not null,    -- of the authority's certificate, DER
    authority_ends bigint not null,     -- end of validity of the authority's certificate
    stamped_at bigint not null,         -- genTime of the token
    recorded_at bigint not null,
    primary key (batch, number)
) without rowid;

-- What a batch holds, counted when it is closed, so that nobody counts evidence to know how long it must be provable.
create table preservation_content (
    batch bigint not null,
    document_type text not null,        -- empty for evidence of a submission that was refused
    document_version text not null,
    seal_sha256 bytea not null,         -- the seal in use at the moment of the evidence; empty when none is on record
    evidences bigint not null,
    newest bigint not null,             -- moment of the newest of these evidences
    primary key (batch, document_type, document_version, seal_sha256)
) without rowid;

create trigger preservation_batch_no_update before update on preservation_batch
begin select raise(abort, 'preservation_batch is appended, never changed'); end;
create trigger preservation_batch_no_delete before delete on preservation_batch
begin select raise(abort, 'preservation_batch is appended, never deleted'); end;
create trigger preservation_stamp_no_update before update on preservation_stamp
begin select raise(abort, 'preservation_stamp is appended, never changed'); end;
create trigger preservation_stamp_no_delete before delete on preservation_stamp
begin select raise(abort, 'preservation_stamp is appended, never deleted'); end;
create trigger preservation_content_no_update before update on preservation_content
begin select raise(abort, 'preservation_content is appended, never changed'); end;
create trigger preservation_content_no_delete before delete on preservation_content
begin select raise(abort, 'preservation_content is appended, never deleted'); end;
