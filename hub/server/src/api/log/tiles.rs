//! `/v1/log/tile/<L>/<N>`: the tree as tiles (C2SP tlog-tiles), so that stock tools can recompute it. With the prefix
//! `/v1/log`, this and `/v1/log/checkpoint` are such a log; entry bundles are not served, since evidence is not public.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::log;

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// Hashes of a whole tile.
const WHOLE: u64 = 256;

/// One tile, whole or partial.
///
/// # Errors
/// The log has not grown so far, or the path is not one of a tile.
pub async fn tile(State(app): State<App>, Path((level, number)): Path<(String, String)>) -> Result<Response, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let level: u8 =
        Some(&level).filter(|text| is_plain(text)).and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let (number, width) = place(&number).ok_or_else(missing)?;
    let hashes = log::tile(&app.hub.db, level, number, width).await?.ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        // A tile never changes: that is the point of the log.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, hashes).into_response())
}

/// Number and width: `x001/x234/067` or `x001/x234/067.p/13`.
fn place(path: &str) -> Option<(u64, u64)> {
    let (path, width) = match path.split_once(".p/") {
        Some((path, width)) if is_plain(width) => {
            (path, width.parse().ok().filter(|width| (1..WHOLE).contains(width))?)
        }
        Some(_) => return None,
        None => (path, WHOLE),
    };
    let mut number: u64 = 0;
    let mut groups = path.split('/').peekable();
    let mut first = true;
    while let Some(group) = groups.next() {
        let digits = if groups.peek().is_some() { group.strip_prefix('x')? } else { group };
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        // A number has one spelling: no group of zeroes in front of others.
        if first && groups.peek().is_some() && digits == "000" {
            return None;
        }
        first = false;
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some((number, width))
}

/// Decimal digits without leading zeroes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn the_path_of_a_tile_has_one_spelling() {
        assert_eq!(place("067"), Some((67, 256)));
        assert_eq!(place("x001/x234/067"), Some((1_234_067, 256)));
        assert_eq!(place("x001/000.p/13"), Some((1000, 13)));
        for wrong in
            ["67", "0067", "x067", "001/067", "x000/067", "067.p/0", "067.p/256", "067.p/07", "067.p/", "", "-01"]
        {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
