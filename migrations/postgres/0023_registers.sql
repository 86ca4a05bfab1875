-- Issuers and addressees are shown to a unit only where a register it may see names them.
create index register_state_correspondent on register_state (party, correspondent) where correspondent is not null;
