-- Institutions that came from another hub, and what that hub proved of their messages.

-- Which institutions came, under which signed manifest.
create table carried_institution (
    party text not null,
    manifest_sha256 bytea not null,     -- of the signed manifest of the export
    came_from text not null,            -- name of the hub it came from
    begun_at bigint not null,
    whole_at bigint,                    -- when everything was written and compared; null: interrupted, to be run again
    primary key (party, manifest_sha256)
);

-- Court packs of the hub an institution came from: its log and its seals, which are not those of this hub.
create table carried_pack (
    message_id bytea not null,
    sha256 bytea not null,              -- of the pack
    content bytea not null,             -- ASiC-E
    carried_at bigint not null,
    primary key (message_id, sha256)
);

create trigger carried_pack_append_only before update or delete on carried_pack
    for each row execute function refuse_change();
create trigger carried_pack_no_truncate before truncate on carried_pack
    for each statement execute function refuse_change();
