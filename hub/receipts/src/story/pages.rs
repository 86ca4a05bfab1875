//! The story on paper: sections flow over pages, an entry stays on one page when it can, and every page says which it is.

use super::{Block, Digest, Row, Story};
use crate::sheet::{HEIGHT, INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::{Language, fill};

const TOP: f32 = 48.0;
const BOTTOM: f32 = HEIGHT - 58.0;
const COLUMN: f32 = 104.0;

const TITLE: Style = Style::new(Face::Bold, 22.0).ink(Ink::Accent);
const SUBTITLE: Style = Style::new(Face::Plain, 9.5).ink(Ink::Grey);
const WARNING: Style = Style::new(Face::Bold, 9.0).ink(Ink::Paper);
const HEADING: Style = Style::new(Face::Bold, 13.0).ink(Ink::Accent);
const ENTRY: Style = Style::new(Face::Bold, 10.5);
const TEXT: Style = Style::new(Face::Plain, 9.0);
const LABEL: Style = Style::new(Face::Bold, 8.0).ink(Ink::Grey);
const DIGEST: Style = Style::new(Face::Mono, 7.4);
const PAGE: Style = Style::new(Face::Plain, 8.0).ink(Ink::Grey);

/// Longest text of one row or paragraph, in lines: foreign text cannot fill a book.
const MOST: usize = 12;

/// The pages of the story.
pub fn lay_out(story: &Story, language: Language) -> Vec<Sheet> {
    let mut pages = Pages { done: Vec::new(), open: Sheet::at(TOP) };
    cover(&mut pages.open, story);
    for section in &story.sections {
        // A heading never stands alone at the foot of a page.
        pages.room(HEADING.leading + 60.0);
        pages.open.skip(12.0);
        pages.open.write((MARGIN, INNER), HEADING, &section.heading, 1);
        pages.open.rule(MARGIN, INNER, 0.8, Ink::Accent);
        pages.open.skip(6.0);
        section.blocks.iter().for_each(|block| set(&mut pages, block));
    }
    pages.numbered(story, language)
}

struct Pages {
    done: Vec<Sheet>,
    open: Sheet,
}

impl Pages {
    /// Turns the page when there is not so much room left.
    fn room(&mut self, height: f32) {
        if self.open.y + height > BOTTOM && self.open.y > TOP {
            self.done.push(std::mem::replace(&mut self.open, Sheet::at(TOP)));
        }
    }

    /// Puts what was laid out from 0 below what is there, on the next page if it must.
    fn put(&mut self, piece: &Sheet) {
        self.room(piece.y);
        let piece = piece.below(self.open.y);
        self.open.add(piece);
    }

    fn numbered(self, story: &Story, language: Language) -> Vec<Sheet> {
        let mut sheets = self.done;
        sheets.push(self.open);
        let count = sheets.len().to_string();
        for (place, sheet) in sheets.iter_mut().enumerate() {
            let page = fill(&language.words().labels.page_of, &[&(place + 1).to_string(), &count]);
            let y = HEIGHT - 44.0;
            sheet.block((MARGIN, y - 5.0), (INNER, 0.5), Ink::Hairline);
            let of = story.subtitle.first().map_or("", String::as_str);
            sheet.put(MARGIN, y, PAGE, &PAGE.face.fit(PAGE.size, of, INNER - 90.0));
            sheet.put_right(MARGIN + INNER, y, PAGE, &page);
        }
        sheets
    }
}

fn cover(sheet: &mut Sheet, story: &Story) {
    sheet.write((MARGIN, INNER), TITLE, &story.title, 2);
    sheet.skip(3.0);
    story.subtitle.iter().for_each(|line| {
        sheet.write((MARGIN, INNER), SUBTITLE, line, 2);
    });
    if let Some(warning) = &story.warning {
        sheet.skip(8.0);
        let lines = WARNING.face.wrap(WARNING.size, warning, INNER - 16.0, 3).len() as f32;
        sheet.block((MARGIN, sheet.y), (INNER, lines * WARNING.leading + 8.0), Ink::Black);
        sheet.skip(4.0);
        sheet.write((MARGIN + 8.0, INNER - 16.0), WARNING, warning, 3);
        sheet.skip(4.0);
    }
}

fn set(pages: &mut Pages, block: &Block) {
    match block {
        Block::Paragraph(said) => {
            let mut piece = Sheet::at(0.0);
            piece.write((MARGIN, INNER), TEXT, said, MOST);
            piece.skip(5.0);
            pages.put(&piece);
        }
        Block::Entry { title, rows } => entry(pages, title.as_deref(), rows),
        Block::Digests(digests) => digests.iter().for_each(|one| pages.put(&digest(one))),
    }
}

/// An entry taller than what is left begins on a new page; one taller than a page is broken between its rows.
fn entry(pages: &mut Pages, title: Option<&str>, rows: &[Row]) {
    let mut pieces = Vec::new();
    if let Some(title) = title {
        let mut piece = Sheet::at(0.0);
        piece.write((MARGIN, INNER), ENTRY, title, 2);
        piece.skip(1.5);
        pieces.push(piece);
    }
    pieces.extend(rows.iter().map(row));
    let whole: f32 = pieces.iter().map(|piece| piece.y).sum();
    if whole < BOTTOM - TOP {
        pages.room(whole);
    }
    pieces.iter().for_each(|piece| pages.put(piece));
    pages.open.skip(8.0);
}

fn row(row: &Row) -> Sheet {
    let mut piece = Sheet::at(0.0);
    piece.put(MARGIN, 0.8, LABEL, &LABEL.face.fit(LABEL.size, &row.label, COLUMN - 8.0));
    let style = if row.exact { DIGEST } else { TEXT };
    piece.write((MARGIN + COLUMN, INNER - COLUMN), style, &row.text, MOST);
    piece.y = piece.y.max(TEXT.leading);
    piece.skip(1.2);
    piece
}

/// Name and what is known of it above, the digest below: both whole, whatever the name.
fn digest(one: &Digest) -> Sheet {
    let mut piece = Sheet::at(0.0);
    piece.rule(MARGIN, INNER, 0.5, Ink::Hairline);
    piece.skip(2.5);
    let aside = TEXT.face.fit(TEXT.size, &one.aside, 170.0);
    piece.put_right(MARGIN + INNER, piece.y, TEXT.ink(Ink::Grey), &aside);
    piece.write((MARGIN, INNER - 180.0), TEXT, &one.name, 3);
    piece.y = piece.y.max(2.5 + TEXT.leading);
    piece.write((MARGIN, INNER), DIGEST, &one.sha256, 1);
    piece.skip(3.0);
    piece
}
