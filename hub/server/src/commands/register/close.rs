//! `punte register close`: through the hub, which gives no number of the year any more from then on.

use anyhow::bail;
use serde_json::json;

use crate::commands::NO;
use crate::commands::client::{Hub, told};

/// Which year, and who.
#[derive(clap::Args)]
pub(super) struct Close {
    #[command(flatten)]
    hub: Hub,
    /// The register.
    #[arg(long, value_name = "ID", default_value = "general")]
    register: String,
    /// The year.
    #[arg(long)]
    year: i64,
    /// Pseudonym of the clerk who acts.
    #[arg(long, value_name = "PSEUDONYM")]
    clerk: String,
    /// Unit of the clerk.
    #[arg(long, value_name = "ID")]
    unit: Option<String>,
    /// Approve what another clerk drew up.
    #[arg(long, conflicts_with = "strike_unused")]
    approve: bool,
    /// Strike out numbers that were kept and never used.
    #[arg(long)]
    strike_unused: bool,
}

impl Close {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let path = format!("/v1/registers/{}/{}/closing", self.register, self.year);
        let path = if self.approve { format!("{path}/approve") } else { path };
        let mut request = self.hub.client()?.post(self.hub.at(&path)).header("Punte-Clerk", &self.clerk);
        if let Some(unit) = &self.unit {
            request = request.header("Punte-Unit", unit);
        }
        if !self.approve {
            request = request.json(&json!({"strike_unused": self.strike_unused}));
        }
        let response = request.send().await?;
        let (status, answer) = (response.status(), response.json::<serde_json::Value>().await?);
        if status == reqwest::StatusCode::CONFLICT {
            println!("{}", told(&answer));
            for unused in answer["unused"].as_array().into_iter().flatten() {
                println!("  nr. {} ({})", unused["number"], unused["unit"].as_str().unwrap_or("-"));
            }
            return Ok(NO);
        }
        if !status.is_success() {
            bail!("{}", told(&answer));
        }
        if answer["state"] == "closed" {
            let numbers = &answer["numbers"];
            println!(
                "Anul {} al registrului {} este închis: {} numere, de la {} la {}, {} anulate, {} barate",
                self.year,
                self.register,
                numbers["count"],
                numbers["first"],
                numbers["last"],
                numbers["annulled_count"],
                numbers["struck_count"]
            );
        } else {
            println!("Închiderea anului {} este întocmită și așteaptă aprobarea altui funcționar", self.year);
        }
        Ok(0)
    }
}
