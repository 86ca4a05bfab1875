//! What differs between two texts, line by line.

/// Most lines of a side; longer texts are shown beside each other only.
const MOST: usize = 2_000;

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// On both sides.
    Same,
    /// On the first alone.
    Gone,
    /// On the second alone.
    Come,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub kind: Kind,
    pub text: String,
}

/// The lines of both texts; nothing where one is too long to be compared.
pub(super) fn lines(before: &str, after: &str) -> Option<Vec<Line>> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    if before.len() > MOST || after.len() > MOST {
        return None;
    }
    let width = after.len() + 1;
    // The longest common part of what follows each pair of places.
    let mut common = vec![0_u16; (before.len() + 1) * width];
    for (at, one) in before.iter().enumerate().rev() {
        for (other_at, other) in after.iter().enumerate().rev() {
            let here = at * width + other_at;
            common[here] =
                if one == other { common[here + width + 1] + 1 } else { common[here + width].max(common[here + 1]) };
        }
    }
    let line = |kind, text: &str| Line { kind, text: text.to_owned() };
    let (mut at, mut other_at, mut found) = (0, 0, Vec::new());
    while at < before.len() || other_at < after.len() {
        let here = at * width + other_at;
        if at < before.len() && other_at < after.len() && before[at] == after[other_at] {
            found.push(line(Kind::Same, before[at]));
            (at, other_at) = (at + 1, other_at + 1);
        } else if at < before.len() && (other_at == after.len() || common[here + width] >= common[here + 1]) {
            found.push(line(Kind::Gone, before[at]));
            at += 1;
        } else {
            found.push(line(Kind::Come, after[other_at]));
            other_at += 1;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_one_side_alone_is_marked() {
        let marked: String = lines("a\nb\nc\n", "a\nx\nc\nd")
            .unwrap()
            .iter()
            .map(|line| match line.kind {
                Kind::Same => format!(" {}", line.text),
                Kind::Gone => format!("-{}", line.text),
                Kind::Come => format!("+{}", line.text),
            })
            .collect();
        assert_eq!(marked, " a-b+x c+d");
        assert_eq!(lines("", "").unwrap(), vec![]);
        assert!(lines(&"a\n".repeat(MOST + 1), "a").is_none());
    }
}
