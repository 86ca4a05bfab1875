-- Deadlines of incoming entries, the path an entry takes through the units, notices to people, and redirections.
-- Whether a deadline still runs follows from the status of its entry; these tables hold only what the status does not say.

create table deadline (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    rule text not null,                 -- code of the rule; empty where the document expects no answer
    basis text not null,                -- law and article, or why there is no term
    document text,                      -- JSON: rule and term, with suspensions and extensions; null where there is no term
    due_on text,                        -- last day, civil date in Romania; null while it stands, and where there is none
    due_at bigint,                      -- the moment that day ends; null as due_on
    reached bigint not null,            -- last step recorded: share in percent, 100 overdue, 101 escalated; 0: none
    look_at bigint,                     -- when the next step comes; null: none
    escalate_to text,                   -- pseudonym of the clerk who hears that it is overdue; null: the unit does
    primary key (party, register, year, number)
);
create index deadline_look on deadline (look_at) where look_at is not null;
create index deadline_due on deadline (party, due_at);

-- Where an entry is, and was: one row for each unit and time.
create table entry_path (
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    step bigint not null,               -- from 1
    unit text not null,
    person text,                        -- pseudonym of the clerk; null: the unit names one itself
    leads bigint not null,              -- 1: this unit answers for the whole, the others for their part
    state text not null,                -- waiting | in_progress | done | taken_back
    entered_at bigint not null,
    left_at bigint,                     -- null while it is there
    primary key (party, register, year, number, step)
);
create index entry_path_unit on entry_path (party, unit) where left_at is null;

-- What a person is told, until somebody says that it was read.
create table deadline_notice (
    id bytea primary key,
    party text not null,
    register text not null,
    year bigint not null,
    number bigint not null,
    kind text not null,                 -- warning | overdue | escalation
    unit text,                          -- for whom; null: for whoever registers
    person text,                        -- for whom; null: for the whole unit
    due_on text not null,
    share bigint not null,              -- percent of the term that has passed; 100 and more: overdue
    at bigint not null,
    read_at bigint,                     -- null: not yet
    read_by text                        -- pseudonym of the clerk who read it
);
create index deadline_notice_open on deadline_notice (party, at) where read_at is null;

-- Documents that went on to the institution that is competent.
create table redirection (
    party text not null,                -- who sent it on
    register text not null,
    year bigint not null,
    number bigint not null,
    competent text not null,            -- party id of the competent institution
    message_id bytea not null,          -- the message that took it there
    at bigint not null,
    registered text,                    -- JSON: the number it got there; null until it is known
    primary key (party, register, year, number)
);
create index redirection_open on redirection (message_id) where registered is null;
