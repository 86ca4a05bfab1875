-- Lookups: who asked a register what, about whom, why and on what basis, and what the register said.
-- A question is written here before the register is asked: no entry, no question.

-- The journal of access to personal data and to registers. Appended, never changed.
create table journal_entry (
    id bytea primary key,               -- in order of time; of a question also the id of the lookup
    act text not null                   -- access: an answer was asked for or read again | export: a document was taken |
                                        -- search: this journal was searched
        constraint journal_entry_act check (act in ('access', 'export', 'search')),
    of_lookup bytea,                    -- the lookup whose answer was read again or exported; null for a question and a search
    at bigint not null,
    party text not null,                -- party id of the institution that acts
    authentication text not null,       -- JSON: how it was known
    user_pseudonym text,                -- the institution's own pseudonym of its clerk; null where none was needed
    purpose text not null,              -- empty where the question was denied for giving none
    legal_basis text not null,          -- the same
    case_number text,
    system text,                        -- null for a search
    operation text,                     -- null for a search
    agreement text,                     -- lookup agreement that allows it; null where none does, and for a search
    agreement_version bigint,
    channel text,                       -- lookup channel of the directory; null for a search
    channel_version bigint,
    discloses text not null,            -- JSON: categories of data
    personal bigint not null,           -- 1: about a natural person
    subject_digest bytea,               -- keyed digest of whom it is about, to search by; null where it is about nobody
    subject_hint text,                  -- its last characters, for people who compare
    batch bytea,                        -- questions that were put together have one
    constraint journal_entry_lookup check ((system is null) = (act = 'search'))
) without rowid;
create index journal_entry_party on journal_entry (party, id);
create index journal_entry_subject on journal_entry (subject_digest, party);

-- About whom, in the clear, and with which arguments: erased alone when it is no longer needed, never changed.
create table journal_subject (
    id bytea primary key,               -- journal_entry.id
    subject text,                       -- null where the question is about nobody
    arguments text not null             -- JSON: what is asked with
) without rowid;

-- How a question ended. One without a row here is under way or waits, or its end was lost: then a job says so later.
create table lookup_answer (
    id bytea primary key,               -- journal_entry.id
    result text not null constraint lookup_answer_result
        check (result in ('found', 'absent', 'refused', 'unavailable', 'denied', 'interrupted')),
    as_of text,                         -- of what day or moment the register says it is
    copied_from bytea,                  -- the lookup whose answer was given; null where the register was asked for this one
    stale bigint not null,              -- 1: an older answer than its freshness allows, because the register did not answer
    answered_at bigint not null,        -- when the register answered; of a copy, the moment of the original
    ended_at bigint not null,
    took bigint,                        -- microseconds the register took; null where it was not asked
    status bigint,                      -- the protocol's status
    sent_sha256 bytea,                  -- of what was sent as body
    retry_at bigint,                    -- when the register wants to be asked again; null where it said nothing of it
    question_digest bytea               -- keyed digest of the question, where this answer may be given again
) without rowid;
create index lookup_answer_question on lookup_answer (question_digest, answered_at);

-- What the register said: erased when its time is over, never changed.
create table lookup_content (
    id bytea primary key,               -- lookup_answer.id
    value text,                         -- JSON, in the register's own shape; null where it has nothing or did not answer
    code text,                          -- of a refusal
    reason text,                        -- of a refusal, or why there was no answer
    document_type text,                 -- media type; null where no document came
    document_size bigint,
    document_sha256 bytea,
    document bytea,                     -- here and not in the blob store: it commits, and is erased, with the answer
    erase_at bigint not null            -- from this moment on it is erased
) without rowid;
create index lookup_content_erase on lookup_content (erase_at);

-- Questions the register works on.
create table lookup_waiting (
    id bytea primary key,               -- journal_entry.id
    request text,                       -- the register's number of it
    asks bigint not null,               -- how often it was asked
    reason text,                        -- why the last asking had no answer; null while the register only works on it
    next_at bigint not null,
    ends_at bigint not null             -- then it counts as unavailable
) without rowid;

create trigger journal_entry_no_update before update on journal_entry
begin select raise(abort, 'the journal is appended, never changed'); end;
create trigger journal_entry_no_delete before delete on journal_entry
begin select raise(abort, 'the journal is appended, never deleted'); end;
create trigger lookup_answer_no_update before update on lookup_answer
begin select raise(abort, 'the journal is appended, never changed'); end;
create trigger lookup_answer_no_delete before delete on lookup_answer
begin select raise(abort, 'the journal is appended, never deleted'); end;
create trigger journal_subject_no_update before update on journal_subject
begin select raise(abort, 'a subject may be erased, never changed'); end;
create trigger lookup_content_no_update before update on lookup_content
begin select raise(abort, 'an answer may be erased, never changed'); end;
