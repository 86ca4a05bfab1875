//! Accounts, agreements, keys and the state of the hub: what administrators and those who run the hub keep in order.

mod accounts;
mod account;
mod agreements;
mod approvals;
mod credentials;
mod dead_letters;
mod standing;
mod upkeep;

use axum::Router;
use axum::routing::{get, post};
use serde_json::Value;

use crate::Desk;
use crate::list::Tone;
use crate::menu::{Entry, Section};
use crate::visit::Visit;

/// Their pages.
pub static SECTION: Section = Section {
    ro: "Administrare",
    en: "Administration",
    home: "accounts.manage",
    entries: &[
        Entry { path: "/console/standing", ro: "Starea hubului", en: "State of the hub", permission: "audit.read" },
        Entry {
            path: "/console/upkeep",
            ro: "Noduri, spațiu și copii",
            en: "Nodes, room and copies",
            permission: "systems.read",
        },
        Entry {
            path: "/console/dead-letters",
            ro: "Livrări oprite",
            en: "Stopped deliveries",
            permission: "dead-letters.read",
        },
        Entry {
            path: "/console/approvals",
            ro: "Aprobări în doi",
            en: "Approvals by two",
            permission: "approvals.read",
        },
        Entry {
            path: "/console/accounts",
            ro: "Conturi și roluri",
            en: "Accounts and roles",
            permission: "accounts.read",
        },
        Entry { path: "/console/agreements", ro: "Acorduri", en: "Agreements", permission: "agreements.read" },
        Entry {
            path: "/console/credentials",
            ro: "Chei ale sistemelor",
            en: "Keys of systems",
            permission: "credentials.read",
        },
    ],
    routes,
};

fn routes(pages: Router<Desk>) -> Router<Desk> {
    pages
        .route("/console/standing", get(standing::show))
        .route("/console/standing/lift", post(standing::lift))
        .route("/console/upkeep", get(upkeep::show))
        .route("/console/dead-letters", get(dead_letters::show))
        .route("/console/dead-letters/{delivery}", get(dead_letters::one))
        .route("/console/dead-letters/{delivery}/settle", post(dead_letters::settle))
        .route("/console/dead-letters/{delivery}/replay", post(dead_letters::replay))
        .route("/console/approvals", get(approvals::show))
        .route("/console/approvals/{approval}", get(approvals::one))
        .route("/console/approvals/{approval}/decide", post(approvals::decide))
        .route("/console/accounts", get(accounts::show))
        .route("/console/accounts/new", get(accounts::fill).post(accounts::invite))
        .route("/console/accounts/{account}", get(account::show))
        .route("/console/accounts/{account}/grants", post(account::grant))
        .route("/console/accounts/{account}/state", post(account::state))
        .route("/console/agreements", get(agreements::show))
        .route("/console/agreements/{agreement}", get(agreements::one))
        .route("/console/agreements/{agreement}/conformity.pdf", get(agreements::conformity))
        .route("/console/agreements/{agreement}/step", post(agreements::step))
        .route("/console/credentials", get(credentials::show))
}

/// A text of an answer; empty where it is not there.
fn text(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The items of an answer.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value["items"].as_array().into_iter().flatten()
}

/// The Romanian words of an answer, or its code in English: codes are English words.
fn worded(visit: &Visit, value: &Value, name: &str) -> String {
    let ro = text(value, &format!("{name}_ro"));
    let code = text(value, name).replace(['_', '-'], " ");
    if ro.is_empty() { code } else { visit.say(&ro, &code).to_owned() }
}

/// Codes of states that are as they should be, and of those somebody must act on.
fn tone(code: &str) -> Tone {
    match code {
        "active" | "in-force" | "in_force" | "open" | "approved" | "done" | "closed" => Tone::Good,
        "invited" | "proposed" | "draft" | "expiring" | "uncertain" | "half_open" | "half-open" | "halted" => {
            Tone::Warn
        }
        "locked" | "revoked" | "expired" | "exhausted" | "refused" | "locked-down" => Tone::Bad,
        _ => Tone::Plain,
    }
}
