-- Files that institutions push: each is read into rows, and each row is sent as a document with a verdict.

create table batch (
    id bytea primary key,               -- in order of time
    party text not null,                -- the institution that pushed
    sender text not null,               -- the institution it is sent by: the same, or the one the pusher is the delegate of
    author text not null,               -- pseudonym of the person, or id of the system
    authentication text not null,       -- JSON: how the sender was known
    idempotency_key text not null,
    form text not null,                 -- JSON: what the sender said of all rows
    file_sha256 bytea not null,
    size bigint not null,               -- bytes of the file
    state text not null,                -- arriving | reading | sending | done | refused
    fault text,                         -- JSON: why the file is refused, ro and en; null otherwise
    columns text not null,              -- JSON: paths of the file's columns in order
    waiting bigint not null,            -- rows by state
    sent bigint not null,
    refused bigint not null,
    already_sent bigint not null,
    pushed_at bigint not null,
    changed_at bigint not null,
    constraint batch_key unique (party, idempotency_key)
);
create index batch_of_party on batch (party, id);
create index batch_of_file on batch (party, file_sha256);
create index batch_open on batch (changed_at) where state in ('reading', 'sending');

-- The file as it was sent, in pieces; gone when no row needs it any more.
create table batch_file (
    batch_id bytea not null,
    piece bigint not null,              -- from 0
    content bytea not null,
    constraint batch_file_key primary key (batch_id, piece)
);

create table batch_row (
    batch_id bytea not null,
    number bigint not null,               -- number in the file, from 1
    state text not null,                -- waiting | sent | refused | already_sent
    source text,                        -- JSON: cells, or the name of a file; null once sent: the message has it
    send_key text,                      -- the key under which it was sent last; null before
    message_id bytea,                   -- its message, or the one that went before; null: there is none
    registration text,                  -- JSON: the sender's register number; null as message_id
    verdicts text not null,             -- JSON: what is said of it
    again bigint not null,              -- how often it was corrected and sent again
    constraint batch_row_key primary key (batch_id, number)
);
create index batch_row_state on batch_row (batch_id, state, number);
create index batch_row_sent on batch_row (send_key) where send_key is not null;
