//! Why an act was refused, with the rule and the way out.

use hub_deadlines::NotExtended;
use hub_flow::flow::{NotDone, NotRedirected};
use hub_flow::registration::NotActed;

use crate::api::messages::submit;
use crate::api::problem::Problem;
use crate::problems;

/// The problem that tells why nothing was done to an entry.
pub fn problem(not: NotDone) -> Problem {
    match not {
        NotDone::NotFound => Problem::of(&problems::NOT_FOUND).detail(
            "Registrul nu are acest număr în acest an; verificați registrul, anul și numărul",
            "The register has no such number in this year; check register, year and number",
        ),
        NotDone::Refused(not) => refused(&not),
        NotDone::WrongUnit { has } => {
            let at = has.join(", ");
            Problem::of(&problems::WRONG_UNIT)
                .detail(
                    format!("Documentul este la: {at}; pasul îl face un funcționar de acolo (antetul Punte-Unit), sau documentul se repartizează din nou"),
                    format!("The document is with: {at}; a clerk there acts (header Punte-Unit), or it is assigned anew"),
                )
                .with("units", has)
        }
        NotDone::UnknownUnit(unit) => Problem::of(&problems::WRONG_UNIT)
            .detail(
                format!(
                    "Registrul nu cunoaște compartimentul {unit:?}; compartimentele lui sunt în definiția registrului"
                ),
                format!("The register knows no unit {unit:?}; its units are in the register's definition"),
            )
            .with("field", "units"),
        NotDone::NoTerm => Problem::of(&problems::TERM_CONFLICT).detail(
            "Înregistrarea nu are termen: documentul a ieșit de la instituție sau nu așteaptă răspuns",
            "The entry has no term: the document went out, or expects no answer",
        ),
        NotDone::Suspended(true) => Problem::of(&problems::TERM_CONFLICT)
            .detail("Termenul este deja suspendat; reluați-l întâi", "The term is suspended already; resume it first"),
        NotDone::Suspended(false) => {
            Problem::of(&problems::TERM_CONFLICT).detail("Termenul nu este suspendat", "The term is not suspended")
        }
        NotDone::Over(due) => Problem::of(&problems::TERM_CONFLICT)
            .detail(
                format!("Termenul s-a împlinit la {due}; ce s-a împlinit nu se mai suspendă"),
                format!("The term ended on {due}; what has ended cannot be suspended"),
            )
            .with("due_on", due.to_string()),
        NotDone::NotExtended(not) => not_extended(&not),
        NotDone::Unavailable(error) => error.into(),
    }
}

fn refused(not: &NotActed) -> Problem {
    match not {
        NotActed::NotFound => Problem::of(&problems::NOT_FOUND),
        NotActed::Standing { status } => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                format!("Înregistrarea este în starea „{}”, din care acest pas nu se face", status.as_str()),
                format!("The entry is \"{}\", where this step cannot be taken", status.as_str()),
            )
            .with("state", status.as_str()),
        NotActed::Outdated { acts } => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                format!("Între timp s-a mai întâmplat ceva: înregistrarea are {acts} acte; citiți-o din nou"),
                format!("Something happened meanwhile: the entry has {acts} acts; read it again"),
            )
            .with("acts", *acts),
        NotActed::Waiting { act } => Problem::of(&problems::STATE_CONFLICT)
            .detail(
                format!("Actul „{act}” așteaptă aprobarea altui funcționar; întâi se aprobă sau se respinge acela"),
                format!("The act \"{act}\" waits for another clerk; it is approved or refused first"),
            )
            .with("pending", act.as_str()),
        NotActed::NotProposed => Problem::of(&problems::STATE_CONFLICT).detail(
            "Nimeni nu a propus acest act, sau s-a hotărât deja",
            "Nobody proposed this act, or it was decided",
        ),
        NotActed::SameClerk => Problem::of(&problems::FORBIDDEN).detail(
            "Cine a propus actul nu îl poate și aproba: trimiteți antetul Punte-Clerk al altui funcționar",
            "Who proposed the act cannot approve it: send the header Punte-Clerk of another clerk",
        ),
    }
}

fn not_extended(not: &NotExtended) -> Problem {
    let (ro, en) = match not {
        NotExtended::NoneAllowed(rule) => {
            (format!("Regula „{rule}” nu permite prelungire"), format!("The rule \"{rule}\" allows no extension"))
        }
        NotExtended::TooFar { wanted, most } => (
            format!("Termenul s-ar împlini la {wanted}, iar legea îl permite cel mult până la {most}"),
            format!("The term would end on {wanted}, and the law allows {most} at the latest"),
        ),
        NotExtended::Nothing => {
            ("Prelungirea are cel puțin o zi".to_owned(), "An extension adds at least one day".to_owned())
        }
        NotExtended::ToldTooLate { by } => (
            format!("Solicitantul trebuia înștiințat până la {by}: trimiteți ziua înștiințării în told_on"),
            format!("The applicant had to be told by {by}: send the day in told_on"),
        ),
        NotExtended::Over(due) => (
            format!("Termenul s-a împlinit la {due}; ce s-a împlinit nu se mai prelungește"),
            format!("The term ended on {due}; what has ended cannot be lengthened"),
        ),
        NotExtended::NotCounted(_) => (
            "Termenul ar ieși din anii calendarului".to_owned(),
            "The term would leave the years of the calendar".to_owned(),
        ),
    };
    Problem::of(&problems::EXTENSION_REFUSED).detail(ro, en).with("field", "length")
}

/// The problem that tells why a document did not go on.
pub fn not_redirected(not: NotRedirected) -> Problem {
    let of = |ro: &str, en: &str| Problem::of(&problems::NOT_REDIRECTED).detail(ro, en);
    match not {
        NotRedirected::NotDone(not) => problem(not),
        NotRedirected::NoDocument => of(
            "Un document ieșit sau un număr fără document nu se redirecționează",
            "What went out, or a number without a document, is not redirected",
        ),
        NotRedirected::NotCompetent => of(
            "Instituția competentă este alta decât a dumneavoastră și decât expeditorul",
            "The competent institution is neither your own nor the sender",
        )
        .with("field", "competent"),
        NotRedirected::SenderOutside => of(
            "Expeditorul nu are căsuță la acest hub: înștiințați-l pe altă cale și trimiteți told cu ziua și calea",
            "The sender has no inbox at this hub: tell it otherwise, and send told with day and way",
        )
        .with("field", "told"),
        NotRedirected::Unsendable { notice, problem, violations } => {
            let (ro, en) = if notice {
                (
                    "Înștiințarea expeditorului nu ar fi acceptată; înștiințați-l pe altă cale și trimiteți told cu ziua și calea",
                    "The notice to the sender would not be accepted; tell it otherwise, and send told with day and way",
                )
            } else {
                (
                    "Documentul nu ar fi acceptat la instituția competentă; regulile încălcate sunt în violations",
                    "The document would not be accepted for the competent institution; the broken rules are in violations",
                )
            };
            of(ro, en).with("cause", problem.code()).violations(&violations)
        }
        NotRedirected::Refused(refused) => submit::problem(*refused),
    }
}
