-- What evidence has been issued of a delivery so far: see evidence/course.rs. Deliveries made before this column have the
-- course that their state shows.
alter table delivery add column course text not null default 'taken';
update delivery set course = case state
    when 'consigned' then 'consigned'
    when 'handed_over' then 'handed_over'
    when 'refused' then 'ended'
    when 'failed' then 'ended'
    when 'not_consigned' then 'ended'
    when 'expired' then 'ended'
    else 'taken'
end;
