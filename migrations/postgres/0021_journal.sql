-- Who did what, and who saw whom: the audit of acts and the journal of access to personal data, each a chain of hashes.

-- The end of every chain. A chain is written by one writer after the other; who writes holds its row until the commit.
create table ledger_head (
    ledger text not null,               -- audit | access
    chain bytea not null,               -- sixteen zeros: the one chain of the hub; else the run of a node that writes it
    length bigint not null,             -- entries in it
    head bytea not null,                -- hash of its last entry
    primary key (ledger, chain)
);

-- Acts of operators, administrators and people: a closed list of kinds. No personal data.
create table audit_event (
    number bigint primary key,          -- place in the chain, from 1, without gaps
    at bigint not null,
    kind text not null,                 -- code of the closed list
    party text not null,                -- party of who acted; hub: the hub by itself or its command line
    principal_kind text not null constraint audit_event_principal_kind check (principal_kind in ('system', 'person', 'hub')),
    principal text not null,            -- id of a system, pseudonym of a person, or the part of the hub
    on_behalf text,                     -- party on whose behalf
    subject text,                       -- what was acted on: an id, never personal data
    outcome text not null constraint audit_event_outcome check (outcome in ('done', 'refused', 'failed')),
    reason text,                        -- as whoever acted gave it
    correlation text,                   -- of the request
    details text not null,              -- JSON without personal data
    hash bytea not null                 -- SHA-256 over the hash before, the number and everything above
);
create index audit_event_party on audit_event (party, number);

-- Access to personal data: reading, export, validation, search and transfer. Questions to registers are in journal_entry.
create table access_entry (
    id bytea primary key,               -- in order of time
    chain bytea not null,
    number bigint not null,             -- place in the chain, from 1
    at bigint not null,
    kind text not null constraint access_entry_kind
        check (kind in ('access', 'export', 'validate', 'search', 'transfer')),
    party text not null,                -- the institution that acts, or to which data are transferred
    on_behalf text,                     -- party on whose behalf
    principal_kind text not null,       -- system | person | hub
    principal text not null,            -- id of a system, pseudonym of a person, or the part of the hub
    user_pseudonym text,                -- the clerk a system names
    operation text not null,            -- what was done, by a closed word
    object text,                        -- what was opened, or to whom data were transferred: an id of the hub
    message_id bytea,                   -- the message it is about; its persons are in message_subject
    purpose text not null,
    legal_basis text not null,
    case_number text,
    result text not null constraint access_entry_result check (result in ('given', 'nothing', 'refused')),
    correlation text,                   -- of the request, or the message
    hash bytea not null                 -- SHA-256 over the hash before, the number, everything above
);
create index access_entry_party on access_entry (party, id);
create index access_entry_message on access_entry (message_id) where message_id is not null;
create unique index access_entry_chain on access_entry (chain, number);

-- About whom, by keyed digest.
create table access_subject (
    digest bytea not null,
    entry bytea not null,               -- access_entry.id
    primary key (digest, entry)
);

-- The persons a message is about, by keyed digest, as its body names them.
create table message_subject (
    message_id bytea not null,
    digest bytea not null,
    primary key (message_id, digest)
);

-- Questions to registers in the same chain.
create table journal_link (
    id bytea primary key,               -- journal_entry.id
    chain bytea not null,
    number bigint not null,
    hash bytea not null
);
create unique index journal_link_chain on journal_link (chain, number);

-- How far a receiver of security events has been told.
create table siem_cursor (
    receiver text not null,             -- address of the receiver
    source text not null,               -- audit, or access: and the chain in hexadecimal
    position bigint not null,           -- number of the last one it confirmed
    told_at bigint not null,
    primary key (receiver, source)
);

-- Why the hub is locked down, until an administrator lifts it.
create table lock_down (
    cause text primary key,             -- a cause of the closed list
    since bigint not null,
    detail text not null,               -- what was found, for administrators
    proposed_by text,                   -- who wants it lifted though the cause stands
    proposed_at bigint,
    overridden_by text,                 -- the second one, who agreed: the cause stands and is ignored until it has gone
    overridden_at bigint
);

-- One row that is written to see whether writing is possible.
create table audit_pulse (
    id bigint primary key constraint audit_pulse_one check (id = 1),
    at bigint not null
);
insert into audit_pulse (id, at) values (1, 0);

create function refuse_shrinking() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.length < old.length or new.ledger <> old.ledger or new.chain <> old.chain then
        raise exception 'a chain only grows' using errcode = '23000';
    end if;
    return new;
end
$$;
create trigger ledger_head_only_grows before update or delete on ledger_head
    for each row execute function refuse_shrinking();
create trigger audit_event_append_only before update or delete on audit_event
    for each row execute function refuse_change();
create trigger audit_event_no_truncate before truncate on audit_event
    for each statement execute function refuse_change();
create trigger access_entry_append_only before update or delete on access_entry
    for each row execute function refuse_change();
create trigger access_entry_no_truncate before truncate on access_entry
    for each statement execute function refuse_change();
create trigger access_subject_append_only before update or delete on access_subject
    for each row execute function refuse_change();
create trigger access_subject_no_truncate before truncate on access_subject
    for each statement execute function refuse_change();
create trigger journal_link_append_only before update or delete on journal_link
    for each row execute function refuse_change();
create trigger journal_link_no_truncate before truncate on journal_link
    for each statement execute function refuse_change();
create trigger ledger_head_no_truncate before truncate on ledger_head
    for each statement execute function refuse_change();
