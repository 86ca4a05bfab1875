//! The table: a head on every page, rows that stay whole, a line through what was annulled or struck, page x of y.

use super::columns::COLUMNS;
use super::facts::{Mark, Print, Row};
use crate::sheet::{HEIGHT, Ink, Sheet, Style, WIDTH};
use crate::typeface::Face;

/// Left and right margin; the left one leaves room for binding.
const LEFT: f32 = 28.0;
const TOP: f32 = 26.0;
/// The page lies on its side.
const BOTTOM: f32 = WIDTH - 40.0;
const PADDING: f32 = 2.5;
/// Most lines of one cell: foreign text cannot fill a page.
const MOST_LINES: usize = 8;

const INSTITUTION: Style = Style::new(Face::Bold, 10.0);
const TITLE: Style = Style::new(Face::Bold, 11.5).ink(Ink::Accent);
const HEADING: Style = Style::new(Face::Bold, 6.4).ink(Ink::Black);
const TEXT: Style = Style::new(Face::Plain, 7.2);
const NUMBER: Style = Style::new(Face::Bold, 7.6);
const NOTE: Style = Style::new(Face::Bold, 6.6).ink(Ink::Accent);
const FOOT: Style = Style::new(Face::Plain, 7.0).ink(Ink::Grey);

/// Width between the margins, the sum of the columns.
fn inner() -> f32 {
    COLUMNS.iter().map(|column| column.width).sum()
}

/// The pages.
pub fn lay_out(facts: &Print) -> Vec<Sheet> {
    let head = head(facts);
    let mut done = Vec::new();
    let mut open = head.clone();
    for row in &facts.rows {
        let piece = cells(row);
        if open.y + piece.y > BOTTOM {
            done.push(std::mem::replace(&mut open, head.clone()));
        }
        let piece = piece.below(open.y);
        open.add(piece);
    }
    if facts.rows.is_empty() {
        open.put(LEFT + PADDING, open.y + 4.0, TEXT, "Niciun număr.");
    }
    done.push(open);
    let count = done.len();
    done.iter_mut().enumerate().for_each(|(place, sheet)| foot(sheet, facts, (place + 1, count)));
    done
}

fn head(facts: &Print) -> Sheet {
    let mut sheet = Sheet::at(TOP);
    sheet.write((LEFT, inner()), INSTITUTION, &facts.institution, 1);
    let span = if facts.span.is_empty() { String::new() } else { format!(" · {}", facts.span) };
    let title = format!("Registru de intrare-ieșire: {} · anul {}{span}", facts.register, facts.year);
    sheet.write((LEFT, inner()), TITLE, &title, 1);
    sheet.skip(4.0);
    let top = sheet.y;
    let lines = COLUMNS.map(|column| HEADING.face.wrap(HEADING.size, column.heading, column.width - 2.0 * PADDING, 5));
    let tallest = lines.iter().map(Vec::len).max().unwrap_or(1) as f32;
    let height = (tallest + 1.0) * HEADING.leading + 2.0 * PADDING;
    sheet.block((LEFT, top), (inner(), height), Ink::Tint);
    let mut x = LEFT;
    for (place, (column, lines)) in COLUMNS.iter().zip(&lines).enumerate() {
        let mut y = top + PADDING;
        for line in lines {
            sheet.put(x + PADDING, y, HEADING, line);
            y += HEADING.leading;
        }
        let number = (place + 1).to_string();
        sheet.put(x + PADDING, top + height - HEADING.leading - PADDING, HEADING.ink(Ink::Grey), &number);
        x += column.width;
    }
    borders(&mut sheet, top, height);
    sheet.block((LEFT, top), (inner(), 0.6), Ink::Black);
    sheet.y = top + height;
    sheet
}

/// A row laid out from 0.
fn cells(row: &Row) -> Sheet {
    let mut sheet = Sheet::at(0.0);
    let (mut x, mut tallest) = (LEFT, 1);
    for (place, column) in COLUMNS.iter().enumerate() {
        let style = if place == 0 { NUMBER } else { TEXT };
        let lines = style.face.wrap(style.size, (column.value)(row), column.width - 2.0 * PADDING, MOST_LINES);
        tallest = tallest.max(lines.len());
        for (line, text) in lines.iter().enumerate() {
            sheet.put(x + PADDING, PADDING + line as f32 * TEXT.leading, style, text);
        }
        x += column.width;
    }
    let mut height = tallest as f32 * TEXT.leading + 2.0 * PADDING;
    let note = match &row.mark {
        Mark::None => None,
        Mark::Annulled(reason) => Some(format!("ANULAT: {reason}")),
        Mark::Struck(reason) => Some(format!("BARAT: {reason}")),
        Mark::Reserved(whom) => Some(format!("REZERVAT: {whom}")),
        Mark::Imported(note) => Some(format!("IMPORTAT: {note}")),
    };
    if matches!(row.mark, Mark::Annulled(_) | Mark::Struck(_)) {
        // One line through all lines of the row, as a ruler draws it; what it crosses stays readable.
        sheet.block((LEFT + 1.0, height / 2.0), (inner() - 2.0, 0.7), Ink::Black);
    }
    if let Some(note) = note {
        let lines = NOTE.face.wrap(NOTE.size, &note, inner() - 60.0, 2);
        for line in &lines {
            sheet.put(LEFT + COLUMNS[0].width + PADDING, height - 1.0, NOTE, line);
            height += NOTE.leading;
        }
    }
    borders(&mut sheet, 0.0, height);
    sheet.y = height;
    sheet
}

fn borders(sheet: &mut Sheet, top: f32, height: f32) {
    let mut x = LEFT;
    for width in COLUMNS.iter().map(|column| column.width).chain([0.0]) {
        sheet.block((x - 0.2, top), (0.4, height), Ink::Hairline);
        x += width;
    }
    sheet.block((LEFT, top + height - 0.4), (inner(), 0.4), Ink::Hairline);
}

fn foot(sheet: &mut Sheet, facts: &Print, (page, pages): (usize, usize)) {
    let y = WIDTH - 30.0;
    let state = match &facts.closing {
        Some(closing) => format!("Registru închis la {}; actul de închidere {}.", closing.at.local, closing.act),
        None => "Registru neînchis la data tipăririi.".to_owned(),
    };
    let said = format!("{state} Tipărit la {} de {}.", facts.made_at.local, facts.service);
    sheet.put(LEFT, y, FOOT, &FOOT.face.fit(FOOT.size, &said, inner() - 90.0));
    sheet.put_right(HEIGHT - LEFT, y, FOOT, &format!("Pagina {page} din {pages}"));
}
