//! The columns of the template: the 13 of the Instructions 217/1996, art. 9, and what a register must tell besides.

use schemas::text::fold;

use crate::write::{CsvWriter, XlsxWriter};

macro_rules! columns {
    ($($name:ident $heading:literal $needed:literal [$($alias:literal),*];)*) => {
        /// A column of the template.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Column { $(#[doc = $heading] $name),* }

        impl Column {
            /// Every column, in the order of the template.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The heading, as people read it.
            #[must_use]
            pub const fn heading(self) -> &'static str {
                match self { $(Self::$name => $heading),* }
            }

            /// Whether a file without it is refused.
            #[must_use]
            pub const fn is_needed(self) -> bool {
                match self { $(Self::$name => $needed),* }
            }

            /// Other headings under which town halls keep it, folded.
            const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($alias),*]),* }
            }
        }
    };
}

columns! {
    Number "Nr. de înregistrare" true ["nr", "nr crt inregistrare", "numar", "numar de inregistrare", "numar inregistrare", "nr inreg", "nr inregistrare"];
    Date "Data înregistrării" true ["data", "data inreg", "data inregistrare", "data de inregistrare"];
    Direction "Sens" false ["tip", "intrare iesire", "directie", "tip document"];
    IssuerNumber "Nr. la emitent" false ["nr emitent", "nr document emitent", "nr extern", "numar extern", "nr document"];
    IssuerDate "Data la emitent" false ["data emitent", "data document emitent", "data externa", "data document"];
    Pages "Nr. file" false ["file", "numar file", "nr filelor", "nr pagini"];
    Annexes "Nr. anexe" false ["anexe", "numar anexe", "nr anexelor"];
    Issuer "Emitent" false ["emitentul", "expeditor", "expeditorul", "petent", "de la"];
    Subject "Conținut pe scurt" true ["continutul pe scurt", "continut", "continutul", "obiect", "obiectul", "subiect", "descriere"];
    Unit "Compartiment" false ["compartimentul", "compartiment repartizat", "compartimentul caruia i s-a repartizat", "repartizat", "serviciu", "birou"];
    Sent "Data expedierii" false ["expediat", "data expediere", "data expedierii documentului"];
    Resolution "Mod de rezolvare" false ["modul de rezolvare", "modul rezolvarii", "rezolvare", "mod rezolvare"];
    Addressee "Destinatar" false ["destinatarul", "catre", "la"];
    Connected "Conexat la nr." false ["conexat", "nr conexat", "nr documentului la care se conexeaza", "conexare"];
    FileCode "Indicativ dosar" false ["indicativul dosarului", "indicativ", "dosar", "indicativ nomenclator"];
    State "Stare" false ["starea", "status"];
    Reason "Motiv" false ["motivul", "motiv anulare", "observatii"];
}

impl Column {
    /// The column under this heading, however it is spelled.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        let wanted = plain(heading);
        Self::ALL.iter().copied().find(|one| plain(one.heading()) == wanted || one.aliases().contains(&wanted.as_str()))
    }
}

/// Folded letters and digits with one space between words.
fn plain(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric() && letter != '-').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The template as CSV: the headings and nothing else.
#[must_use]
pub fn template_csv() -> Vec<u8> {
    CsvWriter::beginning().into_bytes()
}

/// The template as XLSX.
///
/// # Errors
/// The temporary file cannot be written.
pub fn template_xlsx() -> std::io::Result<Vec<u8>> {
    XlsxWriter::new("Șablon")?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_however_they_are_spelled() {
        let cases = [
            ("Nr. de înregistrare", Some(Column::Number)),
            ("NR. ÎNREG.", Some(Column::Number)),
            ("nr. inregistrare", Some(Column::Number)),
            ("Data înregistrării", Some(Column::Date)),
            ("Conţinutul pe scurt", Some(Column::Subject)),
            ("Compartimentul căruia i s-a repartizat", Some(Column::Unit)),
            ("Observații", Some(Column::Reason)),
            ("Culoarea", None),
            ("", None),
        ];
        for (heading, column) in cases {
            assert_eq!(Column::of_heading(heading), column, "{heading}");
        }
    }
}
