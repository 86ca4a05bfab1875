//! `punte permissions`: which role may come in by which route, from the same list that guards them.

use std::fmt::Write as _;

use hub_flow::authorization::{BuiltIn, Permission};
use serde_json::{Value, json};

use crate::api;
use crate::api::door::{Access, Route};

/// Lists roles, permissions and routes.
#[derive(clap::Args)]
pub(super) struct Permissions {
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

impl Permissions {
    pub(super) fn run(&self) -> u8 {
        let door = api::door();
        if self.json {
            println!("{:#}", listed(door.routes()));
        } else {
            print!("{}", page(door.routes()));
        }
        0
    }
}

fn listed(routes: &[Route]) -> Value {
    let permissions: Vec<Value> = Permission::ALL
        .iter()
        .map(|one| {
            let roles: Vec<&str> =
                BuiltIn::ALL.into_iter().filter(|role| role.holds(*one)).map(BuiltIn::as_str).collect();
            let narrowed: Vec<&str> = one.narrowed_by().iter().map(|dimension| dimension.as_str()).collect();
            json!({
                "permission": one.as_str(),
                "ro": one.in_romanian(),
                "en": one.in_english(),
                "dangerous": one.is_dangerous(),
                "narrowed_by": narrowed,
                "roles": roles,
            })
        })
        .collect();
    let routes: Vec<Value> = routes
        .iter()
        .map(|route| match route.access {
            Access::With(permission) => {
                json!({"method": route.method, "path": route.path, "permission": permission.as_str()})
            }
            Access::Everybody(why) => json!({"method": route.method, "path": route.path, "public": why}),
        })
        .collect();
    json!({"permissions": permissions, "routes": routes})
}

/// `docs/permissions.md`, which is this text and nothing else.
#[must_use]
pub fn page(routes: &[Route]) -> String {
    let mut page = String::from(
        "# Permisiuni, roluri și rute\n\n\
         Who may do what. This page is written by `punte permissions` from the list that guards the routes; a test refuses it\n\
         when it differs. A grant can be narrowed by what stands under *narrowed by*; ⚠ marks what cannot be taken back or opens\n\
         what is closed.\n\n## Roles\n\n| role | Romanian | English |\n| --- | --- | --- |\n",
    );
    for role in BuiltIn::ALL {
        let _ = writeln!(page, "| `{}` | {} | {} |", role.as_str(), role.in_romanian(), role.in_english());
    }
    page += "\n## Permissions\n\n| permission |";
    for role in BuiltIn::ALL {
        let _ = write!(page, " {} |", role.as_str());
    }
    page += " narrowed by | what it lets do |\n| --- |";
    page += &" --- |".repeat(BuiltIn::ALL.len() + 2);
    page.push('\n');
    for one in Permission::ALL {
        let danger = if one.is_dangerous() { " ⚠" } else { "" };
        let _ = write!(page, "| `{one}`{danger} |");
        for role in BuiltIn::ALL {
            page += if role.holds(*one) { " ✓ |" } else { " |" };
        }
        let narrowed: Vec<&str> = one.narrowed_by().iter().map(|dimension| dimension.as_str()).collect();
        let _ = writeln!(page, " {} | {} ({}) |", narrowed.join(", "), one.in_romanian(), one.in_english());
    }
    page += "\n## Routes\n\n| route | asks for |\n| --- | --- |\n";
    for route in routes {
        let asks = match route.access {
            Access::With(permission) => format!("`{permission}`"),
            Access::Everybody(why) => format!("nothing: {why}"),
        };
        let _ = writeln!(page, "| `{} {}` | {asks} |", route.method, route.path);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_permissions_is_what_the_door_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let written = page(api::door().routes());
        assert!(kept == written, "write it anew: punte permissions > docs/permissions.md");
    }
}
