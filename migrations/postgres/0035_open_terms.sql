-- Lists over many years read what is open, not what has ended: terms by their last day, entries of a unit by their number,
-- and journal and audit of whoever acts for another.

alter table deadline add column ended bigint not null default 0; -- 1: the entry is at its end; kept so by the triggers below
update deadline d set ended = 1 from register_state s where s.party = d.party
    and s.register = d.register and s.year = d.year and s.number = d.number
    and s.status in ('resolved', 'redirected', 'rejected', 'filed', 'annulled');
create index deadline_open on deadline (party, coalesce(due_at, 9223372036854775807), year, number) where ended = 0;
-- Looked at every few seconds: what has ended is no longer in the way.
drop index deadline_look;
create index deadline_look on deadline (look_at) where look_at is not null and ended = 0;
create function note_deadline_ended() returns trigger language plpgsql as $$
begin
    update deadline set ended = case when new.status in ('resolved', 'redirected', 'rejected', 'filed', 'annulled') then 1 else 0 end
    where party = new.party and register = new.register and year = new.year and number = new.number;
    return null;
end
$$;
create trigger deadline_ended_by_first after insert on register_state
    for each row execute function note_deadline_ended();
create trigger deadline_ended_by_change after update on register_state
    for each row when (new.status <> old.status) execute function note_deadline_ended();

create index register_state_unit_book on register_state (party, register, unit, year, number) where unit is not null;
create index access_entry_on_behalf on access_entry (on_behalf, id) where on_behalf is not null;
create index audit_event_on_behalf on audit_event (on_behalf, number) where on_behalf is not null;
