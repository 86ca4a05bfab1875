//! The promises of lookups: what is there is found, and no accident is taken for "the register has nothing".

use std::time::Duration;

use connectors_contract::Answer;
use sandbox::{Fault, FaultKind};

use crate::deliveries::fault_in_words;
use crate::exchanges::question;
use crate::words::answered as answered_in_words;
use crate::{Bench, Patience};

pub(crate) async fn check(bench: &mut Bench<'_>) {
    if let Err(problem) = bench.lookup(crate::LOCAL, Patience::Long) {
        bench.report.fail("motorul poate face întrebările din manifest", &problem);
        return;
    }
    let names: Vec<String> = bench.folder.manifest.lookups.keys().cloned().collect();
    for name in names {
        let found = answered(bench, &name).await;
        bench.report.tell(format!("întrebarea {name} găsește ce s-a înregistrat"), found);
        let found = accidents(bench, &name).await;
        bench.report.tell(format!("la întrebarea {name} niciun accident nu este luat drept „nu există”"), found);
        let found = anybodys_status(bench, &name);
        bench.report.tell(format!("la întrebarea {name} „nu există” este spus de registru, nu de un proxy"), found);
    }
}

async fn answered(bench: &Bench<'_>, name: &str) -> Result<(), String> {
    let operation = format!("lookup.{name}");
    let Some(exchange) = bench.folder.meaning(&operation, "found") else {
        return Err(format!("lipsește un schimb {operation} cu class = found și cu arguments"));
    };
    let twin = bench.twin().await;
    match bench.lookup(twin.address, Patience::Long)?.ask(&question(name, &exchange.arguments)).await.answer {
        Answer::Found { .. } => Ok(()),
        other => {
            let told = answered_in_words(&other);
            Err(format!("în loc de găsit: {told}; comparați path și request cu exchanges/"))
        }
    }
}

async fn accidents(bench: &Bench<'_>, name: &str) -> Result<(), String> {
    let operation = format!("lookup.{name}");
    let Some(exchange) = bench.folder.meaning(&operation, "found") else { return Ok(()) };
    let reads = bench.folder.manifest.lookups.get(name).is_some_and(|one| one.method.name() == "GET");
    let at = |fault: Fault| if reads { fault.at_inquiry() } else { fault };
    for kind in [
        FaultKind::TooManyRequests,
        FaultKind::ServerError,
        FaultKind::HtmlPage,
        FaultKind::CutConnection,
        FaultKind::CutConnectionAfterStoring,
        FaultKind::AcceptAfterClientTimeout,
    ] {
        let twin = bench.twin().await;
        twin.faults.plan(at(Fault::once(kind).after(Duration::from_secs(3_600))));
        let connector = bench.lookup(twin.address, Patience::Short)?;
        match connector.ask(&question(name, &exchange.arguments)).await.answer {
            Answer::Unavailable { .. } => {}
            other => {
                let (fault, told) = (fault_in_words(kind), answered_in_words(&other));
                return Err(format!("la {fault} răspunsul este luat drept {told}: strângeți absent și found"));
            }
        }
    }
    Ok(())
}

/// A status that anybody on the way may send means nothing without a word of the register in the body.
fn anybodys_status(bench: &Bench<'_>, name: &str) -> Result<(), String> {
    let Some(operation) = bench.folder.manifest.lookups.get(name) else { return Ok(()) };
    // What fits without a body looks at nothing in it.
    let bare = (200..=599).find(|status| operation.absent.iter().any(|condition| condition.fits(*status, None)));
    bare.map_or(Ok(()), |status| {
        Err(format!(
            "un {status} cu orice conținut este luat drept „nu există”, deși îl trimite și un proxy sau o adresă \
             greșită: adăugați body_pointer la absent"
        ))
    })
}
