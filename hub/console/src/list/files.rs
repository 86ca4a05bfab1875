//! A list as a file: all its rows, not only those of the page.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hub_register_files::TableWriter;

use crate::fault::Fault;
use crate::page::Answer;
use crate::visit::Visit;

use super::{Asked, List};

/// Rows asked for at once.
const AT_ONCE: usize = 200;
/// Most rows of a file: what a spreadsheet of a town hall still opens.
const MOST: usize = 100_000;

/// The file.
///
/// # Errors
/// The API refused, the kind is none of ours, or there are more rows than a file takes.
pub async fn file(visit: &Visit, asked: &Asked, list: &dyn List, kind: &str) -> Answer {
    let columns = list.columns();
    let headings: Vec<&str> = columns.iter().map(|column| visit.say(column.ro, column.en)).collect();
    let mut table = match kind {
        "csv" => TableWriter::csv(&headings),
        "xlsx" => TableWriter::xlsx(&list.title(visit), &headings).map_err(|error| Fault::unreadable(&error))?,
        _ => return Err(Fault::missing()),
    };
    let (mut after, mut rows) = (None::<String>, 0);
    loop {
        let part = list.part(visit, asked, after.as_deref(), AT_ONCE).await?;
        rows += part.rows.len();
        if rows > MOST {
            return Err(too_many());
        }
        for row in &part.rows {
            let cells: Vec<String> = row.cells.iter().map(super::Cell::plain).collect();
            table.row(&cells).map_err(|error| Fault::unreadable(&error))?;
        }
        match part.next {
            Some(next) if after.as_deref() != Some(&next) => after = Some(next),
            _ => break,
        }
    }
    let bytes = table.finish().map_err(|error| Fault::unreadable(&error))?;
    Ok(sent(list.file(), kind, bytes))
}

fn sent(name: &str, kind: &str, bytes: Vec<u8>) -> Response {
    let media_type = match kind {
        "csv" => "text/csv; charset=utf-8",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let mut response =
        ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")], bytes).into_response();
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{kind}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn too_many() -> Fault {
    Fault::own(
        StatusCode::UNPROCESSABLE_ENTITY,
        (
            "Sunt prea multe rânduri pentru un fișier",
            "Un fișier are cel mult 100.000 de rânduri. Restrângeți lista cu un filtru, de exemplu pe perioadă.",
        ),
        (
            "Too many rows for one file",
            "A file has at most 100,000 rows. Narrow the list with a filter, by period for example.",
        ),
    )
}
