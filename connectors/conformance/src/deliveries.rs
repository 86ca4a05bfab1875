//! The promises of deliveries: a receipt, one document of many sendings, honesty about what is not known.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors_contract::manifest::Auth;
use connectors_contract::{Inquiry, Outbound, Outcome, RecordedAnswer, RecordedExchange, SideEffect};
use sandbox::{Fault, FaultKind, FolderTwin, KeptDocument, Running, Scripted};
use serde_json::{Value, json};

use crate::documents::document;
use crate::exchanges::meaning;
use crate::words::{inquired, sent};
use crate::{Bench, Patience, secret};

const KEY: &str = "cheie-conformitate-1";
const HOUR: Duration = Duration::from_secs(3_600);
/// How long a twin may take to come to a state that it will come to.
const SOON: Duration = Duration::from_secs(10);

pub(crate) async fn check(bench: &mut Bench<'_>) {
    if let Err(problem) = bench.outbound(crate::LOCAL, Patience::Long) {
        bench.report.fail("motorul poate face un conector din manifest", &problem);
        return;
    }
    if bench.folder.meaning("deliver", "attested").is_some() {
        let why = "dovezile altui serviciu sunt judecate de hub, nu de conector";
        bench.report.skip("documentul livrat are recipisă", why);
        return;
    }
    if bench.folder.meaning("deliver", "delivered").is_none() {
        let problem = "lipsește un schimb deliver cu class = delivered: fără el nu se poate încerca livrarea";
        bench.report.fail("dosarul se poate juca", problem);
        return;
    }
    let found = receipt_and_hash(bench).await;
    bench.report.tell("documentul livrat are recipisă și amprenta celor trimise", found);
    let found = one_of_two(bench).await;
    bench.report.tell("aceeași cheie de două ori face un singur document", found);
    let found = busy(bench).await;
    bench.report.tell("429 este indisponibil și se așteaptă cât cere Retry-After", found);
    let found = closed(bench).await;
    bench.report.tell("un port închis este indisponibil, iar documentul pleacă după deschidere", found);
    for (kind, what) in [
        (FaultKind::AcceptAfterClientTimeout, "un răspuns după expirarea timpului"),
        (FaultKind::CutConnectionAfterStoring, "o conexiune tăiată după preluare"),
        (FaultKind::ServerErrorAfterStoring, "o eroare 500 după preluare"),
    ] {
        let found = lost_answer(bench, kind).await;
        bench.report.tell(format!("{what} nu pierde și nu dublează documentul"), found);
    }
    for (kind, what) in [
        (FaultKind::CutConnection, "o conexiune tăiată înainte de preluare"),
        (FaultKind::HtmlPage, "o pagină HTML cu 200"),
        (FaultKind::OkWithErrorBody, "o eroare într-un 200"),
    ] {
        let found = not_taken(bench, kind).await;
        bench.report.tell(format!("{what} nu este luată drept livrare"), found);
    }
    let found = inquiry_in_doubt(bench).await;
    match found {
        Some(found) => bench.report.tell("o întrebare fără răspuns nu este luată drept absență", found),
        None => {
            bench.report.skip("o întrebare fără răspuns nu este luată drept absență", "sistemul nu se poate întreba")
        }
    }
    if bench.folder.manifest.inquire.is_some() {
        let found = mistaken_for_absence(bench).await;
        bench.report.tell("niciun răspuns la trimitere, primit la întrebare, nu înseamnă „nu există”", found);
    }
    let found = wrong_secret(bench).await;
    bench.report.tell("un secret greșit se vede ca atare și nu apare în nicio explicație", found);
}

type Checked = Result<(), String>;

/// Whether a success must hold the target's own reference.
fn receipt_required(bench: &Bench<'_>) -> bool {
    let deliver = bench.folder.manifest.deliver.as_ref();
    deliver.is_some_and(|deliver| deliver.receipt_required && deliver.receipt.is_some())
}

async fn receipt_and_hash(bench: &Bench<'_>) -> Checked {
    let twin = bench.twin().await;
    let attempt = bench.outbound(twin.address, Patience::Long)?.deliver(&document(KEY, "Anchetă")).await;
    let required = receipt_required(bench);
    match attempt.outcome {
        Outcome::Delivered { receipt: None } if required => Err("fără recipisă: îndreptați deliver.receipt".to_owned()),
        Outcome::Delivered { .. } | Outcome::Attested { .. } if attempt.exchange.sent_sha256.is_none() => {
            Err("conectorul nu spune amprenta celor trimise".to_owned())
        }
        Outcome::Delivered { .. } | Outcome::Attested { .. } => stored(&twin, 1),
        other => {
            let told = sent(&other);
            Err(format!("în loc de livrat: {told}; comparați deliver.path și auth cu exchanges/"))
        }
    }
}

async fn one_of_two(bench: &Bench<'_>) -> Checked {
    let twin = bench.twin().await;
    let connector = bench.outbound(twin.address, Patience::Long)?;
    let first = connector.deliver(&document(KEY, "Anchetă")).await;
    let second = connector.deliver(&document(KEY, "Anchetă")).await;
    if first.outcome != second.outcome {
        let (first, second) = (sent(&first.outcome), sent(&second.outcome));
        return Err(format!("a doua oară răspunsul este altul: {first}, apoi {second}"));
    }
    stored(&twin, 1)
}

async fn busy(bench: &Bench<'_>) -> Checked {
    let twin = bench.twin().await;
    twin.faults.plan(Fault { retry_after_s: 77, ..Fault::once(FaultKind::TooManyRequests) });
    let outcome = bench.outbound(twin.address, Patience::Long)?.deliver(&document(KEY, "Anchetă")).await.outcome;
    match outcome {
        Outcome::Unavailable { retry_after: Some(wait), .. } if wait == Duration::from_secs(77) => stored(&twin, 0),
        other => {
            let told = sent(&other);
            Err(format!("în loc de indisponibil 77 s: {told}; o regulă din [[outcome.rules]] îl acoperă pe 429"))
        }
    }
}

async fn closed(bench: &Bench<'_>) -> Checked {
    let twin = bench.twin().await;
    twin.faults.down(HOUR).await;
    let connector = bench.outbound(twin.address, Patience::Long)?;
    let outcome = connector.deliver(&document(KEY, "Anchetă")).await.outcome;
    if !matches!(outcome, Outcome::Unavailable { .. }) {
        return Err(format!("cu portul închis: {}", sent(&outcome)));
    }
    twin.faults.up().await;
    arrives(&*connector, &twin).await
}

async fn lost_answer(bench: &Bench<'_>, kind: FaultKind) -> Checked {
    let twin = bench.twin().await;
    twin.faults.plan(Fault::once(kind).after(HOUR));
    let outcome = bench.outbound(twin.address, Patience::Short)?.deliver(&document(KEY, "Anchetă")).await.outcome;
    if !matches!(outcome, Outcome::Unknown { .. }) {
        return Err(format!("în loc de necunoscut: {}; o regulă decide ce nu se poate ști", sent(&outcome)));
    }
    until_stored(&twin).await?;
    let connector = bench.outbound(twin.address, Patience::Long)?;
    match connector.side_effect() {
        SideEffect::Once => {}
        SideEffect::Repeatable => arrives(&*connector, &twin).await?,
        SideEffect::Queryable => match connector.inquire(&document(KEY, "Anchetă")).await {
            Inquiry::Present { .. } => {}
            other => {
                let told = inquired(&other);
                return Err(format!("întrebat, sistemul are documentul, dar răspunsul este luat drept {told}"));
            }
        },
    }
    stored(&twin, 1)
}

async fn not_taken(bench: &Bench<'_>, kind: FaultKind) -> Checked {
    let twin = bench.twin().await;
    twin.faults.plan(Fault::once(kind));
    let connector = bench.outbound(twin.address, Patience::Long)?;
    let outcome = connector.deliver(&document(KEY, "Anchetă")).await.outcome;
    if let Outcome::Delivered { .. } | Outcome::Attested { .. } = outcome {
        let required = receipt_required(bench);
        // A receiver that need not answer anything may answer anything.
        return if required || kind != FaultKind::OkWithErrorBody {
            Err("a fost luată drept livrare: cereți recipisa (receipt) sau adăugați o regulă".to_owned())
        } else {
            Ok(())
        };
    }
    if connector.side_effect() == SideEffect::Queryable {
        match connector.inquire(&document(KEY, "Anchetă")).await {
            Inquiry::Absent => {}
            other => {
                let told = inquired(&other);
                return Err(format!("întrebat, sistemul nu are documentul, dar răspunsul este luat drept {told}"));
            }
        }
    }
    stored(&twin, 0)
}

async fn inquiry_in_doubt(bench: &Bench<'_>) -> Option<Checked> {
    bench.folder.manifest.inquire.as_ref()?;
    let twin = bench.twin().await;
    let connector = match bench.outbound(twin.address, Patience::Long) {
        Ok(connector) => connector,
        Err(problem) => return Some(Err(problem)),
    };
    connector.deliver(&document(KEY, "Anchetă")).await;
    for kind in [FaultKind::TooManyRequests, FaultKind::ServerError, FaultKind::HtmlPage, FaultKind::CutConnection] {
        twin.faults.plan(Fault::once(kind).at_inquiry());
        let answer = connector.inquire(&document(KEY, "Anchetă")).await;
        if !matches!(answer, Inquiry::Unanswered { .. }) {
            let (fault, told) = (fault_in_words(kind), inquired(&answer));
            return Some(Err(format!("la {fault} răspunsul este luat drept {told}: strângeți inquire.absent")));
        }
    }
    Some(Ok(()))
}

/// No answer to a sending, given to the question in its place, means that the document is not there.
async fn mistaken_for_absence(bench: &Bench<'_>) -> Checked {
    for exchange in bench.folder.exchanges.iter().filter(|exchange| exchange.operation == "deliver") {
        let asked = RecordedExchange { operation: "inquire".to_owned(), ..exchange.clone() };
        if meaning(bench.engine, bench.folder, &asked).await?["class"] == "absent" {
            let name = &exchange.name;
            return Err(format!("răspunsul {name} la întrebare ar retrimite documentul: strângeți inquire.absent"));
        }
    }
    Ok(())
}

async fn wrong_secret(bench: &Bench<'_>) -> Checked {
    let manifest = bench.manifest(Patience::Long);
    let shown = secret(&manifest);
    let unseen = |outcome: &Outcome| {
        let told = format!("{outcome:?}");
        if told.contains(&shown) {
            Err(format!("secretul apare în rezultat: {}", told.replace(&shown, "…")))
        } else {
            Ok(())
        }
    };
    if manifest.endpoint.auth != Auth::None {
        let other =
            FolderTwin::start(crate::LOCAL, bench.folder.clone(), "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
        let other = other.map_err(|error| error.to_string())?;
        let outcome = bench.outbound(other.address, Patience::Long)?.deliver(&document(KEY, "Anchetă")).await.outcome;
        let signed = manifest.endpoint.auth == Auth::StandardWebhooks;
        if matches!(outcome, Outcome::Delivered { .. } | Outcome::Refused { .. }) && !signed {
            return Err(format!(
                "cu alt secret: {}; un 401 nu este o livrare și nici un refuz al documentului",
                sent(&outcome)
            ));
        }
        unseen(&outcome)?;
    }
    if manifest.endpoint.auth == Auth::None {
        // What is known by its certificate alone sends no secret that could be repeated.
        return Ok(());
    }
    // A target that repeats what it was sent, as error pages of frameworks do.
    let repeated = RecordedExchange {
        name: "repetat".to_owned(),
        about: String::new(),
        operation: "deliver".to_owned(),
        arguments: BTreeMap::new(),
        request: Value::Null,
        answer: RecordedAnswer {
            status: 400,
            headers: [("content-type".to_owned(), "application/json".to_owned())].into(),
            body: json!({ "cod": shown, "code": shown, "mesaj": shown, "message": shown, "eroare": { "cod": shown, "mesaj": shown } }),
        },
        expected: Value::Null,
    };
    let twin = Scripted::start(crate::LOCAL, repeated).await.map_err(|error| error.to_string())?;
    unseen(&bench.outbound(twin.address, Patience::Long)?.deliver(&document(KEY, "Anchetă")).await.outcome)
}

async fn arrives(connector: &dyn Outbound, twin: &Running<KeptDocument>) -> Checked {
    match connector.deliver(&document(KEY, "Anchetă")).await.outcome {
        Outcome::Delivered { .. } | Outcome::Attested { .. } => stored(twin, 1),
        other => Err(format!("a doua trimitere: {}", sent(&other))),
    }
}

async fn until_stored(twin: &Running<KeptDocument>) -> Checked {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while twin.received().is_empty() {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.map_err(|_| "documentul nu a ajuns la simulator".to_owned())
}

/// What a twin did wrong.
pub(crate) fn fault_in_words(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::TooManyRequests => "un 429",
        FaultKind::ServerError => "o eroare 500",
        FaultKind::HtmlPage => "o pagină HTML cu 200",
        FaultKind::CutConnection => "o conexiune tăiată înainte de răspuns",
        FaultKind::CutConnectionAfterStoring => "o conexiune tăiată în mijlocul răspunsului",
        FaultKind::AcceptAfterClientTimeout => "un răspuns după expirarea timpului",
        _ => "un accident",
    }
}

fn stored(twin: &Running<KeptDocument>, expected: u32) -> Checked {
    let stored: u32 = twin.received().iter().map(|document| document.stored).sum();
    if stored == expected { Ok(()) } else { Err(format!("simulatorul are {stored} documente în loc de {expected}")) }
}
