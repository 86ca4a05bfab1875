//! The invented rows, and how a question selects among them.

/// What a question selects by: a column and the text that must be in it.
pub(super) struct Filter {
    pub(super) column: usize,
    pub(super) wanted: String,
    /// Whether the whole field must be equal.
    pub(super) whole: bool,
}

/// The rows of a table that fit every filter.
pub(super) fn select(table: &'static str, filters: &[Filter]) -> Vec<Vec<&'static str>> {
    let rows = table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| filters.iter().all(|filter| row.get(filter.column).is_some_and(|field| filter.fits(field))))
        .collect()
}

impl Filter {
    fn fits(&self, field: &str) -> bool {
        let (field, wanted) = (plain(field), plain(&self.wanted));
        if self.whole { field == wanted } else { field.contains(&wanted) }
    }
}

/// Capitals without Romanian marks: people type both.
fn plain(text: &str) -> String {
    let unmarked = |letter: char| match letter {
        'Ă' | 'Â' => 'A',
        'Î' => 'I',
        'Ș' | 'Ş' => 'S',
        'Ț' | 'Ţ' => 'T',
        other => other,
    };
    text.trim().chars().flat_map(char::to_uppercase).map(unmarked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_understood_with_and_without_diacritics() {
        let table = "nume\tjudet\nPORȚILE DE FIER\tMEHEDINȚI\n";
        let filter = |column, wanted: &str, whole| Filter { column, wanted: wanted.to_owned(), whole };
        assert_eq!(select(table, &[filter(0, "portile", false), filter(1, "Mehedinţi", true)]).len(), 1);
        assert_eq!(select(table, &[filter(0, "portile", true)]).len(), 0);
    }
}
