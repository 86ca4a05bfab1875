//! Why an account is not made or changed, in words.

use hub_flow::authorization::NotGiven;

use crate::api::problem::Problem;
use crate::problems;
use crate::sign_in::managing::NotManaged;

pub(super) fn problem(not: NotManaged) -> Problem {
    let invalid = |field: &str, ro: String, en: String| {
        Problem::of(&problems::INVALID_ACCOUNT).detail(ro, en).with("field", field)
    };
    match not {
        NotManaged::Party(party) => invalid(
            "party",
            format!("Instituția {party} nu este în director"),
            format!("The institution {party} is not in the directory"),
        ),
        NotManaged::Name(field, wrong) => invalid(
            field,
            format!("{field}: semne simple, fără spații, niciodată un CNP ({wrong})"),
            format!("{field}: {wrong}"),
        ),
        NotManaged::DisplayName => invalid(
            "display_name",
            "display_name are 1 până la 120 de semne pe un rând".to_owned(),
            "display_name has 1 to 120 characters on one line".to_owned(),
        ),
        NotManaged::Role(role) => invalid(
            "role",
            format!("Nu există rolul {role:?} pentru persoane"),
            format!("There is no role {role:?} for people"),
        ),
        NotManaged::Taken => Problem::of(&problems::ACCOUNT_TAKEN).detail(
            "Alegeți alt nume de conectare sau alt pseudonim; cele ale conturilor retrase rămân luate",
            "Choose another login or pseudonym; those of retired accounts stay taken",
        ),
        NotManaged::State(state) => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                format!("Contul este {state}; citiți-l din nou și hotărâți după starea lui"),
                format!("The account is {state}; read it again and decide by its state"),
            )
            .with("state", state),
        NotManaged::Db(error) => error.into(),
    }
}

pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
}

pub(super) fn own_account() -> Problem {
    Problem::of(&problems::OWN_ACCOUNT).detail(
        "Rugați alt administrator: rolurile și starea propriului cont nu se schimbă singur",
        "Ask another administrator: nobody changes roles or state of the own account",
    )
}

pub(in crate::api) fn not_given(role: &str, not: &NotGiven) -> Problem {
    let (ro, en) = match not {
        NotGiven::NoRight => (
            format!("Rolul {role} îl dă cine are grants.manage în instituție"),
            format!("The role {role} is given by who holds grants.manage in the institution"),
        ),
        NotGiven::OfTheHub => (
            format!("Rolul {role} îl dă numai cine administrează hubul"),
            format!("The role {role} is given only by who runs the hub"),
        ),
        NotGiven::OfPrograms => (
            format!("Rolul {role} este al programelor, nu al oamenilor"),
            format!("The role {role} is one of programs"),
        ),
        NotGiven::Permissions(beyond) => {
            let beyond: Vec<&str> = beyond.iter().map(|one| one.as_str()).collect();
            let beyond = beyond.join(", ");
            (
                format!("Un administrator nu poate da {beyond}; scoateți din rolul {role}"),
                format!("An administrator may not give {beyond}; take it out of the role {role}"),
            )
        }
        NotGiven::Wider(dimension) => (
            format!("Puteți da roluri numai în părțile voastre: numiți {} în rolul {role}", dimension.in_romanian()),
            format!("You may give roles only in your own part: name the {} in the role {role}", dimension.in_english()),
        ),
        NotGiven::Longer => (
            format!("Rolul {role} nu poate ține mai mult decât dreptul de a-l da: puneți valid_to"),
            format!("The role {role} cannot last longer than the right to give it: set valid_to"),
        ),
    };
    Problem::of(&problems::ROLE_NOT_GIVEN).detail(ro, en).with("role", role)
}
