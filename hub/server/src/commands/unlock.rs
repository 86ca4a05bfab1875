//! `punte unlock`: how the hub stands, and the way back from a lock-down.

use anyhow::bail;
use serde_json::json;

use super::client::{Hub, told};

/// Tells how a hub stands, or lifts a lock-down: where its cause has gone, or, by two, although it stands.
#[derive(clap::Args)]
pub(super) struct Unlock {
    #[command(flatten)]
    hub: Hub,
    /// The cause, as `punte unlock` without arguments tells it.
    #[arg(long, requires = "reason")]
    cause: Option<String>,
    /// Why it is lifted; it is in the audit.
    #[arg(long)]
    reason: Option<String>,
    /// Go on although the cause stands; another administrator must say the same.
    #[arg(long = "override", requires = "cause")]
    although_it_stands: bool,
    /// The administrator who acts, by pseudonym.
    #[arg(long, value_name = "PSEUDONYM")]
    clerk: Option<String>,
}

impl Unlock {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let (Some(cause), Some(reason)) = (&self.cause, &self.reason) else {
            let standing = self.hub.get("/v1/standing").await?;
            println!("{standing:#}");
            return Ok(if standing["state"] == "open" { 0 } else { super::NO });
        };
        let body = json!({"cause": cause, "reason": reason, "override": self.although_it_stands});
        let answer = self.hub.post_as("/v1/standing/lift", &body, self.clerk.as_deref()).await?;
        match answer.status.as_u16() {
            200 => println!("{cause}: ridicată; scrierile se reiau"),
            202 => println!("{cause}: propusă; un al doilea administrator rulează aceeași comandă"),
            _ => bail!("{}", told(&answer.body)),
        }
        Ok(0)
    }
}
