-- Rows of registers kept before the hub that search has still to take up: those imported from now on, and all that were.
create table search_imported (
    party text not null,
    register text not null,
    year bigint not null,
    number text not null,               -- as in register_old_entry
    primary key (party, register, year, number)
);
insert into search_imported (party, register, year, number)
    select party, register, year, number from register_old_entry;
create function note_search_imported() returns trigger language plpgsql as $$
begin
    insert into search_imported (party, register, year, number) values (new.party, new.register, new.year, new.number)
    on conflict (party, register, year, number) do nothing;
    return null;
end
$$;
create trigger search_imported_by_row after insert on register_old_entry
    for each row execute function note_search_imported();
