//! A credential as it is told: never its secret.

use hub_flow::clock::Timestamp;
use hub_flow::credentials::Credential;
use serde_json::{Value, json};

/// A credential as it stands.
pub(super) fn told(credential: &Credential, now: Timestamp) -> Value {
    let made = &credential.made;
    let revoked = credential.revoked.as_ref();
    json!({
        "id": made.id,
        "kind": made.kind.as_str(),
        "kind_ro": made.kind.in_romanian(),
        "state": credential.state(now).as_str(),
        "party": made.party,
        "system": made.system,
        "label": made.label,
        "operations": credential.operations(),
        "fingerprint": {"of": made.proof.of(), "sha256": hex::encode(made.proof.digest())},
        "created_at": made.created_at.to_utc(),
        "created_by": made.created_by,
        "expires_at": made.expires_at.to_utc(),
        "replaces": made.replaces,
        "last_used_at": credential.last_used_at.map(Timestamp::to_utc),
        "revoked_at": revoked.map(|(at, ..)| at.to_utc()),
        "revoked_by": revoked.map(|(_, by, _)| by),
        "revocation_reason": revoked.map(|(.., reason)| reason),
    })
}
