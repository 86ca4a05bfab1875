-- The processes that run this hub: each says now and then that it lives.
create table hub_node (
    id bytea primary key,                -- made at its start
    version text not null,              -- of the program
    started_at bigint not null,
    seen_at bigint not null,            -- when it last said so
    stopped_at bigint                   -- when it was stopped in order; null while it runs, and where it fell
) without rowid;
