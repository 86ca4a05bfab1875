-- Relay between delivery services: messages another service relayed here, its evidence, and what was told to it.

-- JSON: the service, its message identifier, sender, recipient and authentication as it told them; null for messages
-- submitted here. See message/relay.rs.
alter table message add column relay text;

-- Evidence of other services, kept byte for byte. Two of one id with other bytes are both kept.
create table received_evidence (
    sequence bigint generated always as identity primary key,
    partner text not null,              -- party id of the service that sealed it
    identifier text not null,           -- EvidenceIdentifier (component G01), as it stands there
    message_id bytea not null,          -- the hub's own id of the message
    delivery_id bytea,                  -- the delivery it is about, where it is about one
    event text not null,
    event_time text not null,           -- as it stands there
    issuer text not null,               -- name of the service, as it stands there
    standing text not null,             -- counted | kept | contradiction: see relay/store.rs
    document text not null,
    sha256 bytea not null,
    received_at bigint not null,
    constraint received_evidence_once unique (message_id, partner, identifier, sha256)
);
create index received_evidence_message on received_evidence (message_id, sequence);

-- Evidence of messages relayed here that their service was told of, or refused to hear.
create table told_evidence (
    evidence_id bytea primary key,
    answer text not null,               -- taken | refused | given_up
    told_at bigint not null
);

-- Received evidence is appended, never changed.
create trigger received_evidence_append_only before update or delete on received_evidence
    for each row execute function refuse_change();
create trigger received_evidence_no_truncate before truncate on received_evidence
    for each statement execute function refuse_change();
