//! The story as plain text, for reading without a program for PDF.

use super::{Block, Story};
use crate::printable::one_line;

/// Longest line of running text, in letters.
const LINE: usize = 100;

/// Writes the story.
pub fn as_text(story: &Story) -> String {
    let mut text = String::new();
    heading(&mut text, &story.title, '=');
    story.subtitle.iter().for_each(|line| paragraph(&mut text, line, ""));
    if let Some(warning) = &story.warning {
        text.push('\n');
        paragraph(&mut text, warning, "!! ");
    }
    for section in &story.sections {
        text.push('\n');
        heading(&mut text, &section.heading, '-');
        section.blocks.iter().for_each(|block| write(&mut text, block));
    }
    text
}

fn write(text: &mut String, block: &Block) {
    match block {
        Block::Paragraph(said) => {
            paragraph(text, said, "");
            text.push('\n');
        }
        Block::Entry { title, rows } => {
            if let Some(title) = title {
                paragraph(text, title, "");
            }
            for row in rows {
                let label = if row.label.is_empty() { String::new() } else { format!("{}: ", one_line(&row.label)) };
                if row.exact {
                    text.push_str(&format!("    {label}{}\n", one_line(&row.text)));
                } else {
                    paragraph(text, &format!("{label}{}", row.text), "    ");
                }
            }
            text.push('\n');
        }
        // The form that `sha256sum --check` reads.
        Block::Digests(digests) => {
            digests
                .iter()
                .for_each(|one| text.push_str(&format!("{}  {}\n", one_line(&one.sha256), one_line(&one.name))));
        }
    }
}

fn heading(text: &mut String, words: &str, line: char) {
    let words = one_line(words).to_uppercase();
    let under: String = words.chars().map(|_| line).collect();
    text.push_str(&format!("{words}\n{under}\n"));
}

/// Breaks at spaces; a word longer than a line stays whole.
fn paragraph(text: &mut String, words: &str, indent: &str) {
    let mut used = 0;
    for word in one_line(words).split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > LINE {
            text.push('\n');
            used = 0;
        }
        if used == 0 {
            text.push_str(indent);
            used = indent.len();
        } else {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length;
    }
    text.push('\n');
}
