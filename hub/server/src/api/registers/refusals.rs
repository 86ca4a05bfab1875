//! Why a register refuses, as problem documents.

use hub_flow::flow::{NotEntered, NotRecorded};
use hub_flow::registration::{Earlier, NotActed, Tie};
use serde_json::json;

use crate::api::problem::Problem;
use crate::problems;

/// Why no number was given.
pub(super) fn not_entered(not: NotEntered) -> Problem {
    match not {
        NotEntered::Conflict => Problem::of(&problems::IDEMPOTENCY_CONFLICT).detail(
            "Cheia Idempotency-Key a fost folosită pentru altă cerere; dați-i acesteia o cheie nouă",
            "The Idempotency-Key was used for another request; give this one a key of its own",
        ),
        NotEntered::Duplicate(earlier) => duplicate(&earlier),
        NotEntered::UnknownTie(tie) => unknown_tie(&tie),
        NotEntered::UnknownCorrespondent => unknown_correspondent(),
        NotEntered::Closed => Problem::register_closed(),
        NotEntered::Unavailable(error) => error.into(),
    }
}

/// Why nothing was recorded.
pub(super) fn not_recorded(not: NotRecorded) -> Problem {
    let not = match not {
        NotRecorded::UnknownTie(tie) => return unknown_tie(&tie),
        NotRecorded::UnknownCorrespondent => return unknown_correspondent(),
        NotRecorded::Duplicate(earlier) => return duplicate(&earlier),
        NotRecorded::Unavailable(error) => return error.into(),
        NotRecorded::Refused(not) => not,
    };
    let conflict = || Problem::of(&problems::STATE_CONFLICT);
    match not {
        NotActed::NotFound => Problem::of(&problems::NOT_FOUND),
        NotActed::Standing { status } => conflict()
            .detail(
                format!("Înregistrarea are starea {}, în care pasul nu se poate face", status.as_str()),
                format!("The entry is {}, where this step cannot be made", status.as_str()),
            )
            .with("entry_status", status.as_str()),
        NotActed::Outdated { acts } => conflict()
            .detail(
                "Altcineva a schimbat înregistrarea între timp; citiți-o din nou și repetați",
                "Somebody changed the entry meanwhile; read it again and repeat",
            )
            .with("acts", acts),
        NotActed::Waiting { act } => conflict()
            .detail(
                "Un alt pas așteaptă aprobarea altui funcționar; aprobați-l sau retrageți-l întâi",
                "Another step waits for another clerk's approval; approve it or withdraw it first",
            )
            .with("pending", act),
        NotActed::NotProposed => conflict().detail(
            "Nimic nu așteaptă aprobare; propuneți întâi pasul",
            "Nothing waits for approval; propose the step first",
        ),
        NotActed::SameClerk => Problem::of(&problems::SECOND_CLERK_NEEDED).detail(
            "Cine a propus pasul nu îl poate aproba; trimiteți în Punte-Clerk alt funcționar",
            "Who proposed the step cannot approve it; send another clerk in Punte-Clerk",
        ),
    }
}

fn unknown_tie(tie: &Tie) -> Problem {
    super::draft::invalid(
        &format!("/{}", tie.relation.as_str()),
        "Numărul la care se leagă nu este altă înregistrare a instituției; verificați registrul, anul și numărul",
        "The number it is tied to is no other entry of the institution; check register, year and number",
    )
    .with("tie", json!(tie))
}

fn duplicate(earlier: &[Earlier]) -> Problem {
    let first = earlier.first().map_or(("", ""), |one| (&one.shown, &one.register));
    let (shown, register) = first;
    Problem::of(&problems::POSSIBLE_DUPLICATE)
        .detail(
            format!(
                "Pare înregistrat deja la nr. {shown} (registrul {register}); dacă îl înregistrați anume din nou, repetați cererea cu duplicate_of"
            ),
            format!(
                "It seems to be registered already as number {shown} (register {register}); to register it again on purpose, repeat the request with duplicate_of"
            ),
        )
        .with("earlier", json!(earlier))
}

fn unknown_correspondent() -> Problem {
    super::draft::invalid(
        "/correspondent",
        "Emitentul sau destinatarul cu acest id nu este în registre sau a fost anonimizat; scrieți-l din nou în correspondent",
        "The issuer or addressee of this id is not in the registers, or was anonymised; write it out in correspondent",
    )
}
