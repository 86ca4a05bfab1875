//! The 13 columns, in the order of the Instructions of the National Archives 217/1996, art. 9, and their widths.

use super::facts::Row;

/// A column.
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Width in points; together the width between the margins.
    pub width: f32,
    /// What stands in it.
    pub value: fn(&Row) -> &str,
}

/// The columns.
pub const COLUMNS: [Column; 13] = [
    Column { heading: "Nr. de înregistrare", width: 48.0, value: |row| &row.number },
    Column { heading: "Data înregistrării", width: 48.0, value: |row| &row.date },
    Column { heading: "Nr. și data documentului la emitent", width: 66.0, value: |row| &row.issuer_number },
    Column { heading: "Nr. file", width: 28.0, value: |row| &row.pages },
    Column { heading: "Nr. anexe", width: 30.0, value: |row| &row.annexes },
    Column { heading: "Emitentul", width: 88.0, value: |row| &row.issuer },
    Column { heading: "Conținutul pe scurt", width: 142.0, value: |row| &row.subject },
    Column { heading: "Compartimentul căruia i s-a repartizat", width: 66.0, value: |row| &row.unit },
    Column { heading: "Data expedierii", width: 48.0, value: |row| &row.sent },
    Column { heading: "Modul de rezolvare", width: 68.0, value: |row| &row.resolution },
    Column { heading: "Destinatarul", width: 76.0, value: |row| &row.addressee },
    Column { heading: "Nr. documentului la care se conexează", width: 44.0, value: |row| &row.connected },
    Column { heading: "Indicativul dosarului", width: 41.0, value: |row| &row.file_code },
];
