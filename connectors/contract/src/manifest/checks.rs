//! What no single value can tell: whether the sections of a manifest hold together.

use std::ops::Range;

use super::{Auth, BodyShape, Deliver, Text};
use crate::SideEffect;

/// Headers a manifest may not set: they carry secrets or belong to the engine.
const RESERVED: [&str; 10] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    "connection",
    "content-type",
    "content-length",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
];

/// The first thing that cannot hold, where it stands and the way out.
pub(super) fn first_contradiction(text: &Text) -> Option<(Range<usize>, String)> {
    let name = text.system.get_ref();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Some((
            text.system.span(),
            "a system's name is small letters, digits and -, like its folder".to_owned(),
        ));
    }
    if let Some(deliver) = &text.deliver {
        let (span, deliver) = (deliver.span(), deliver.get_ref());
        let problem = side_effect(text, deliver).or_else(|| body(text, deliver)).or_else(|| headers(deliver));
        if let Some(problem) = problem {
            return Some((span, problem));
        }
    } else if text.inquire.is_some() {
        return Some((text.system.span(), "[inquire] asks about deliveries, and there is no [deliver]".to_owned()));
    }
    text.lookups.iter().find_map(|(name, lookup)| Some((lookup.span(), lookup.get_ref().contradiction(name)?)))
}

/// Whether the requests to the system are written by its manifest. Other engines know their protocol's own ways to ask
/// and to recognise a second sending.
fn written(text: &Text) -> bool {
    matches!(text.engine.as_str(), "rest" | "soap")
}

fn side_effect(text: &Text, deliver: &Deliver) -> Option<String> {
    let signed = text.endpoint.get_ref().auth == Auth::StandardWebhooks;
    let keyed = signed || deliver.idempotency_header.is_some() || deliver.path.selects("idempotency_key");
    match deliver.side_effect {
        SideEffect::Queryable if text.inquire.is_none() && written(text) => {
            Some("side_effect = \"queryable\" needs a section [inquire] that says how to ask".to_owned())
        }
        SideEffect::Repeatable if !keyed && text.engine == "rest" => Some(
            "side_effect = \"repeatable\" needs the key at the target: set idempotency_header, or select {idempotency_key} \
             in the path"
                .to_owned(),
        ),
        _ if signed && deliver.idempotency_header.is_some() => {
            Some("standard-webhooks already sends the key as webhook-id, remove idempotency_header".to_owned())
        }
        _ => None,
    }
}

fn body(text: &Text, deliver: &Deliver) -> Option<String> {
    if deliver.envelope.is_some() != (deliver.body == BodyShape::Envelope) {
        return Some("body = \"envelope\" and a section [deliver.envelope] belong together".to_owned());
    }
    if deliver.part_href.is_some() && deliver.body != BodyShape::Envelope {
        return Some("part_href belongs to body = \"envelope\", whose {parts} it is written into".to_owned());
    }
    if deliver.body == BodyShape::Multipart && text.endpoint.get_ref().auth == Auth::StandardWebhooks {
        return Some(
            "standard-webhooks signs a whole body and cannot stream a multipart one, use an envelope".to_owned(),
        );
    }
    if deliver.method == super::Method::Get {
        return Some("GET delivers nothing, use POST, PUT or PATCH".to_owned());
    }
    None
}

fn headers(deliver: &Deliver) -> Option<String> {
    let named = deliver.headers.keys().chain(&deliver.idempotency_header);
    let reserved = named.map(|name| name.to_ascii_lowercase()).find(|name| RESERVED.contains(&name.as_str()))?;
    Some(format!(
        "the header {reserved} is not a manifest's to set: secrets go through endpoint.auth, the rest is the engine's"
    ))
}
