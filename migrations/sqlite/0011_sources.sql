-- Receiving: what the hub fetches from sources, and what it owes them: a verdict on each arrival, until it is heard.

-- How a source of the directory stands. One node polls it at a time.
create table source_state (
    source text primary key,            -- id of the directory entry
    holder bytea,                       -- the node that polls it now; null before the first
    held_until bigint not null,         -- end of its hold
    due_at bigint not null,             -- not to be polled before
    polled_at bigint,                   -- when it was last read to the end; null before the first time
    failures bigint not null,           -- polls in a row that failed
    error text                          -- why the last one failed, or what it waits for; null after success
) without rowid;

-- What was fetched and decided. Kept for a month after it was heard, so that what comes again is known.
create table arrival (
    source text not null,
    id text not null,                   -- the system's own, the same at every look
    message_id bytea,                   -- of what was accepted; null for what was refused
    reason text,                        -- why it was refused, in a sentence; null for what was accepted
    problem text,                       -- JSON: every rule it breaks
    receipt text,                       -- evidence of rejection, where there is one
    decided_at bigint not null,
    heard_at bigint,                    -- when the system heard the verdict; null before
    failures bigint not null,           -- attempts to tell it that failed
    due_at bigint not null,             -- not to be told again before
    error text,                         -- why the last attempt failed
    primary key (source, id)
) without rowid;
create index arrival_unheard on arrival (heard_at, due_at);
