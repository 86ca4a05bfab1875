//! A page that says what an invoice says: enough of PDF 1.4 for every reader.

use super::document::Heading;

/// One page with the heading of an invoice.
pub(super) fn page(heading: &Heading) -> Vec<u8> {
    let shown = |text: &Option<String>| plain(text.as_deref().unwrap_or("-"));
    let lines = [
        "RO eFactura - MACHETA DE PROBA, FARA VALOARE".to_owned(),
        format!("Factura {} din {}", shown(&heading.number), shown(&heading.issued)),
        format!("Vanzator: {}", shown(&heading.seller)),
        format!("Cumparator: {}", shown(&heading.buyer)),
    ];
    let text: String = lines.iter().map(|line| format!("({line}) Tj T*\n")).collect();
    let content = format!("BT /F1 12 Tf 18 TL 56 780 Td\n{text}ET\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}endstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut file, mut offsets) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for (position, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", position + 1));
    }
    let start = file.len();
    let table: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
    file.push_str(&format!(
        "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        count = objects.len() + 1
    ));
    file.into_bytes()
}

/// Letters that need no encoding and end no string.
fn plain(text: &str) -> String {
    text.chars().filter(|one| (' '..='~').contains(one) && !"()\\".contains(*one)).take(60).collect()
}
