-- What lists of people are read by: what came in and what was sent, by id, which is in order of time; and who has what.

create index delivery_recipient_id on delivery (recipient, id);
create index delivery_recipient_state_id on delivery (recipient, state, id);
create index message_sender_id on message (sender, id);
create index register_state_unit_order on register_state (party, unit, status, year, number) where unit is not null;
create index register_state_person_order on register_state (party, person, status, year, number) where person is not null;
