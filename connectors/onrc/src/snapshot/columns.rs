//! Where the columns of a file are, by the names in its header: exports move and add columns.

use super::ImportError;
use super::records::Record;

/// The places of `N` known columns in a file.
#[derive(Debug, Clone)]
pub(super) struct Columns<const N: usize>([usize; N]);

impl<const N: usize> Columns<N> {
    /// Finds the columns in a header; `optional` ones may be missing and are then empty.
    pub(super) fn find(
        file: &str,
        header: &[String],
        names: [&str; N],
        optional: &[&str],
    ) -> Result<Self, ImportError> {
        let mut places = [usize::MAX; N];
        for (place, name) in places.iter_mut().zip(names) {
            match header.iter().position(|column| column == name) {
                Some(found) => *place = found,
                None if optional.contains(&name) => {}
                None => {
                    return Err(ImportError::MissingColumn { file: file.to_owned(), column: name.to_owned() });
                }
            }
        }
        Ok(Self(places))
    }

    /// The bytes of a known column.
    pub(super) fn field<'r>(&self, record: &'r Record, column: usize) -> &'r [u8] {
        record.field(self.0[column])
    }
}
