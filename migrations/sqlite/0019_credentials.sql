-- What systems prove themselves with, beside the keys of the directory document: API keys, client secrets, client keys and
-- certificates; the keys that sign access tokens; and what may be used only once, or no more.

-- One row per credential. Secrets are not kept, only their SHA-256.
create table credential (
    id bytea not null primary key,
    kind text not null,                 -- api_key, client_secret, client_key, certificate
    party text not null,                -- institution of the system
    system text not null,               -- id of the system in the directory
    label text not null,                -- what it is for, in the institution's words
    proof bytea not null,               -- SHA-256: of the whole key, of the public key, or of the certificate
    proof_of text not null,             -- secret, public_key or certificate
    public_key text,                    -- client_key: JSON Web Key; null for the others
    operations text,                    -- permissions it is narrowed to, JSON list; null: all the system has
    created_at bigint not null,
    created_by text not null,           -- who issued it: system:<id> or person:<account>
    expires_at bigint not null,
    replaces bytea,                     -- the credential it was issued in place of; null where there is none
    revoked_at bigint,                  -- null while it was not
    revoked_by text,
    revocation_reason text,
    last_used_at bigint                 -- within an hour; null: not yet
) without rowid;
create unique index credential_proof on credential (kind, proof);
create index credential_of_system on credential (party, system, created_at);

-- Counts changes of what is on this page, so that nodes see them without reading everything.
create table credential_change (
    only_row bigint not null primary key constraint credential_change_one_row check (only_row = 1),
    number bigint not null
);
insert into credential_change (only_row, number) values (1, 1);

-- Assertions of clients that were used: none is taken twice (RFC 7523, section 3).
create table client_assertion (
    client text not null,
    assertion bytea not null,           -- SHA-256 of its jti
    expires_at bigint not null,         -- when it may be forgotten
    primary key (client, assertion)
) without rowid;
create index client_assertion_expiry on client_assertion (expires_at);

-- Access tokens that were revoked before their time was over (RFC 7009).
create table revoked_token (
    token bytea not null primary key,           -- SHA-256 of its jti
    expires_at bigint not null          -- when it may be forgotten
) without rowid;

-- Keys that sign access tokens. The next one is made known before it signs.
create table token_key (
    id text not null primary key,       -- kid
    public_key text not null,           -- JSON Web Key
    private_key bytea not null,         -- PKCS #8 under AES-256-GCM: nonce (12), ciphertext, tag (16); its key is outside
    created_at bigint not null,
    signs_from bigint not null,
    withdrawn_at bigint                 -- nothing it signed counts from then on; null: it was not withdrawn
) without rowid;
