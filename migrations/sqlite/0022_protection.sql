-- Keys of parties for end-to-end encryption. Public halves alone: the hub has no private key of anybody.
create table encryption_key (
    party text not null,            -- party id
    kid text not null,              -- thumbprint of the key (RFC 7638), base64url
    jwk text not null,              -- the public JWK, JSON
    valid_from bigint not null,     -- in force from, UTC microseconds
    valid_to bigint not null,       -- in force until, UTC microseconds
    registered_at bigint not null,  -- UTC microseconds
    retired_at bigint,              -- when the party took it back, UTC microseconds; null while it did not
    constraint encryption_key_pk primary key (party, kid)
);
