-- People: their accounts, what they prove themselves with, their sessions, and acts that need two of them.

-- An account as it stands. Its history is in account_version.
create table account (
    id bytea primary key,
    party text not null,                -- the institution it belongs to, for good
    login text not null,                -- what is typed at sign-in, lower case; unique on the hub
    display_name text not null,
    pseudonym text not null,            -- what acts record in its place
    units text not null,                -- JSON list of unit ids it may act for
    grants text not null,               -- JSON list of {role, scope}
    state text not null,                -- invited | active | locked | retired
    version bigint not null,            -- from 1; one more with each change
    changed_at bigint not null,
    constraint account_login_key unique (login),
    constraint account_pseudonym_key unique (party, pseudonym)
);

-- Who changed what of an account, and when.
create table account_version (
    account_id bytea not null,
    version bigint not null,
    at bigint not null,
    act text not null,                  -- word of the change: invited, granted, locked, ...
    by_whom text not null,              -- pseudonym of the person, id of the system, or console
    content text not null,              -- JSON of the account after it; no secret
    primary key (account_id, version)
);
create trigger account_version_no_update before update on account_version
begin select raise(abort, 'versions of accounts are appended, never changed'); end;
create trigger account_version_no_delete before delete on account_version
begin select raise(abort, 'versions of accounts are appended, never deleted'); end;

-- What a person proves itself with.
create table account_factor (
    id bytea primary key,
    account_id bytea not null,
    kind text not null,                 -- password | totp | recovery | passkey | provider
    name text not null,                 -- unique within its kind: credential id, issuer and subject; else the factor's own id
    label text not null,                -- what its owner calls it
    material text not null,             -- PHC string; sealed seed (AES-256-GCM, hex); digest of a recovery code; public key (hex)
    counter bigint not null,            -- last TOTP step or signature count that was taken
    created_at bigint not null,
    used_at bigint,                     -- null: never
    constraint account_factor_name_key unique (kind, name)
);
create index account_factor_by_account on account_factor (account_id);

-- One-time links: a first sign-in, or a new beginning after a reset.
create table account_invitation (
    token_sha256 bytea primary key,     -- of the token in the link; the token itself is nowhere
    account_id bytea not null,
    made_at bigint not null,
    ends_at bigint not null,
    used_at bigint                      -- null: not used
);

-- Sessions of people. What a browser holds is only known here by its digest.
create table session (
    id_sha256 bytea primary key,
    account_id bytea not null,
    method text not null,               -- password | password+totp | passkey | provider:<id> ...
    second_factor bigint not null,      -- 1: proved by more than one factor
    unit text,                          -- the unit it acts for; null: the first of its account
    address text not null,
    agent text not null,                -- as the browser calls itself, cut short
    provider text,                      -- JSON {id, sub, sid, id_token} of the identity provider; null: a local one
    opened_at bigint not null,
    used_at bigint not null,            -- to the minute
    ends_at bigint not null,            -- whatever is done in it
    ended_at bigint,                    -- null: open
    ended_why text
);
create index session_by_account on session (account_id, ended_at);

-- A sign-in under way: between two factors, or between here and an identity provider. Taken once.
create table sign_in_step (
    id_sha256 bytea primary key,
    kind text not null,
    account_id bytea,                   -- null: nobody yet
    content text not null,              -- JSON: challenge, nonce, tries
    ends_at bigint not null
);

-- Patience with wrong passwords.
create table sign_in_failure (
    name text primary key,              -- digest of login and address, of login, or of address
    count bigint not null,
    last_at bigint not null,
    not_before bigint not null          -- no attempt is looked at before
);

-- Acts that one person proposes and another approves.
create table approval (
    id bytea primary key,
    party text not null,
    kind text not null,                 -- key_rotation | destruction | unmasking | replay
    subject text not null,              -- what it is about: an id
    content_sha256 bytea not null,      -- of exactly what will be done
    reason text not null,
    proposed_by text not null,
    proposed_at bigint not null,
    ends_at bigint not null,            -- neither approved nor done after it
    state text not null,                -- proposed | approved | refused | done
    decided_by text,
    decided_at bigint,
    decision_reason text,
    done_by text,
    done_at bigint
);
create index approval_by_party on approval (party, state, proposed_at);
