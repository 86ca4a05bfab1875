//! Forms as browsers send them: fields, and files where the form has some.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;

use crate::fault::Fault;

/// Most bytes of a form without files.
const LARGEST: usize = 1024 * 1024;
/// Most bytes of a file that is sent by a form; larger ones come by the API.
pub const LARGEST_FILE: usize = 64 * 1024 * 1024;
/// Most fields.
const MOST: usize = 1000;

/// A file of a form.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The field.
    pub field: String,
    /// Its name on the visitor's machine, without folders.
    pub name: String,
    /// What the browser calls it.
    pub media_type: String,
    /// The file.
    pub bytes: Bytes,
}

/// What was filled in.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    fields: Vec<(String, String)>,
    /// The files; fields without a file are left out.
    pub files: Vec<Sent>,
}

impl Filled {
    /// A field without the blanks around it; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(held, _)| held == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// A field that is filled in.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// All values of a field, for boxes that are ticked.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// All fields, in their order.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The token of the session that the form carries.
    #[must_use]
    pub fn token(&self) -> &str {
        self.get("form")
    }

    /// The key under which the form counts once.
    #[must_use]
    pub fn key(&self) -> &str {
        self.get("key")
    }
}

impl<S: Sync + Send> FromRequest<S> for Filled {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if media_type.is_some_and(|media_type| media_type.starts_with("multipart/form-data")) {
            let parts = Multipart::from_request(request, state).await.map_err(|error| unreadable(&error))?;
            return with_files(parts).await;
        }
        let body = axum::body::to_bytes(request.into_body(), LARGEST).await.map_err(|_| too_large())?;
        let fields = url::form_urlencoded::parse(&body).take(MOST);
        Ok(Self {
            fields: fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            files: Vec::new(),
        })
    }
}

async fn with_files(mut parts: Multipart) -> Result<Filled, Fault> {
    let mut filled = Filled::default();
    let mut room = LARGEST_FILE;
    while let Some(mut part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(|name| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
        let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
            room = room.checked_sub(chunk.len()).ok_or_else(too_large)?;
            bytes.extend_from_slice(&chunk);
        }
        match name {
            None if filled.fields.len() < MOST => {
                filled.fields.push((field, String::from_utf8_lossy(&bytes).into_owned()));
            }
            Some(name) if !name.is_empty() && filled.files.len() < MOST => {
                filled.files.push(Sent { field, name, media_type, bytes: bytes.into() });
            }
            _ => {}
        }
    }
    Ok(filled)
}

fn too_large() -> Fault {
    let megabytes = LARGEST_FILE / 1024 / 1024;
    Fault::own(
        StatusCode::PAYLOAD_TOO_LARGE,
        (
            "Fișierul este prea mare",
            &format!(
                "Aici se pot trimite cel mult {megabytes} MB; nimic nu a fost preluat. Împărțiți fișierul sau trimiteți-l prin API."
            ),
        ),
        (
            "The file is too large",
            &format!(
                "At most {megabytes} MB can be sent here; nothing was taken. Split the file or send it by the API."
            ),
        ),
    )
}

fn unreadable(error: &dyn std::fmt::Display) -> Fault {
    tracing::debug!(%error, "a form could not be read");
    Fault::own(
        StatusCode::BAD_REQUEST,
        ("Formularul nu a ajuns întreg", "Nimic nu a fost preluat. Deschideți pagina din nou și repetați."),
        ("The form did not arrive whole", "Nothing was taken. Open the page again and repeat."),
    )
}
