//! `/console`: sends everybody to the first page of their own work.

use crate::page::{Answer, page, sent_to};
use crate::visit::Visit;

#[derive(askama::Template)]
#[template(path = "empty_home.html")]
struct Page<'a> {
    v: &'a Visit,
}

/// The first page of the visitor's menu; a page that says what to do where the menu is empty.
///
/// # Errors
/// None of its own.
pub async fn show(visit: Visit) -> Answer {
    let menu = visit.menu();
    match menu.first().and_then(|section| section.entries.first()) {
        Some((path, ..)) => Ok(sent_to(path)),
        None => page(&Page { v: &visit }),
    }
}
