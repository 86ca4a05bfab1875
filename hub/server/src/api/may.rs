//! Authorization as an argument: a handler that takes [`May`] runs only for who may do what it names.
//!
//! Where the path names a register, and the caller a unit, the grant must hold there. What is only known later (the document
//! type of an envelope, the dossier behind an id) is asked for with [`May::within`]; where a grant may be narrowed by such a
//! thing, the handler takes [`MayWithin`], which is no [`Caller`] until it was asked.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use hub_flow::authorization::{
    Asked, BuiltIn, Decision, Dimension, Permission, Permits, Places, Refusal, Scope, allows, allows_somewhere, places,
};
use hub_flow::clock::Timestamp;

use crate::problems;

use super::App;
use super::authentication::known;
use super::caller::Caller;
use super::clerk::Clerk;
use super::problem::Problem;

/// A caller that may do `P`.
pub struct May<P> {
    caller: Arc<Caller>,
    at: Place,
    permission: PhantomData<P>,
}

/// A caller that may do `P` somewhere, and must say where before it is one.
pub struct MayWithin<P>(May<P>);

/// Where and when a request asks, as far as its path and its clerk tell.
#[derive(Debug, Clone, Default)]
struct Place {
    register: Option<String>,
    unit: Option<String>,
    now: Timestamp,
}

impl Place {
    fn scope(&self) -> Scope<'_> {
        Scope { register: self.register.as_deref(), unit: self.unit.as_deref(), ..Scope::default() }
    }
}

impl<P> Deref for May<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Permits> May<P> {
    /// The caller, as its own.
    #[must_use]
    pub fn into_caller(self) -> Caller {
        Arc::unwrap_or_clone(self.caller)
    }

    /// Whether the permission holds here too: `scope` adds to what path and clerk already said.
    ///
    /// # Errors
    /// A problem 403 that names permission and scope.
    pub fn within(&self, scope: Scope<'_>) -> Result<(), Problem> {
        let known = self.at.scope();
        let scope = Scope {
            register: scope.register.or(known.register),
            unit: scope.unit.or(known.unit),
            dossier_group: scope.dossier_group,
            document_type: scope.document_type,
        };
        let asked = Asked { permission: P::PERMISSION, scope, today: self.at.now.romanian_date() };
        match allows(&self.caller.principal, &asked) {
            Decision::Allowed => Ok(()),
            Decision::Refused(refusal) => Err(refused(P::PERMISSION, &refusal)),
        }
    }
}

impl<P: Permits> MayWithin<P> {
    /// The caller, once the permission holds here.
    ///
    /// # Errors
    /// A problem 403 that names permission and scope.
    pub fn within(self, scope: Scope<'_>) -> Result<May<P>, Problem> {
        self.0.within(scope).map(|()| self.0)
    }

    /// The caller and where the permission holds, for a list that filters by these dimensions itself.
    ///
    /// # Errors
    /// It holds in no place the list could show: a problem 403.
    pub fn listing(self, by: &[Dimension]) -> Result<(May<P>, Places), Problem> {
        let May { caller, at, .. } = &self.0;
        let asked = Asked { permission: P::PERMISSION, scope: at.scope(), today: at.now.romanian_date() };
        let places = places(&caller.principal, &asked, by);
        if places == Places::Within(Vec::new()) {
            self.0.within(Scope::default())?;
        }
        Ok((self.0, places))
    }

    /// Who asks, to find the thing whose place decides; what is found is not shown before [`MayWithin::within`] was asked.
    #[must_use]
    pub fn finder(&self) -> &Caller {
        &self.0.caller
    }

    /// Whether the permission holds here: for lists, which show what is seen and nothing of the rest.
    #[must_use]
    pub fn holds(&self, scope: Scope<'_>) -> bool {
        self.0.within(scope).is_ok()
    }

    /// The party it speaks for, which every question to the database names.
    #[must_use]
    pub fn party(&self) -> &str {
        &self.0.caller.party
    }
}

impl<P: Permits> FromRequestParts<App> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let may = asked::<P>(parts, app).await?;
        may.within(Scope::default())?;
        Ok(may)
    }
}

impl<P: Permits> FromRequestParts<App> for MayWithin<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let may = asked::<P>(parts, app).await?;
        let asked = Asked { permission: P::PERMISSION, scope: Scope::default(), today: may.at.now.romanian_date() };
        match allows_somewhere(&may.caller.principal, &asked) {
            Decision::Allowed => Ok(Self(may)),
            Decision::Refused(refusal) => Err(refused(P::PERMISSION, &refusal)),
        }
    }
}

/// Who asks and where, before anything is decided.
async fn asked<P: Permits>(parts: &mut Parts, app: &App) -> Result<May<P>, Problem> {
    let caller = known(parts, app).await?;
    let mut at = Place { now: app.hub.clock.now(), ..Place::default() };
    let narrowed = |dimension| {
        let grants = &caller.principal.grants;
        P::PERMISSION.narrowed_by().contains(&dimension)
            && grants.iter().any(|held| !held.grant.narrowed_to(dimension).is_empty())
    };
    if narrowed(Dimension::Register) {
        at.register = register(parts, app).await;
    }
    if narrowed(Dimension::Unit) {
        at.unit = Clerk::from_request_parts(parts, app).await?.unit;
    }
    Ok(May { caller, at, permission: PhantomData })
}

/// The register the path names.
async fn register(parts: &mut Parts, app: &App) -> Option<String> {
    let named = RawPathParams::from_request_parts(parts, app).await.ok()?;
    named.iter().find(|(name, _)| *name == "register").map(|(_, register)| register.to_owned())
}

/// The refusal as a problem: what is missing, where, and who can give it.
fn refused(permission: Permission, refusal: &Refusal) -> Problem {
    let (text, ro, en) = (permission.as_str(), permission.in_romanian(), permission.in_english());
    let (why_ro, why_en) = why(refusal);
    let (giver_ro, giver_en) = giver(permission, refusal);
    let roles: Vec<&str> =
        BuiltIn::ALL.into_iter().filter(|role| role.holds(permission)).map(BuiltIn::as_str).collect();
    let mut problem = Problem::of(&problems::FORBIDDEN)
        .detail(
            format!("Lipsește permisiunea {text} ({ro}): {why_ro}; o dă {giver_ro}"),
            format!("The permission {text} ({en}) is missing: {why_en}; it is given by {giver_en}"),
        )
        .with("permission", text)
        .with("roles", roles);
    if let Refusal::Elsewhere { dimension, asked, holds_in } = refusal {
        let scope = serde_json::json!({"kind": dimension.as_str(), "asked": asked, "holds_in": holds_in});
        problem = problem.with("scope", scope);
    }
    problem
}

fn why(refusal: &Refusal) -> (String, String) {
    match refusal {
        Refusal::NotGranted => ("niciun rol acordat nu o are".to_owned(), "no role that was granted has it".to_owned()),
        Refusal::Credential => (
            "cheia sau jetonul folosit nu o cuprinde".to_owned(),
            "the key or token that was used does not carry it".to_owned(),
        ),
        Refusal::NotInForce { from, to } => {
            let day = |day: &Option<jiff::civil::Date>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
            let (from, to) = (day(from), day(to));
            (format!("rolul este acordat între {from} și {to}"), format!("the role is granted from {from} to {to}"))
        }
        Refusal::Elsewhere { dimension, asked, holds_in } => {
            let (ro, en) = (dimension.in_romanian(), dimension.in_english());
            let places = holds_in.join(", ");
            match asked {
                Some(asked) => (
                    format!("rolul nu cuprinde {ro} {asked}, ci: {places}"),
                    format!("the role does not hold for the {en} {asked}, but for: {places}"),
                ),
                None => (
                    format!("rolul este dat numai pentru {ro}: {places}; cererea nu spune care"),
                    format!("the role is given only for the {en}: {places}; the request does not say which"),
                ),
            }
        }
    }
}

fn giver(permission: Permission, refusal: &Refusal) -> (&'static str, &'static str) {
    if *refusal == Refusal::Credential {
        return ("cine a emis cheia sau jetonul", "whoever issued the key or token");
    }
    if permission.is_of_the_hub() {
        return ("cine administrează hubul", "those who run the hub");
    }
    (
        "administratorul instituției; pentru un sistem din director, cine administrează hubul (operations)",
        "the administrator of the institution; for a system of the directory, those who run the hub (operations)",
    )
}
