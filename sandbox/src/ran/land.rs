//! The sums of the land chapter CAP2a: each row's total, and the rows that are totals of others. In square metres, since
//! one hectare is 100 ares.

use std::collections::BTreeMap;

use jiff::civil::Date;
use roxmltree::Node;

use super::codes::Problem;
use super::nomenclature::{Row, row_at};

/// Everything wrong with the sums of the chapter.
pub(super) fn problems(chapter: Node<'_, '_>, at: Date) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    let mut sums: Vec<&'static Row> = Vec::new();
    for section in chapter.children().filter(|child| child.has_tag_name("categorie_teren")) {
        let (code, row_code) = (section.attribute("codNomenclator"), section.attribute("codRand"));
        let Some(row) = row_at("categorie_teren", code.unwrap_or_default(), row_code, at) else { continue };
        let (total, parts) = (area(section, &["total"]), area(section, &["local", "alteloc"]));
        let (Ok(total), Ok(parts)) = (total, parts) else {
            let name = row.name;
            problems.push(Problem::new("SAVE-CAP-70", &["suprafață", "categorie_teren", row.row_code, name]));
            continue;
        };
        if total != parts {
            let said = [in_hectares(total), in_hectares(parts)];
            problems.push(Problem::new("SAVE-CAP-54", &["HA", &said[0], &said[1], row.row_code, row.name]));
        }
        totals.insert(row.row_code, total);
        if !row.sum_of.is_empty() {
            sums.push(row);
        }
    }
    if !totals.is_empty() && sums.len() == totals.len() {
        problems.push(Problem::new("SAVE-CAP-44", &[]));
        return problems;
    }
    for row in sums {
        let said = totals.get(row.row_code).copied().unwrap_or_default();
        let computed = row.sum_of.iter().filter_map(|part| totals.get(part)).sum();
        if said != computed {
            let (said, computed) = (in_hectares(said), in_hectares(computed));
            let words = [&said, "HA", &computed, "total", "categorie_teren", "codRand", row.row_code, row.name];
            problems.push(Problem::new("SAVE-CAP-43", &words));
        }
    }
    problems
}

/// The area of `<prefix>HA` and `<prefix>ARI` together; what is missing counts as nothing.
fn area(section: Node<'_, '_>, prefixes: &[&str]) -> Result<i64, ()> {
    let mut sum = 0_i64;
    for prefix in prefixes {
        for (unit, square_metres) in [("HA", 10_000), ("ARI", 100)] {
            let name = format!("{prefix}{unit}");
            let Some(element) = section.children().find(|child| child.has_tag_name(name.as_str())) else { continue };
            let value = element.attribute("value").or_else(|| element.text()).unwrap_or_default();
            sum = sum.checked_add(scaled(value, square_metres).ok_or(())?).ok_or(())?;
        }
    }
    Ok(sum)
}

/// A decimal with up to four digits after the point, times a whole number.
fn scaled(text: &str, factor: i64) -> Option<i64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if whole.len() > 9 || fraction.len() > 4 || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let ten_thousandths: i64 = format!("{fraction:0<4}").parse().ok()?;
    Some((whole.parse::<i64>().ok()? * 10_000 + ten_thousandths) * factor / 10_000)
}

fn in_hectares(square_metres: i64) -> String {
    format!("{}.{:04}", square_metres / 10_000, square_metres % 10_000)
}
