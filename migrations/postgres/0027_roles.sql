-- Roles an institution makes, beside those every hub has.

-- A role as it stands. Its history is in custom_role_version.
create table custom_role (
    party text not null,                -- the institution whose role it is
    id text not null,                   -- grants name it by this
    name_ro text not null,
    name_en text not null,
    permissions text not null,          -- JSON list of permissions
    withdrawn bigint not null,          -- 1: it gives nothing any more, for good
    version bigint not null,            -- from 1; one more with each change
    changed_at bigint not null,
    primary key (party, id)
);

-- Who changed what of a role, and when.
create table custom_role_version (
    party text not null,
    id text not null,
    version bigint not null,
    at bigint not null,
    by_whom text not null,              -- pseudonym of the person
    name_ro text not null,
    name_en text not null,
    permissions text not null,
    withdrawn bigint not null,
    primary key (party, id, version)
);
create trigger custom_role_version_append_only before update or delete on custom_role_version
    for each row execute function refuse_change();
create trigger custom_role_version_no_truncate before truncate on custom_role_version
    for each statement execute function refuse_change();
