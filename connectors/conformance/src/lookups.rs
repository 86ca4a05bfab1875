//! The promises of lookups: what is there is found, and no accident is taken for "the register has nothing".

use std::time::Duration;

use connectors_contract::Answer;
use sandbox::{Fault, FaultKind};

use crate::exchanges::question;
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
        other => Err(format!("în loc de găsit: {other:?}; comparați path și request cu exchanges/")),
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
            other => return Err(format!("la {kind:?} răspunsul este luat drept {other:?}: strângeți absent și found")),
        }
    }
    Ok(())
}
