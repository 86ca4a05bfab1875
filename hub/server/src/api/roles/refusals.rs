//! Why a role is not defined or changed, in words.

use crate::api::problem::Problem;
use crate::problems;

fn invalid(field: &str, ro: &str, en: &str) -> Problem {
    Problem::of(&problems::INVALID_ROLE).detail(ro, en).with("field", field)
}

pub(super) fn id_wrong() -> Problem {
    invalid(
        "role",
        "Numele scurt al rolului are litere mici, cifre și liniuțe, începe cu o literă, are cel mult 64 de semne și nu este al unui rol al hubului",
        "The id of a role has lower-case letters, digits and dashes, begins with a letter, has at most 64 characters and is not that of a role of the hub",
    )
}

pub(super) fn name_wrong(field: &str) -> Problem {
    invalid(field, "Numele are 1 până la 120 de semne pe un rând", "The name has 1 to 120 characters on one line")
}

pub(super) fn no_permission() -> Problem {
    invalid(
        "permissions",
        "Un rol are cel puțin o permisiune; lista lor este la docs/permissions.md",
        "A role has at least one permission; docs/permissions.md lists them",
    )
}

pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(format!("JSON greșit: {error}"), format!("Wrong JSON: {error}"))
}

pub(super) fn own_role() -> Problem {
    Problem::of(&problems::OWN_ACCOUNT).detail(
        "Rugați alt administrator: nimeni nu schimbă un rol pe care îl are",
        "Ask another administrator: nobody changes a role it holds",
    )
}

pub(super) fn withdrawn() -> Problem {
    Problem::of(&problems::STATE_CONFLICT).detail(
        "Rolul a fost scos și nu se mai schimbă; definiți altul, cu alt nume scurt",
        "The role was withdrawn and does not change any more; define another one with another id",
    )
}

pub(super) fn changed() -> Problem {
    Problem::of(&problems::VERSION_CHANGED).detail(
        "Citiți rolul din nou și trimiteți versiunea lui în If-Match",
        "Read the role again and send its version in If-Match",
    )
}
