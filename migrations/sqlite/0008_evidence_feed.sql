-- Evidence comes to its parties: what each may see, in an order of its own, and how far it was told of it.
-- Nothing here is written while a document is accepted: the feeder follows the log.

-- One row for each evidence a party may see.
create table evidence_feed (
    party text not null,                -- party id
    number bigint not null,             -- its place in the party's feed: from 1, without gaps
    evidence_sequence bigint,           -- an evidence of this hub …
    received_sequence bigint,           -- … or one of another service
    sent bigint not null,               -- 1: of a message the party sent; 0: of one it received
    primary key (party, number),
    constraint evidence_feed_own unique (evidence_sequence, party),
    constraint evidence_feed_received unique (received_sequence, party)
) without rowid;
create index evidence_feed_sent on evidence_feed (party, sent, number);

-- How far the feeder has followed. One row.
create table evidence_feed_place (
    id bigint primary key constraint evidence_feed_place_one check (id = 1),
    next_leaf bigint not null,          -- leaves of the log below this one are fed
    turn bigint not null                -- counts what was written: an addition is made for one turn and taken at no other
) without rowid;
insert into evidence_feed_place (id, next_leaf, turn) values (1, 0, 0);

-- Received evidence that is in no feed yet. Written with it, taken away with the entries.
create table received_unfed (
    sequence bigint primary key         -- of received_evidence
);
insert into received_unfed (sequence) select sequence from received_evidence;

-- How far the system of a party was told of the evidence of what the party sent.
create table evidence_push (
    party text primary key,
    next_number bigint not null,        -- in its feed
    first_leaf bigint not null,         -- evidence before this leaf was there before the party wanted to be told
    first_received bigint not null,     -- and received evidence before this sequence
    failures bigint not null,           -- attempts at the next one that failed
    failing_since bigint,               -- when the first of them began; null while none failed
    reason text,                        -- why the last one failed
    due_at bigint not null,             -- not to be tried before
    holder bytea,                       -- the node that tells it now; null before the first
    held_until bigint not null          -- end of its hold
) without rowid;

create trigger evidence_feed_no_update before update on evidence_feed
begin select raise(abort, 'a feed is appended, never changed'); end;
create trigger evidence_feed_no_delete before delete on evidence_feed
begin select raise(abort, 'a feed is appended, never deleted'); end;
