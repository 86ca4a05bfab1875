-- Seals of this hub, their use, and what is needed to judge them when nobody answers any more.

-- Every seal this hub ever used. Receipts outlive the seals that made them.
create table seal (
    sha256 bytea primary key,           -- of the seal's own certificate, DER
    chain text not null,                -- PEM, the seal's own certificate first
    subject text not null,
    issuer text not null,
    serial text not null,               -- hexadecimal
    not_before bigint not null,
    not_after bigint not null,
    development bigint not null,        -- 1: made by the hub itself, proves nothing to others
    first_used bigint not null,
    retired_at bigint,                  -- when another took its place; null while in use
    revoked_at bigint                   -- since when, as its issuer says; null when not revoked
);

-- Certificates, revocation lists and OCSP answers as they were obtained.
create table validation_material (
    sha256 bytea primary key,           -- of the content
    kind text not null,                 -- certificate | crl | ocsp
    content bytea not null,             -- DER
    obtained_at bigint not null
);

-- Which revocation value speaks of which certificate, and what it says.
create table revocation_answer (
    certificate_sha256 bytea not null,
    material_sha256 bytea not null,
    this_update bigint not null,        -- the moment it speaks of
    next_update bigint,                 -- until when a newer one is promised; null when nothing is promised
    revoked_at bigint,                  -- null when it says that the certificate is good
    primary key (certificate_sha256, material_sha256)
);

-- Signature time-stamps (EN 319 132-1, clause 5.3) of evidence that asks for one of its own.
create table evidence_time_stamp (
    evidence_id bytea primary key,
    token bytea not null,               -- CMS ContentInfo, DER, over the canonical ds:SignatureValue
    stamped_at bigint not null,         -- genTime of the token
    authority_sha256 bytea not null     -- of the authority's certificate, DER
);

-- Up to which evidence there is nothing more to stamp. One row.
create table time_stamp_position (
    id bigint primary key,              -- always 1
    sequence bigint not null            -- of evidence
);

-- What was said of a seal stays; only its use and its revocation are noted later.
create trigger seal_fixed before update of sha256, chain, subject, issuer, serial, not_before, not_after, development,
    first_used on seal for each row execute function refuse_change();
create trigger seal_no_delete before delete on seal for each row execute function refuse_change();
create trigger validation_material_append_only before update or delete on validation_material
    for each row execute function refuse_change();
create trigger evidence_time_stamp_append_only before update or delete on evidence_time_stamp
    for each row execute function refuse_change();
create trigger seal_no_truncate before truncate on seal for each statement execute function refuse_change();
create trigger validation_material_no_truncate before truncate on validation_material
    for each statement execute function refuse_change();
create trigger evidence_time_stamp_no_truncate before truncate on evidence_time_stamp
    for each statement execute function refuse_change();
