//! Fetching one archive, and what stands in its way.

use bytes::Bytes;
use connectors_contract::reading::retry::until_tomorrow;
use serde_json::Value;

use super::Service;
use crate::shape::Shape;
use crate::trouble::{Trouble, cut};
use crate::words::{self, Meaning, meaning};

/// What came of a download.
pub(super) enum Download {
    /// The archive, byte for byte.
    Archive(Bytes),
    /// ANAF does not hand it out; only [`Meaning::Expired`] is for ever.
    Refused {
        /// A short code.
        code: String,
        /// ANAF's words.
        text: String,
    },
    /// This one not today; others may.
    Tomorrow(Trouble),
}

/// Downloads by the id of a list or of a status.
pub(super) async fn download(service: &Service, id: &str) -> Result<Download, Trouble> {
    let (reply, shape) = service.api.ask(&service.path("descarcare"), &[("id", id)]).await?;
    read(reply.body, shape, service.api.now())
}

/// What an answer to a download is.
fn read(body: Bytes, shape: Shape, now: i64) -> Result<Download, Trouble> {
    let answer = match shape {
        Shape::Zip => return Ok(Download::Archive(body)),
        Shape::Json(answer) => answer,
        _ => {
            let reason = "ANAF a răspuns la descărcare cu altceva decât o arhivă".to_owned();
            return Err(Trouble::Doubt { reason });
        }
    };
    let Some(text) = answer.get("eroare").and_then(Value::as_str) else {
        return Err(Trouble::Doubt {
            reason: "ANAF a răspuns la descărcare fără arhivă și fără motiv".to_owned()
        });
    };
    Ok(match meaning(text) {
        Meaning::Quota => {
            let retry_after = Some(until_tomorrow(now));
            let reason = cut(&format!("Limita zilnică ANAF este atinsă: {text}"));
            Download::Tomorrow(Trouble::NotNow { reason, retry_after })
        }
        Meaning::Technical => {
            return Err(Trouble::NotNow { reason: cut(&format!("ANAF: {text}")), retry_after: None });
        }
        Meaning::Expired => Download::Refused { code: "efactura.expirat".to_owned(), text: cut(text) },
        _ => Download::Refused { code: words::code("efactura", text), text: cut(text) },
    })
}

#[cfg(test)]
pub(super) fn described(body: Bytes, shape: Shape, now: i64) -> String {
    match read(body, shape, now) {
        Ok(Download::Archive(archive)) => match crate::archive::document(&archive) {
            Ok((name, _)) => format!("archive with {name}"),
            Err(error) => error.to_string(),
        },
        Ok(Download::Refused { code, .. }) => format!("refused {code}"),
        Ok(Download::Tomorrow(trouble)) | Err(trouble) => {
            format!("wait {:?}", trouble.wait().1.map(|wait| wait.as_secs()))
        }
    }
}
