//! `/v1/registers/{register}/{year}/{number}/content`: what was scanned or came with an entry that has no message.
//!
//! `POST` takes it as `multipart/form-data` (every part with a file name) or raw, with `?name=` and its media type. It is
//! streamed, hashed and bounded. What is wrong with a document is told beside it and refuses nothing.

use axum::Json;
use axum::body::Body;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use hub_flow::archive::content::{self, EntryPlace, Found, Held, NewContent};
use hub_flow::authorization::to;
use hub_flow::blobs::{Staged, Stored};
use hub_flow::directory::Right;
use hub_flow::flow::{self, NotKept, Uploading};
use hub_flow::registration::EntryKey;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

use crate::api::App;
use crate::api::archive::documents::erased;
use crate::api::caller::idempotency_key;
use crate::api::clerk::Clerk;
use crate::api::may::May;
use crate::api::messages::receive;
use crate::api::problem::Problem;
use crate::api::request::{Path, Wanted};
use crate::problems;
use crate::protection::malware::{self, Added};

use super::place::Place;
use super::refusals::not_recorded;
use super::show;

/// Most parts of one request.
const PARTS: usize = 50;
/// Up to so many bytes a document is looked into.
const LOOKED_INTO: u64 = 256 * 1024 * 1024;

/// What a raw body cannot say of itself.
#[derive(Deserialize)]
pub struct Named {
    name: Option<String>,
}

/// A part that arrived.
struct Part {
    name: String,
    content_type: String,
    stored: Stored,
}

/// Keeps the content of an entry: 201 with what was kept and what was found in it; 200 with the same answer for the same
/// request.
///
/// # Errors
/// A problem document; then nothing was kept.
pub async fn keep(
    caller: May<to::RegistersEnter>,
    (State(app), clerk): (State<App>, Clerk),
    place: Place,
    Wanted(named): Wanted<Named>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let idempotency_key = idempotency_key(request.headers())?;
    clerk.person()?;
    let (_, key) = show::allowed(&app, (&caller, &clerk), place, Right::Register)?;
    // Before anything is read: an entry that is not there takes nothing.
    show::found(&app, &key).await?;
    let parts =
        if multipart(&request) { form(&app, request).await? } else { vec![raw(&app, named.name, request).await?] };
    let (mut contents, mut staged) = (Vec::with_capacity(parts.len()), Vec::new());
    for part in parts {
        let (new, file) = looked_into(&app, part).await?;
        contents.push(new);
        staged.extend(file);
    }
    let shown: Vec<_> = contents.iter().map(|new| shown(new, &staged)).collect();
    malware::cleared(&app, &shown).await?;
    let uploading = Uploading { key, author: clerk.author(), idempotency_key, contents, staged };
    let kept = flow::keep_contents(&app.hub, uploading).await.map_err(refused)?;
    Ok((if kept.again { StatusCode::OK } else { StatusCode::CREATED }, Json(kept.answer)))
}

/// What an entry has, in order.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: May<to::RegistersRead>,
    State(app): State<App>,
    clerk: Clerk,
    place: Place,
) -> Result<Json<Value>, Problem> {
    let (_, key) = show::allowed(&app, (&caller, &clerk), place, Right::See)?;
    show::found(&app, &key).await?;
    Ok(Json(json!({"items": content::of_entry(&app.hub.db, &key.party, &of(&key)).await?})))
}

/// The bytes of one, as they came.
///
/// # Errors
/// A problem document.
pub async fn bytes(
    caller: May<to::RegistersRead>,
    State(app): State<App>,
    clerk: Clerk,
    Path((register, year, number, position)): Path<(String, i64, i64, i64)>,
) -> Result<Response, Problem> {
    clerk.person()?;
    let (_, key) = show::allowed(&app, (&caller, &clerk), Place { register, year, number }, Right::See)?;
    let held = content::of_entry(&app.hub.db, &key.party, &of(&key)).await?;
    let one = held.into_iter().find(|one| one.position == position);
    let one = one.ok_or_else(|| Problem::of(&problems::NOT_FOUND))?;
    if one.erased_at.is_some() {
        return Err(erased());
    }
    let body = match content::bytes_of(&app.hub.db, &key.party, (&of(&key), position)).await? {
        Some(bytes) => Body::from(bytes),
        None => Body::from_stream(ReaderStream::new(tokio::fs::File::open(app.hub.blobs.path(&one.address)).await?)),
    };
    Ok((headers(&one), body).into_response())
}

fn headers(one: &Held) -> [(header::HeaderName, String); 4] {
    [
        (header::CONTENT_TYPE, one.content_type.clone()),
        (header::CONTENT_LENGTH, one.size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ]
}

fn of(key: &EntryKey) -> EntryPlace {
    EntryPlace { register: key.register.clone(), year: key.year, number: key.number }
}

fn multipart(request: &Request) -> bool {
    media_type(request).is_some_and(|said| said.to_ascii_lowercase().starts_with("multipart/form-data"))
}

fn media_type(request: &Request) -> Option<&str> {
    request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

async fn form(app: &App, request: Request) -> Result<Vec<Part>, Problem> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| {
        receive::malformed(
            format!("Formularul nu poate fi citit: {error}"),
            format!("The form cannot be read: {error}"),
        )
    })?;
    let mut parts: Vec<Part> = Vec::new();
    while let Some(field) = receive::next(app, &mut form).await? {
        if parts.len() == PARTS {
            return Err(wrong(
                "parts",
                format!("Cel mult {PARTS} de fișiere deodată"),
                format!("At most {PARTS} files at once"),
            ));
        }
        let name = named(field.file_name().or(field.name()))?;
        let content_type = typed(field.content_type())?;
        parts.push(Part { name, content_type, stored: receive::stream(app, field).await? });
    }
    if parts.is_empty() {
        return Err(wrong("parts", "Formularul nu are niciun fișier", "The form has no file"));
    }
    Ok(parts)
}

async fn raw(app: &App, name: Option<String>, request: Request) -> Result<Part, Problem> {
    let name = named(name.as_deref())?;
    let content_type = typed(media_type(&request))?;
    let mut upload = app.hub.blobs.upload(app.hub.ids.uuid(app.hub.clock.now()));
    let mut body = request.into_body().into_data_stream();
    let stopped = || {
        receive::malformed("Transmiterea s-a oprit; nimic nu a fost preluat", "The sending stopped; nothing was taken")
    };
    while let Some(more) = tokio::time::timeout(app.idle, body.next()).await.map_err(|_| stopped())? {
        let more = more.map_err(|_| stopped())?;
        if upload.size() + more.len() as u64 > app.limits.part_bytes {
            return Err(Problem::too_large(app.limits.part_bytes));
        }
        upload.write(&more).await?;
    }
    Ok(Part { name, content_type, stored: upload.finish().await? })
}

/// A content with what was found in it, and its file.
async fn looked_into(
    app: &App,
    Part { name, content_type, stored }: Part,
) -> Result<(NewContent, Option<Staged>), Problem> {
    if stored.size == 0 {
        let (ro, en) = (
            format!("Fișierul {name} este gol; trimiteți-l din nou"),
            format!("The file {name} is empty; send it again"),
        );
        return Err(wrong("parts", ro, en));
    }
    let found = if stored.size > LOOKED_INTO {
        Found { pages: 1, finding: None }
    } else {
        let (bytes, said) = (stored.bytes().await?, content_type.clone());
        let looked = tokio::task::spawn_blocking(move || content::examine(&said, &bytes)).await;
        looked.expect("looking at bytes does not panic")
    };
    let id = app.hub.ids.uuid(app.hub.clock.now());
    let Stored { size, sha256, content, staged } = stored;
    Ok((NewContent { id, name, content_type, size, sha256, content, found }, staged))
}

fn shown<'a>(new: &'a NewContent, staged: &'a [Staged]) -> Added<'a> {
    let file = staged.iter().find_map(|one| one.path_of(&new.sha256));
    Added { size: new.size, content: new.content.as_deref(), file }
}

fn named(name: Option<&str>) -> Result<String, Problem> {
    // Some browsers send the whole path.
    let name = name.map(|name| name.rsplit(['/', '\\']).next().unwrap_or_default().trim());
    let fits = |name: &&str| !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    name.filter(fits).map(str::to_owned).ok_or_else(|| {
        wrong(
            "name",
            "Fiecare fișier are un nume de 1 până la 200 de caractere: filename în formular, sau name în adresă",
            "Every file has a name of 1 to 200 characters: filename in the form, or name in the address",
        )
    })
}

fn typed(said: Option<&str>) -> Result<String, Problem> {
    let said = said.unwrap_or("application/octet-stream").trim();
    let fits = said.len() <= 100 && said.is_ascii() && said.contains('/') && !said.chars().any(char::is_control);
    if fits {
        return Ok(said.to_owned());
    }
    Err(wrong("content-type", "Tipul fișierului nu este un tip media", "The type of the file is no media type"))
}

fn wrong(field: &str, ro: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::of(&problems::INVALID_ARCHIVE_REQUEST).detail(ro, en).with("field", field)
}

fn refused(not: NotKept) -> Problem {
    match not {
        NotKept::Refused(not) => not_recorded(flow::NotRecorded::Refused(not)),
        NotKept::Unavailable(error) => error.into(),
        NotKept::OfMessage => Problem::of(&problems::STATE_CONFLICT).detail(
            "Înregistrarea este a unui mesaj, care are conținutul lui; ce se adaugă se înregistrează separat și se conexează",
            "The entry is of a message, which has its own content; what is added is registered apart and connected",
        ),
        NotKept::KeyReused => Problem::of(&problems::IDEMPOTENCY_CONFLICT).detail(
            "Cheia Idempotency-Key a fost folosită pentru alt conținut; dați-i acestuia o cheie nouă",
            "The Idempotency-Key was used for another content; give this one a key of its own",
        ),
    }
}
