//! Whether a clerk can act on what is said.

/// Words of which every Romanian sentence of the hub, of its connectors and of the institutions has one; so has every text
/// with a letter that only Romanian has.
const ROMANIAN: [&str; 14] = [
    "nu ", " a ", " de ", " la ", "este ", " un ", " din ", " cu ", "cere", "Cere", "eroare", " au ", "document",
    "apel",
];
/// What only a programmer reads, or who reads English.
const NOT_FOR_CLERKS: [&str; 13] = [
    "Some(",
    "None",
    "Ok(",
    "Err(",
    "::",
    "panicked",
    "error",
    "{\"",
    "Error",
    "Too Many",
    "connection",
    "closed",
    "Bad ",
];

/// What is wrong with a sentence: it is empty, too short, in another language or in the words of the program.
pub fn judged(sentence: &str) -> Result<(), String> {
    if sentence.chars().count() < 10 {
        return Err(format!("„{sentence}” is no sentence"));
    }
    let own = sentence.contains(['ă', 'â', 'î', 'ș', 'ț']);
    if !own && !ROMANIAN.iter().any(|word| sentence.contains(word)) {
        return Err(format!("„{sentence}” is not Romanian"));
    }
    match NOT_FOR_CLERKS.iter().find(|word| sentence.contains(**word)) {
        Some(word) => Err(format!("„{sentence}” is not for clerks: {word}")),
        None => Ok(()),
    }
}
