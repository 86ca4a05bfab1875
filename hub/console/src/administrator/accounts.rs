//! `/console/accounts`: who may sign in for the institution, and how somebody new is invited.

use async_trait::async_trait;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{self, Act, Asked, Cell, Column, Empty, Filter, Kind, List, Part, Row, column};
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

use super::{items, text, tone, worded};

/// The roles the hub brings: code, Romanian, English.
pub(super) const ROLES: [(&str, &str, &str); 7] = [
    ("clerk", "registrator", "clerk"),
    ("head-of-unit", "șef de compartiment", "head of unit"),
    ("archivist", "arhivar", "archivist"),
    ("compliance-officer", "responsabil cu conformitatea", "compliance officer"),
    ("integrator", "integrator", "integrator"),
    ("administrator", "administratorul instituției", "administrator of the institution"),
    ("operator", "operatorul hubului", "operator of the hub"),
];

/// States of accounts: code, Romanian, English.
const STATES: [(&str, &str, &str); 4] = [
    ("active", "activ", "active"),
    ("invited", "invitat", "invited"),
    ("locked", "blocat", "locked"),
    ("retired", "închis", "retired"),
];

struct Accounts;

/// The name of a role; a role of the institution's own under its own name.
pub(super) fn role(visit: &Visit, code: &str) -> String {
    let known = ROLES.iter().find(|(held, ..)| *held == code);
    known.map_or_else(|| code.to_owned(), |(_, ro, en)| visit.say(ro, en).to_owned())
}

#[async_trait]
impl List for Accounts {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Conturi și roluri", "Accounts and roles").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Cine se poate conecta pentru instituție și ce poate face.",
                "Who may sign in for the institution, and what they may do.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Nume", "Name"),
            column("Conectare", "Login"),
            column("Compartimente", "Units"),
            column("Roluri", "Roles"),
            column("Stare", "State"),
            column("Schimbat", "Changed"),
        ]
    }

    fn file(&self) -> &'static str {
        "conturi"
    }

    fn empty(&self, visit: &Visit, filtered: bool) -> Empty {
        let (title, how) = if filtered {
            (
                visit.say("Niciun cont nu se potrivește", "No account fits"),
                visit.say("Schimbați filtrele.", "Change the filters."),
            )
        } else {
            (
                visit.say("Niciun cont încă", "No account yet"),
                visit.say(
                    "Invitați o persoană: primește un link de folosit o singură dată.",
                    "Invite a person: they get a link to be used once.",
                ),
            )
        };
        Empty { title: title.to_owned(), how: how.to_owned(), act: self.act(visit) }
    }

    fn filters(&self, visit: &Visit) -> Vec<Filter> {
        let choice = |all: &[(&str, &str, &str)]| {
            Kind::Choice(all.iter().map(|(code, ro, en)| ((*code).to_owned(), visit.say(ro, en).to_owned())).collect())
        };
        vec![
            Filter { name: "q", label: visit.say("Nume sau conectare", "Name or login").to_owned(), kind: Kind::Text },
            Filter { name: "state", label: visit.say("Starea", "State").to_owned(), kind: choice(&STATES) },
            Filter { name: "role", label: visit.say("Rolul", "Role").to_owned(), kind: choice(&ROLES) },
        ]
    }

    fn act(&self, visit: &Visit) -> Option<Act> {
        visit.may("accounts.manage").then(|| Act {
            href: "/console/accounts/new".to_owned(),
            label: visit.say("Invită o persoană", "Invite a person").to_owned(),
        })
    }

    async fn part(&self, visit: &Visit, asked: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        // An institution has as many accounts as people: all of them come at once.
        let found = visit.get("/v1/accounts").value().await?;
        let words = asked.get("q").to_lowercase();
        let fits = |account: &&Value| {
            let named = format!("{} {}", text(account, "display_name"), text(account, "login")).to_lowercase();
            let state = asked.some("state").is_none_or(|wanted| account["state"] == wanted);
            let role = asked.some("role").is_none_or(|wanted| roles(account).any(|role| role == wanted));
            named.contains(&words) && state && role
        };
        let row = |account: &Value| {
            let units: Vec<&str> =
                account["units"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let roles: Vec<String> = roles(account).map(|code| role(visit, code)).collect();
            Row::to(
                format!("/console/accounts/{}", text(account, "account")),
                vec![
                    Cell::text(text(account, "display_name")),
                    Cell::Code(text(account, "login")),
                    Cell::text(units.join(", ")),
                    Cell::text(roles.join(", ")),
                    Cell::Badge(worded(visit, account, "state"), tone(&text(account, "state"))),
                    Cell::Moment(text(account, "changed_at")),
                ],
            )
        };
        Ok(Part { rows: items(&found).filter(fits).map(row).collect(), next: None })
    }
}

/// Codes of the roles of an account.
pub(super) fn roles(account: &Value) -> impl Iterator<Item = &str> {
    account["grants"].as_array().into_iter().flatten().filter_map(|grant| grant["role"].as_str())
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Accounts).await
}

#[derive(askama::Template)]
#[template(path = "administrator/invite.html")]
struct Form<'a> {
    v: &'a Visit,
    filled: &'a Filled,
    fault: Option<&'a Fault>,
    roles: Vec<(&'static str, String, bool)>,
}

#[derive(askama::Template)]
#[template(path = "administrator/invited.html")]
pub(super) struct Invited<'a> {
    pub(super) v: &'a Visit,
    pub(super) link: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) ends_at: String,
}

/// The form of an invitation.
///
/// # Errors
/// None of its own.
pub async fn fill(visit: Visit) -> Answer {
    page(&form(&visit, &Filled::default(), None))
}

fn form<'a>(visit: &'a Visit, filled: &'a Filled, fault: Option<&'a Fault>) -> Form<'a> {
    let ticked = |code: &str| filled.all("role").any(|role| role == code);
    let roles = ROLES.iter().map(|(code, ro, en)| (*code, visit.say(ro, en).to_owned(), ticked(code)));
    Form { v: visit, filled, fault, roles: roles.collect() }
}

/// Invites somebody; the page shows the one-time link, which is nowhere else.
///
/// # Errors
/// The hub cannot answer.
pub async fn invite(visit: Visit, filled: Filled) -> Answer {
    let grants: Vec<Value> = filled.all("role").map(|role| json!({"role": role})).collect();
    let new = json!({
        "login": filled.get("login"),
        "display_name": filled.get("display_name"),
        "pseudonym": filled.get("pseudonym"),
        "units": units(filled.get("units")),
        "grants": grants,
    });
    let asked = visit.post("/v1/accounts").form(filled.token()).key(filled.key()).json(&new);
    match asked.value().await {
        Ok(made) => Ok(invited(&visit, &made)),
        Err(fault) if fault.status.is_client_error() => {
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &form(&visit, &filled, Some(&fault))))
        }
        Err(fault) => Err(fault),
    }
}

/// Units as they are typed: separated by commas.
pub(super) fn units(typed: &str) -> Vec<&str> {
    typed.split(',').map(str::trim).filter(|unit| !unit.is_empty()).collect()
}

/// The page with a one-time link.
pub(super) fn invited(visit: &Visit, made: &Value) -> Response {
    let shown = Invited {
        v: visit,
        link: text(made, "link"),
        name: text(made, "display_name"),
        account: text(made, "account"),
        ends_at: text(made, "link_ends_at"),
    };
    page_with(StatusCode::OK, &shown)
}
