//! Where what lies in a court pack. Names are plain ASCII: every program can extract them.

pub(super) const EVIDENCE: &str = "evidence/";
pub(super) const LOG: &str = "log/";
pub(super) const KEYS: &str = "log/key.txt";
pub(super) const HEADS: &str = "log/heads/";
pub(super) const CONSISTENCY: &str = "log/consistency/";
pub(super) const RECORDS: &str = "records/";
pub(super) const CERTIFICATES: &str = "certificates/";
pub(super) const REVOCATION: &str = "revocation/";
pub(super) const PAYLOADS: &str = "payloads/";
pub(super) const DIGESTS: &str = "digests.json";
pub(super) const README: &str = "README.txt";

/// Name of the JSON form of [`DIGESTS`].
pub(super) const DIGESTS_FORMAT: &str = "urn:punte:digests:1";

/// The number at the start of a file name, which ties an evidence to its proof and its record.
pub(super) fn number(name: &str) -> Option<usize> {
    let digits: &str = name.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// A file name of the sender in plain ASCII; the sender's own stands in the list of digests.
pub(super) fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'ă' | 'â' => 'a',
        'Ă' | 'Â' => 'A',
        'î' => 'i',
        'Î' => 'I',
        'ș' | 'ş' => 's',
        'Ș' | 'Ş' => 'S',
        'ț' | 'ţ' => 't',
        'Ț' | 'Ţ' => 'T',
        plain if plain.is_ascii_alphanumeric() || ".-_".contains(plain) => plain,
        _ => '_',
    };
    let plain: String = name.chars().map(letter).take(80).collect();
    plain.trim_matches('.').to_owned()
}
