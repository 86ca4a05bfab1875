//! What the person who opens the pack reads first.

/// How to verify, in both languages; plain ASCII line ends, no addresses that may die.
pub(super) const TEXT: &str = "\
CITIȚI-MĂ

Acest fișier este un pachet de probe (ASiC-E, ETSI EN 319 162-1). Este un zip: se deschide cu orice program de arhive.

  evidence/      dovezile, fiecare sigilată (ETSI EN 319 522, XAdES)
  log/           dovezi că sunt în jurnal, capetele jurnalului și mărcile lor temporale, cheia jurnalului
  records/       dosare de păstrare (RFC 4998)
  certificates/  certificatele sigiliilor și ale autorităților de marcare temporală
  revocation/    liste și răspunsuri de revocare
  payloads/      conținutul trimis, dacă nu a fost șters; amprentele lui sunt în digests.json
  META-INF/      sigiliul peste toate fișierele

Verificare, fără rețea:

  punte verify --certificate sigiliu.pem --tsa-certificate tsa.pem --log-key jurnal.txt pachet.asice

Certificatul sigiliului și cheia jurnalului luați-le de la operator pe altă cale decât acest pachet. Fără programul punte:
unzip, sha256sum, xmlsec1 și openssl ajung; pașii sunt în documentul „Verificarea unei recipise”.

READ ME

This file is a pack of evidence (ASiC-E, ETSI EN 319 162-1). It is a zip file. Folders as above: sealed evidences, log
proofs with heads and their time-stamps, evidence records, certificates, revocation data, contents unless erased, and the
seal over all files. Verify it offline with the command above; get the seal certificate and the log key from the operator
by another way than this pack. Without punte: unzip, sha256sum, xmlsec1 and openssl are enough.
";
