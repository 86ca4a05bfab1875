-- How far the signed heads of the evidence log speak of the chains of audit and journal. What a head says stands in its signed
-- text; this only remembers what need not be said again.
create table ledger_commitment (
    ledger text not null,               -- audit | access
    chain bytea not null,               -- as in ledger_head
    length bigint not null,             -- entries the newest head that names the chain speaks of
    primary key (ledger, chain)
) without rowid;
