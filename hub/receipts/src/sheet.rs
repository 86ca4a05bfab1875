//! A sheet of A4 before it is printed: marks with places, in points from the upper left corner. It can be measured and thrown
//! away, which is how a page finds out what fits.

use crate::typeface::Face;

/// Width of A4.
pub const WIDTH: f32 = 595.28;
/// Height of A4.
pub const HEIGHT: f32 = 841.89;
/// Left and right margin.
pub const MARGIN: f32 = 48.0;
/// Width between the margins.
pub const INNER: f32 = WIDTH - 2.0 * MARGIN;

/// The inks of the page: black, its greys, paper, and one accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text.
    Black,
    /// Labels and what is said aside.
    Grey,
    /// Hairlines.
    Hairline,
    /// Text on a black block.
    Paper,
    /// What the eye should find first.
    Accent,
    /// Ground of the register numbers.
    Tint,
}

/// One mark on the sheet.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A run of printable text on its base line.
    Text {
        /// Left end of the base line.
        at: (f32, f32),
        /// Face and size.
        face: (Face, f32),
        /// Ink.
        ink: Ink,
        /// The text.
        text: String,
    },
    /// A filled rectangle: x, y, width, height. Rules are thin ones.
    Block((f32, f32, f32, f32), Ink),
    /// Filled squares of one drawing: corner of each, and their side.
    Squares(Vec<(f32, f32)>, f32),
}

/// How text is set.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Face.
    pub face: Face,
    /// Size in points.
    pub size: f32,
    /// From one base line to the next.
    pub leading: f32,
    /// Ink.
    pub ink: Ink,
}

impl Style {
    /// A face and size with a leading of four thirds, in black.
    pub const fn new(face: Face, size: f32) -> Self {
        Self { face, size, leading: size * 1.32, ink: Ink::Black }
    }

    /// The same in another ink.
    pub const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }
}

/// The sheet, written from the top down.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// What is on it.
    pub marks: Vec<Mark>,
    /// Where the next thing begins.
    pub y: f32,
}

impl Sheet {
    /// An empty sheet that begins at this height.
    pub fn at(y: f32) -> Self {
        Self { marks: Vec::new(), y }
    }

    /// One line at a place; the caller has made it fit. `y` is the top of the line.
    pub fn put(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.mark(x, y, style, style.face.printable(text));
    }

    /// A line that is printable already.
    fn mark(&mut self, x: f32, y: f32, style: Style, text: String) {
        // Base line: DejaVu's capitals stand at 0.73 of the size.
        let base = y + style.leading / 2.0 + style.size * 0.34;
        if !text.is_empty() {
            self.marks.push(Mark::Text { at: (x, base), face: (style.face, style.size), ink: style.ink, text });
        }
    }

    /// One line that ends at `x`.
    pub fn put_right(&mut self, x: f32, y: f32, style: Style, text: &str) {
        let width = style.face.width(style.size, &style.face.printable(text));
        self.put(x - width, y, style, text);
    }

    /// A paragraph below what is there, in at most so many lines.
    pub fn write(&mut self, (x, width): (f32, f32), style: Style, text: &str, most: usize) {
        let lines = style.face.wrap(style.size, text, width, most);
        for line in lines {
            self.mark(x, self.y, style, line);
            self.y += style.leading;
        }
    }

    /// A rule across, at the present height.
    pub fn rule(&mut self, x: f32, width: f32, thickness: f32, ink: Ink) {
        self.block((x, self.y), (width, thickness), ink);
    }

    /// A filled rectangle.
    pub fn block(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        self.marks.push(Mark::Block((x, y, width, height), ink));
    }

    /// Leaves room.
    pub fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// Adds what was laid out elsewhere; the height goes on below it.
    pub fn add(&mut self, other: Self) {
        self.marks.extend(other.marks);
        self.y = self.y.max(other.y);
    }

    /// The same marks, moved down.
    pub fn below(&self, height: f32) -> Self {
        let moved = self.marks.iter().cloned().map(|mark| match mark {
            Mark::Text { at: (x, y), face, ink, text } => Mark::Text { at: (x, y + height), face, ink, text },
            Mark::Block((x, y, width, tall), ink) => Mark::Block((x, y + height, width, tall), ink),
            Mark::Squares(corners, side) => {
                Mark::Squares(corners.into_iter().map(|(x, y)| (x, y + height)).collect(), side)
            }
        });
        Self { marks: moved.collect(), y: self.y + height }
    }
}
