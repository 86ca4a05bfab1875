//! The catalogue (CKAN, as data.gov.ro has it) and a file server with ranges.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use openssl::sha::sha256;
use serde_json::{Value, json};

use super::register::Register;
use super::{Onrc, files};
use crate::date;
use crate::line::LineHandle;

/// Snapshots that stay in the catalogue.
const KEPT: usize = 3;

/// The published snapshots, the newest last.
pub(super) struct Snapshots(Vec<Snapshot>);

struct Snapshot {
    firms: String,
    names: String,
    files: BTreeMap<&'static str, Bytes>,
}

impl Snapshots {
    pub(super) fn first(register: &Register, now: i64) -> Self {
        let mut snapshots = Self(Vec::new());
        snapshots.publish(register, now);
        snapshots
    }

    /// Publishes the register as it is today; answers the name of the package. On one day a later one takes the place of
    /// an earlier one.
    pub(super) fn publish(&mut self, register: &Register, now: i64) -> String {
        let today = date::today(now);
        let day = format!("{}-{}-{}", &today[8..10], &today[5..7], &today[..4]);
        let snapshot = Snapshot {
            firms: format!("firme-{day}"),
            names: format!("nomenclatoare-{day}"),
            files: files::of(register),
        };
        let package = snapshot.firms.clone();
        self.0.retain(|one| one.firms != package);
        self.0.push(snapshot);
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
        package
    }

    fn file(&self, package: &str, file: &str) -> Option<Bytes> {
        let snapshot = self.0.iter().find(|one| one.firms == package || one.names == package)?;
        let belongs = (snapshot.names == package) == file.starts_with("N_");
        snapshot.files.get(file).filter(|_| belongs).cloned()
    }

    fn package(&self, name: &str, base: &str, wrong_checksums: bool) -> Option<Value> {
        let snapshot = self.0.iter().find(|one| one.firms == name || one.names == name)?;
        let of_names = snapshot.names == name;
        let resources: Vec<Value> = snapshot
            .files
            .iter()
            .filter(|(file, _)| file.starts_with("N_") == of_names)
            .map(|(file, bytes)| {
                let hash = if wrong_checksums { "0".repeat(64) } else { hex::encode(sha256(bytes)) };
                json!({
                    "name": file, "format": "CSV", "size": bytes.len(), "hash": hash, "datastore_active": false,
                    "url": format!("{base}/dataset/{name}/{}", file.to_lowercase()),
                })
            })
            .collect();
        Some(json!({
            "name": name, "title": name, "organization": { "name": "onrc" }, "license_id": "cc-by",
            "resources": resources,
        }))
    }
}

pub(super) fn pages() -> Router<Arc<Onrc>> {
    Router::new()
        .route("/api/3/action/package_search", get(search))
        .route("/api/3/action/package_show", get(show))
        .route("/dataset/{package}/{file}", get(file))
}

fn base(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("http://{host}")
}

async fn search(
    State(twin): State<Arc<Onrc>>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let inner = twin.locked();
    let number = |name: &str, default: usize| asked.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let wrong = inner.behaviour.wrong_checksums;
    let base = base(&headers);
    let names = inner.snapshots.0.iter().flat_map(|one| [&one.firms, &one.names]);
    let mut all: Vec<Value> = names.filter_map(|name| inner.snapshots.package(name, &base, wrong)).collect();
    // A package that is none of ours, as the real catalogue has them.
    all.push(json!({ "name": "firme-vechi-2014", "organization": { "name": "onrc" }, "resources": [] }));
    let page: Vec<&Value> = all.iter().skip(number("start", 0)).take(number("rows", 10)).collect();
    Json(json!({ "success": true, "result": { "count": all.len(), "results": page } })).into_response()
}

async fn show(
    State(twin): State<Arc<Onrc>>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let inner = twin.locked();
    let name = asked.get("id").map(String::as_str).unwrap_or_default();
    match inner.snapshots.package(name, &base(&headers), inner.behaviour.wrong_checksums) {
        Some(package) => Json(json!({ "success": true, "result": package })).into_response(),
        None => {
            let error = json!({ "success": false, "error": { "__type": "Not Found Error", "message": "Not found" } });
            (StatusCode::NOT_FOUND, Json(error)).into_response()
        }
    }
}

async fn file(
    State(twin): State<Arc<Onrc>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    Path((package, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let (content, cut, without_ranges) = {
        let inner = twin.locked();
        let content = inner.snapshots.file(&package, &file.to_ascii_uppercase());
        (content, inner.behaviour.cut_files_after, inner.behaviour.without_ranges)
    };
    let Some(content) = content else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{}\"", &hex::encode(sha256(&content))[..16]);
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let same_version = text(header::IF_RANGE).is_empty() || text(header::IF_RANGE) == tag;
    let start = text(header::RANGE).strip_prefix("bytes=").and_then(|range| range.strip_suffix('-')?.parse().ok());
    let start: Option<usize> = start.filter(|_| same_version && !without_ranges);
    if start.is_some_and(|start| start >= content.len()) {
        let range = [(header::CONTENT_RANGE, format!("bytes */{}", content.len()))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
    }
    let rest = content.slice(start.unwrap_or(0)..);
    let mut answer = Response::builder().header(header::ETAG, &tag).header(header::CONTENT_LENGTH, rest.len());
    if let Some(start) = start {
        let range = format!("bytes {start}-{}/{}", content.len() - 1, content.len());
        answer = answer.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, range);
    }
    if usize::try_from(cut).is_ok_and(|cut| cut > 0 && cut < rest.len()) {
        line.cut_after(usize::try_from(cut).unwrap_or(usize::MAX));
    }
    answer
        .body(Body::from(rest))
        .map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), IntoResponse::into_response)
}
