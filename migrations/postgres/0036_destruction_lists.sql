-- What a destruction erased stands in lists of bounded length: their bytes lie in the vault, the sealed proof names each by
-- its SHA-256. A proof sealed before has its documents in itself and no rows here.
create table archive_destruction_list (
    party text not null,
    selection bytea not null,           -- archive_selection.id
    number bigint not null,             -- from 1 per selection
    documents bigint not null,          -- in the list
    size bigint not null,               -- bytes of the list
    sha256 bytea not null,              -- of the list; its address in the vault
    primary key (selection, number)
);
create index archive_destruction_list_sha256 on archive_destruction_list (sha256);
create trigger archive_destruction_list_append_only before update or delete on archive_destruction_list
    for each row execute function refuse_change();
create trigger archive_destruction_list_no_truncate before truncate on archive_destruction_list
    for each statement execute function refuse_change();
