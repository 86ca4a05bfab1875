//! What the owner's people and machines have beside its documents: accounts, roles, sessions, keys, persons, proposals. All
//! persons are invented.

use std::collections::BTreeMap;

use hub_flow::authorization::BuiltIn;
use reqwest::Method;
use serde_json::{Value, json};

use super::{OWNER, SECRET, system, text};
use crate::TestHub;
use crate::client::{Answer, ask};
use crate::people::{invite, signed_in};

/// What belongs to everybody, or is told by the caller: named by a path, but of no institution.
const SHARED: [&str; 7] = [
    "/v1/directory/",
    "/v1/nomenclatures/",
    "/v1/batches/templates/",
    "/v1/parties/",
    "/v1/structure/acting/",
    "/v1/archive/nomenclator/",
    "/v1/problems/",
];
/// Parameters that name something of one institution.
const OF_ONE: [&str; 8] =
    ["{id}", "{delivery}", "{number}", "{evidence}", "{account}", "{approval}", "{role}", "{session}"];

/// Whether a path names what belongs to one institution alone.
pub(super) fn is_of_one(path: &str) -> bool {
    !SHARED.iter().any(|shared| path.starts_with(shared)) && OF_ONE.iter().any(|one| path.contains(one))
}

/// The objects, by the beginning of their paths.
pub(super) async fn made(hub: &TestHub) -> BTreeMap<&'static str, String> {
    let (account, _) = invite(hub, OWNER, "tinta@comuna.example", &["clerk"]).await;
    let mut administrator = signed_in(hub, OWNER, "taina@comuna.example", &["administrator"]).await;
    let role = json!({"name": SECRET, "name_en": SECRET, "permissions": ["registers.read"], "reason": SECRET});
    let defined = administrator.api(Method::PUT, "/v1/roles/taina", &role).await;
    assert_eq!(defined.status, 201, "{defined:?}");
    let sessions = administrator.open("/v1/sessions").await.json();
    let key = json!({"system": system(OWNER, BuiltIn::Clerk), "kind": "api_key", "label": SECRET});
    let key = posted(hub, "/v1/credentials", &key).await;
    let person = json!({"person": {"kind": "natural", "name": SECRET}, "identities": [], "reason": SECRET});
    let person = posted(hub, "/v1/persons", &person).await;
    let proposal =
        json!({"kind": "key_rotation", "subject": SECRET, "content_sha256": "ab".repeat(32), "reason": SECRET});
    let approval = posted(hub, "/v1/approvals", &proposal).await;
    BTreeMap::from([
        ("/v1/accounts/", account.id.to_string()),
        ("/v1/roles/", "taina".to_owned()),
        ("/v1/sessions/", text(&sessions["items"][0]["session"], &sessions)),
        ("/v1/credentials/", text(&key["id"], &key)),
        ("/v1/persons/", text(&person["id"], &person)),
        ("/v1/approvals/", text(&approval["approval"], &approval)),
        ("/v1/agreements/", "petitii".to_owned()),
    ])
}

async fn posted(hub: &TestHub, path: &str, body: &Value) -> Value {
    let request = hub.client(OWNER).request(Method::POST, path).header("idempotency-key", "belongings");
    let request = request.header("punte-clerk", "ana").header("punte-unit", "registratura");
    let Answer { status, body, .. } = ask(request.json(body)).await;
    assert_eq!(status, 201, "{path}: {body:#}");
    body
}
