//! A form laid out: its table flows over pages with its head on each, and every page says which it is.

use super::forms::{Form, Table};
use crate::sheet::{HEIGHT, INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;

const TOP: f32 = 48.0;
const BOTTOM: f32 = HEIGHT - 58.0;
const TITLE: Style = Style::new(Face::Bold, 17.0).ink(Ink::Accent);
const HEAD: Style = Style::new(Face::Plain, 10.0);
const TEXT: Style = Style::new(Face::Plain, 9.0);
const LABEL: Style = Style::new(Face::Bold, 8.0).ink(Ink::Grey);
const CELL: Style = Style::new(Face::Plain, 8.0);
const EXACT: Style = Style::new(Face::Mono, 6.8);
/// Longest text of one cell or paragraph, in lines: foreign text cannot fill a book.
const MOST: usize = 12;

/// The pages of a form.
pub(crate) fn lay_out(form: &Form) -> Vec<Sheet> {
    let mut pages = Pages { done: Vec::new(), open: Sheet::at(TOP) };
    pages.open.write((MARGIN, INNER), TITLE, &form.title, 2);
    pages.open.skip(4.0);
    form.head.iter().for_each(|line| pages.open.write((MARGIN, INNER), HEAD, line, 2));
    pages.open.skip(8.0);
    form.before.iter().for_each(|said| pages.paragraph(said));
    table(&mut pages, &form.table);
    pages.open.skip(8.0);
    form.after.iter().for_each(|said| pages.paragraph(said));
    for (label, name) in &form.signatures {
        let mut piece = Sheet::at(0.0);
        piece.skip(10.0);
        piece.put(MARGIN, piece.y, LABEL, &LABEL.face.fit(LABEL.size, label, 110.0));
        piece.write((MARGIN + 118.0, 220.0), TEXT, name, 2);
        piece.block((MARGIN + 350.0, 22.0), (INNER - 350.0, 0.5), Ink::Black);
        piece.y = piece.y.max(26.0);
        pages.put(&piece);
    }
    pages.numbered(&form.title)
}

struct Pages {
    done: Vec<Sheet>,
    open: Sheet,
}

impl Pages {
    /// Whether there is room for a piece on this page; an empty page takes everything.
    fn fits(&self, height: f32) -> bool {
        self.open.y + height <= BOTTOM || self.open.y <= TOP
    }

    fn turn(&mut self) {
        self.done.push(std::mem::replace(&mut self.open, Sheet::at(TOP)));
    }

    fn put(&mut self, piece: &Sheet) {
        if !self.fits(piece.y) {
            self.turn();
        }
        let piece = piece.below(self.open.y);
        self.open.add(piece);
    }

    fn paragraph(&mut self, said: &str) {
        let mut piece = Sheet::at(0.0);
        piece.write((MARGIN, INNER), TEXT, said, MOST);
        piece.skip(4.0);
        self.put(&piece);
    }

    fn numbered(mut self, title: &str) -> Vec<Sheet> {
        self.done.push(self.open);
        let count = self.done.len();
        for (sheet, place) in self.done.iter_mut().zip(1..) {
            let y = HEIGHT - 44.0;
            sheet.block((MARGIN, y - 5.0), (INNER, 0.5), Ink::Hairline);
            sheet.put(MARGIN, y, LABEL, &LABEL.face.fit(LABEL.size, title, INNER - 100.0));
            sheet.put_right(MARGIN + INNER, y, LABEL, &format!("pagina {place} din {count}"));
        }
        self.done
    }
}

fn table(pages: &mut Pages, table: &Table) {
    let names: Vec<String> = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let head = row(table, &names, |_| LABEL);
    pages.put(&head);
    for cells in &table.rows {
        let piece = row(table, cells, |place| if table.exact == Some(place) { EXACT } else { CELL });
        if !pages.fits(piece.y) {
            pages.turn();
            pages.put(&head);
        }
        pages.put(&piece);
    }
}

fn row(table: &Table, cells: &[String], style: impl Fn(usize) -> Style) -> Sheet {
    let mut piece = Sheet::at(0.0);
    piece.rule(MARGIN, INNER, 0.5, Ink::Hairline);
    let (mut x, mut bottom) = (MARGIN, 0.0_f32);
    for (place, ((_, share), cell)) in table.columns.iter().zip(cells).enumerate() {
        let width = INNER * share;
        piece.y = 2.5;
        piece.write((x, width - 6.0), style(place), cell, MOST);
        bottom = bottom.max(piece.y);
        x += width;
    }
    piece.y = bottom + 3.0;
    piece
}
