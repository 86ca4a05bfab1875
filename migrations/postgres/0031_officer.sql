-- Exchanges found by the number either side gave, by person, and by institution in the order of time.
-- The numbers stand in JSON; the views name them, so that one text asks for them on every database.

create index if not exists message_sender_id on message (sender, id);
create index delivery_of_recipient on delivery (recipient, message_id);
create index message_sender_number on message ((sender_registration::jsonb ->> 'number'));
create index delivery_recipient_number on delivery ((recipient_registration::jsonb ->> 'number'))
    where recipient_registration is not null;
create index message_subject_digest on message_subject (digest, message_id);

create view exchange_sender_number as
    select id as message_id, sender, sender_registration::jsonb ->> 'number' as number from message;
create view exchange_recipient_number as
    select id as delivery_id, message_id, recipient, recipient_registration::jsonb ->> 'number' as number
    from delivery where recipient_registration is not null;
