//! From a recorded exchange to an answer, each document with a reference of its own.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use connectors_contract::RecordedExchange;

/// The answer as it was recorded.
pub(super) fn plain(exchange: &RecordedExchange) -> Response {
    told(exchange, exchange.answer.text())
}

/// The answer with the reference of the document of this number in place of the recorded one: the first document has the
/// recorded reference, and the last digits count up from it.
pub(super) fn numbered(exchange: &RecordedExchange, number: usize) -> Response {
    let text = exchange.answer.text();
    match exchange.receipt() {
        Some(receipt) if number > 0 && !receipt.is_empty() => {
            told(exchange, text.replace(receipt, &counted(receipt, number)))
        }
        _ => told(exchange, text),
    }
}

fn counted(receipt: &str, number: usize) -> String {
    let kept = receipt.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = &receipt[kept.len()..];
    match digits.parse::<u128>() {
        Ok(first) => format!("{kept}{:0width$}", first + number as u128, width = digits.len()),
        Err(_) => format!("{receipt}-{number}"),
    }
}

fn told(exchange: &RecordedExchange, body: String) -> Response {
    let status = StatusCode::from_u16(exchange.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = (status, Body::from(body)).into_response();
    for (name, value) in &exchange.answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_count_up_in_their_own_shape() {
        for (receipt, number, expected) in
            [("ESO-2026-000001", 1, "ESO-2026-000002"), ("99", 2, "101"), ("0008", 1, "0009"), ("abc", 3, "abc-3")]
        {
            assert_eq!(counted(receipt, number), expected);
        }
    }
}
