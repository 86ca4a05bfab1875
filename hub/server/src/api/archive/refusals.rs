//! Refusals of the archive as problems: the rule, and the way out.

use hub_flow::archive::NotDone;
use serde_json::json;

use crate::api::problem::Problem;
use crate::problems;

/// The problem of a refusal.
pub(super) fn problem(refused: NotDone) -> Problem {
    match refused {
        NotDone::NotFound => Problem::of(&problems::NOT_FOUND),
        NotDone::NoNomenclator { day } => Problem::of(&problems::NO_NOMENCLATOR)
            .detail(
                format!("La {day} nu este în vigoare niciun nomenclator; importați-l la POST /v1/archive/nomenclator"),
                format!("No nomenclator is in force on {day}; import it at POST /v1/archive/nomenclator"),
            )
            .with("day", day),
        NotDone::UnknownCode { code, near } => Problem::of(&problems::UNKNOWN_DOSSIER_CODE)
            .detail(
                format!("Indicativul {code} nu este în nomenclatorul în vigoare; apropiate: {}", near.join(", ")),
                format!("The code {code} is not in the nomenclator in force; near: {}", near.join(", ")),
            )
            .with("code_given", code)
            .with("near", near),
        NotDone::Rows(rows) => Problem::of(&problems::INVALID_NOMENCLATOR)
            .detail(
                format!("{} rânduri sunt greșite; nimic nu s-a importat", rows.len()),
                format!("{} rows are wrong; nothing was imported", rows.len()),
            )
            .with("rows", json!(rows)),
        NotDone::State { subject, state, wanted } => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                format!("{subject} este în starea {state}; pasul cere starea {wanted}"),
                format!("{subject} is {state}; the step needs it to be {wanted}"),
            )
            .with("state", state)
            .with("wanted", wanted),
        NotDone::Held { dossier, hold, reason } => Problem::of(&problems::ON_HOLD)
            .detail(
                format!("Dosarul {dossier} este blocat de reținerea {hold}: {reason}; ridicați reținerea întâi"),
                format!("The dossier {dossier} is held by {hold}: {reason}; release the hold first"),
            )
            .with("dossier", dossier)
            .with("hold", hold.to_string())
            .with("reason", reason),
        NotDone::NotDue { dossier, due_year } => {
            let (ro, en) = match due_year {
                Some(year) => (
                    format!("Termenul dosarului {dossier} se împlinește abia la 1 ianuarie {year}"),
                    format!("The term of the dossier {dossier} is over only on 1 January {year}"),
                ),
                None => (
                    format!("Dosarul {dossier} se păstrează permanent"),
                    format!("The dossier {dossier} is kept permanently"),
                ),
            };
            Problem::of(&problems::TERM_NOT_OVER)
                .detail(ro, en)
                .with("dossier", dossier)
                .with("due_year", json!(due_year))
        }
        NotDone::SameClerk => Problem::of(&problems::SECOND_CLERK_NEEDED).detail(
            "Pasul cere doi oameni: trimiteți-l cu Punte-Clerk al altui funcționar decât cel care a făcut primul pas",
            "The step needs two people: send it with the Punte-Clerk of another clerk than the one of the first step",
        ),
        NotDone::WrongUnit { wanted } => Problem::of(&problems::FORBIDDEN)
            .detail(
                format!("Compartimentul din antetul Punte-Unit nu are acest drept; au: {}", wanted.join(", ")),
                format!("The unit of the header Punte-Unit may not do this; these may: {}", wanted.join(", ")),
            )
            .with("field", "Punte-Unit"),
        NotDone::Wrong { field, ro, en } => {
            Problem::of(&problems::INVALID_ARCHIVE_REQUEST).detail(ro, en).with("field", field)
        }
        NotDone::KeyReused => Problem::of(&problems::IDEMPOTENCY_CONFLICT).detail(
            "Cheia a fost folosită pentru altă cerere către arhivă; trimiteți cererea cu o cheie nouă",
            "The key was used for another request to the archive; send the request with a new key",
        ),
    }
}
