-- Evidence is found by its id: the code on a printed receipt.
create unique index evidence_id on evidence (id);
