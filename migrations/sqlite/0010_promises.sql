-- What the hub promises for every connector: quotas, circuit breakers, and deliveries that wait for a person.

-- What was used of each rate. Deleted once it no longer counts; a count that is lost here would be a quota broken.
create table quota_use (
    system text not null,               -- folder of the system
    address text not null,              -- scheme, host and port of the channel; empty where the manifest says it
    operation text not null,            -- lookup with a quota of its own; empty: the quota of the whole system
    scope text not null,                -- calls | message | subject
    about text not null,                -- message id, or SHA-256 of system and subject; empty for all calls
    per text not null,                  -- s | min | h | day
    used text not null,                 -- 'start:count ...': permits taken in each slice of time, start in microseconds
    over_at bigint not null,            -- from then on nothing of it counts
    primary key (system, address, operation, scope, about, per)
) without rowid;
create index quota_use_over on quota_use (over_at);

-- Whether a system is called: one row for each that ever failed to answer.
create table breaker (
    system text not null,
    address text not null,              -- as in quota_use
    state text not null,                -- closed | open | half_open
    failures bigint not null,           -- calls in a row without an answer
    openings bigint not null,           -- how often it opened since it was last closed
    since bigint not null,              -- when it came to stand there
    trial_at bigint not null,           -- open: when a trial may begin; half_open: when another may
    reason text,                        -- why the last call had no answer
    primary key (system, address)
) without rowid;

-- Deliveries that ended without reaching the recipient's system, or that nobody can decide but a person.
create table dead_letter (
    delivery_id bytea primary key,
    message_id bytea not null,
    sender text not null,               -- party that sent it
    owner text not null,                -- party that must act next, or operator
    system text not null,               -- folder of the system
    kind text not null,                 -- exhausted | refused | uncertain
    side_effect text not null,          -- once | queryable | repeatable
    sent_key text not null,             -- idempotency key its sendings had
    reason text not null,               -- what happened, in words
    since bigint not null,
    statement text,                     -- what a person found: arrived | not_arrived; null before
    replay_key text,                    -- idempotency key of the message that replaces it; null before
    closed_at bigint                    -- when nothing was left to be done about it; null before
) without rowid;
create index dead_letter_open on dead_letter (closed_at, since);
create unique index dead_letter_replay on dead_letter (sender, replay_key);

-- Who did what about them, appended.
create table dead_letter_act (
    delivery_id bytea not null,
    number bigint not null,             -- from 1
    act text not null,                  -- parked | arrived | not_arrived | replayed | ended
    party text not null,                -- party whose system asked; operator's own; hub
    note text,                          -- what the person wrote
    at bigint not null,
    primary key (delivery_id, number)
) without rowid;

create trigger dead_letter_act_no_update before update on dead_letter_act
begin select raise(abort, 'acts are appended, never changed'); end;
create trigger dead_letter_act_no_delete before delete on dead_letter_act
begin select raise(abort, 'acts are appended, never deleted'); end;
