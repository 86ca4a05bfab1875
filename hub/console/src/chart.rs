//! Charts: bars drawn by the server as SVG, for those who would rather look than read. Every value also stands as text, and
//! a table stands beside the chart: the picture adds nothing that cannot be read.
//!
//! Pure. Colours are classes of the style, so the chart follows light, dark and paper; without the style it still reads.

use std::fmt::Write as _;

use crate::list::Tone;

/// A bar: its name, and its pieces one after the other.
#[derive(Debug, Clone)]
pub struct Bar {
    /// A month, a group.
    pub name: String,
    /// Name of each piece, how it stands, and how many.
    pub pieces: Vec<(&'static str, Tone, i64)>,
}

/// Width of the names, of the bars, and of the numbers beside them.
const NAMES: f64 = 190.0;
const BARS: f64 = 380.0;
const NUMBERS: f64 = 190.0;
/// Height of a bar with the room around it.
const STEP: f64 = 28.0;
/// Longest name, in letters.
const LONGEST: usize = 26;

/// The bars as SVG, with what they show as `<title>` and `<desc>`.
#[must_use]
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let sum = |bar: &Bar| bar.pieces.iter().map(|(_, _, count)| *count).sum::<i64>();
    let most = bars.iter().map(sum).max().unwrap_or(0).max(1);
    let height = STEP * precise(i64::try_from(bars.len()).unwrap_or(0)) + 8.0;
    let told: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.name, words(bar))).collect();
    let mut svg = format!(
        "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {:.0} {height:.0}\" width=\"{:.0}\" height=\"{height:.0}\">\
         <title>{}</title><desc>{}</desc>",
        NAMES + BARS + NUMBERS,
        NAMES + BARS + NUMBERS,
        escaped(title),
        escaped(&told.join("; ")),
    );
    for (place, bar) in (0_i64..).zip(bars) {
        let y = 6.0 + STEP * precise(place);
        let name: String = bar.name.chars().take(LONGEST).collect();
        add(
            &mut svg,
            format_args!(
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
                NAMES - 8.0,
                y + 14.0,
                escaped(&name)
            ),
        );
        let mut x = NAMES;
        for (_, tone, count) in &bar.pieces {
            let width = BARS * precise(*count) / precise(most);
            if width > 0.0 {
                add(
                    &mut svg,
                    format_args!(
                        "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"18\"/>",
                        tone.class()
                    ),
                );
            }
            x += width;
        }
        add(&mut svg, format_args!("<text x=\"{:.1}\" y=\"{:.0}\">{}</text>", x + 6.0, y + 14.0, numbers(bar)));
    }
    add(
        &mut svg,
        format_args!("<line class=\"axis\" x1=\"{NAMES:.0}\" y1=\"0\" x2=\"{NAMES:.0}\" y2=\"{height:.0}\"/></svg>"),
    );
    svg
}

fn add(svg: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = svg.write_fmt(piece);
}

#[allow(clippy::cast_precision_loss, reason = "counts on a picture need no more than 52 bits")]
fn precise(count: i64) -> f64 {
    count as f64
}

fn words(bar: &Bar) -> String {
    let told: Vec<String> = bar.pieces.iter().map(|(name, _, count)| format!("{name} {count}")).collect();
    told.join(", ")
}

fn numbers(bar: &Bar) -> String {
    let told: Vec<String> = bar.pieces.iter().map(|(_, _, count)| count.to_string()).collect();
    told.join(" / ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_stands_as_text_and_nothing_breaks_out() {
        let bar = |name: &str, kept, late| Bar {
            name: name.to_owned(),
            pieces: vec![("respectate", Tone::Good, kept), ("depășite", Tone::Bad, late)],
        };
        let svg = bars("Termene <lună>", &[bar("2026-10", 3, 1), bar("\"><script>", 0, 0)]);
        assert!(svg.contains("<title>Termene &lt;lună&gt;</title>"), "{svg}");
        assert!(svg.contains("2026-10: respectate 3, depășite 1") && svg.contains(">3 / 1</text>"), "{svg}");
        assert!(!svg.contains("<script") && !svg.contains("style="), "{svg}");
        assert!(bars("nimic", &[]).ends_with("</svg>"));
    }
}
