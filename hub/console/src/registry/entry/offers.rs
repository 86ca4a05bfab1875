//! Which acts a page offers: those the person may do somewhere, and the state of the entry allows. What is allowed indeed,
//! the API decides.

use jiff::civil::Date;
use serde_json::Value;

use crate::form::Filled;
use crate::moment::today;
use crate::visit::Visit;

use super::super::offer::{Input, Offer};
use super::super::reading::{listed, text};
use super::Known;

/// Where a document can still be worked on.
const OPEN: [&str; 3] = ["registered", "assigned", "in_progress"];

/// The act the entry waits for, and the others.
pub fn offered(visit: &Visit, known: &Known, filled: Option<(&str, &Filled)>) -> (Option<Offer>, Vec<Offer>) {
    let mut all: Vec<Offer> =
        [handling(visit, known), ending(visit, known), term(visit, known), keeping(visit, known)].concat();
    let acts = known.entry["acts"].as_array().map_or(0, Vec::len).to_string();
    for offer in &mut all {
        offer.acts.clone_from(&acts);
        if let Some((act, filled)) = filled
            && offer.act == act
        {
            *offer = offer.clone().again(filled);
        }
    }
    let awaited = awaited(visit, known);
    let first = awaited.iter().find_map(|act| all.iter().position(|offer| offer.act == *act));
    let first = first.map(|at| all.remove(at));
    (first, all)
}

/// The acts that an entry in its state waits for, the likeliest first.
fn awaited(visit: &Visit, known: &Known) -> Vec<&'static str> {
    let pending = text(&known.entry, "pending");
    let own = text(&known.entry, "pending_by") == visit.person.pseudonym;
    match (pending.as_str(), known.status().as_str()) {
        ("annulment", _) if !own => vec!["annulment-decision"],
        ("extension", _) if !own => vec!["extension-decision"],
        (_, "registered") => vec!["assignment", "work"],
        (_, "assigned") => vec!["work", "resolution", "assignment"],
        (_, "in_progress") => vec!["resolution", "assignment"],
        (_, "waiting_approval") if !own => vec!["approval"],
        (_, "resolved" | "rejected") if known.entry["particulars"]["dispatched_on"].is_null() => {
            vec!["dispatch", "filing"]
        }
        (_, "resolved" | "rejected") => vec!["filing"],
        _ => Vec::new(),
    }
}

/// Giving a document on, and working on it.
fn handling(visit: &Visit, known: &Known) -> Vec<Offer> {
    let (status, incoming) = (known.status(), known.entry["direction"] != "out");
    let open = OPEN.contains(&status.as_str()) && incoming;
    let mut offers = Vec::new();
    if open && visit.may("acts.assign") {
        offers.push(assignment(visit, known));
    }
    let mine = status == "in_progress" && text(&known.entry, "person") == visit.person.pseudonym;
    if open && visit.may("acts.work") && !mine {
        offers.push(Offer::of(
            visit,
            "work",
            ("Ia în lucru", "Take up"),
            (
                "Lucrarea este a dumneavoastră de acum; termenul curge mai departe.",
                "The work is yours from now on; the term runs on.",
            ),
        ));
    }
    let unit = visit.person.unit.as_deref().unwrap_or_default();
    let beside = known.deadline.as_ref().is_some_and(|deadline| {
        listed(deadline, "path")
            .any(|leg| text(leg, "unit") == unit && leg["leads"] == false && leg["left_at"].is_null())
    });
    if open && beside && visit.may("acts.work") {
        let hint = ("Compartimentul conducător răspunde de întreg.", "The leading unit answers for the whole.");
        let offer = Offer::of(visit, "part", ("Partea noastră este gata", "Our part is done"), hint);
        offers.push(offer.field("note", visit.say("Ce s-a făcut", "What was done"), Input::Area).needed());
    }
    if open && known.entry["direction"] == "in" && visit.may("acts.redirect") {
        offers.push(redirection(visit, known));
    }
    offers
}

fn assignment(visit: &Visit, known: &Known) -> Offer {
    let hint = (
        "Primul compartiment conduce și răspunde de termen; celelalte își fac partea. Cine repartizează este înștiințat dacă termenul trece.",
        "The first unit leads and answers for the term; the others do their part. Whoever assigns is told when the term passes.",
    );
    let mut offer = Offer::of(visit, "assignment", ("Repartizează", "Assign"), hint);
    let units = if known.units.is_empty() { Input::Line } else { Input::Choice(known.units.clone()) };
    offer = offer.field("unit", visit.say("Compartimentul", "Unit"), units).needed();
    if known.units.is_empty() {
        offer = offer.with(visit.person.unit.clone().unwrap_or_default());
    }
    offer = offer.field(
        "person",
        visit.say("Funcționarul (pseudonim), dacă îl numiți", "Clerk (pseudonym), where you name one"),
        Input::Line,
    );
    let others = visit.say("Alte compartimente, despărțite prin virgulă", "Other units, separated by commas");
    offer.field("others", others, Input::Line).field("note", visit.say("Rezoluția", "Note"), Input::Line)
}

fn redirection(visit: &Visit, known: &Known) -> Offer {
    let paper = known.entry["message_id"].is_null();
    let hint = (
        "Dintr-un singur act: documentul pleacă la instituția competentă cu numărul de aici, expeditorul este înștiințat, iar înregistrarea se încheie. Termenul este de 5 zile de la înregistrare (OG nr. 27/2002, art. 6^1).",
        "In one act: the document goes to the competent institution with the number it has here, its sender is told, and the entry comes to its end. The term is 5 days from registration (OG 27/2002, art. 6^1).",
    );
    let mut offer = Offer::of(visit, "redirection", ("Redirecționează", "Redirect"), hint);
    let found = !known.institutions.is_empty();
    let competent = if found { Input::Choice(known.institutions.clone()) } else { Input::Line };
    offer = offer
        .field(
            "competent",
            visit.say(
                "Instituția competentă (codul din director sau numele)",
                "Competent institution (its id in the directory, or its name)",
            ),
            competent,
        )
        .needed();
    offer = offer
        .field(
            "reason",
            visit.say("Motivul, pe care îl citește și expeditorul", "Reason, which the sender reads too"),
            Input::Line,
        )
        .needed();
    if paper {
        offer = offer.field("documents", visit.say("Documentul scanat", "The scanned document"), Input::Files);
    }
    let (day, how) = (
        visit.say("Expeditorul a fost înștiințat la", "The sender was told on"),
        visit.say("Cum a fost înștiințat (telefon, poștă)", "How it was told (telephone, post)"),
    );
    offer = offer.field("told_on", day, Input::Day);
    if paper {
        offer = offer.needed().with(now(visit).to_string());
    }
    offer = offer.field("told_how", how, Input::Line);
    if paper { offer.needed() } else { offer }
}

/// Resolving, approving, dispatching, filing.
fn ending(visit: &Visit, known: &Known) -> Vec<Offer> {
    let (status, mut offers) = (known.status(), Vec::new());
    let status = status.as_str();
    let incoming = known.entry["direction"] != "out";
    if matches!(status, "assigned" | "in_progress") && incoming && visit.may("acts.resolve") {
        let outcomes =
            [("resolved", "soluționat", "resolved"), ("rejected", "respins motivat", "rejected with reasons")];
        let outcomes = outcomes.map(|(code, ro, en)| (code.to_owned(), visit.say(ro, en).to_owned()));
        let hint = (
            "Cu aprobare, termenul curge până când alt funcționar aprobă.",
            "With approval, the term runs until another clerk approves.",
        );
        let offer = Offer::of(visit, "resolution", ("Soluționează", "Resolve"), hint);
        let offer =
            offer.field("outcome", visit.say("Rezultatul", "Outcome"), Input::Choice(outcomes.to_vec())).needed();
        let offer =
            offer.field("resolution", visit.say("Modul de rezolvare", "Way of resolution"), Input::Area).needed();
        offers.push(
            offer
                .field("for_approval", visit.say("Se trimite spre aprobare", "Send for approval"), Input::Tick)
                .with("yes"),
        );
    }
    let own = text(&known.entry, "pending_by") == visit.person.pseudonym;
    if status == "waiting_approval" && visit.may("acts.approve") && !own {
        let hint = (
            "Aprobată, soluția încheie lucrarea; întoarsă, lucrarea este din nou în lucru.",
            "Approved, the resolution ends the work; returned, the work goes on.",
        );
        let offer = Offer::of(visit, "approval", ("Aprobă soluția", "Approve the resolution"), hint);
        let offer =
            offer.field("reason", visit.say("Motivul, dacă o întoarceți", "Reason, where you return it"), Input::Line);
        offers.push(offer.decided(visit.say("Aprobă", "Approve"), visit.say("Întoarce în lucru", "Return")));
    }
    if matches!(status, "resolved" | "rejected") && visit.may("acts.dispatch") {
        let hint = ("Se scrie ziua în care răspunsul a plecat.", "The day the answer left is written down.");
        let offer = Offer::of(visit, "dispatch", ("Răspunsul a plecat", "The answer left"), hint);
        let offer = offer
            .field("on", visit.say("Ziua expedierii", "Day of dispatch"), Input::Day)
            .needed()
            .with(now(visit).to_string());
        offers.push(offer.field("way", visit.say("Calea", "Way"), Input::Line));
    }
    let resolved = matches!(status, "resolved" | "rejected");
    if (resolved || OPEN.contains(&status)) && visit.may("acts.file") {
        let hint = (
            "Clasarea încheie înregistrarea; fără răspuns se clasează numai cu motiv.",
            "Filing ends the entry; without an answer only with a reason.",
        );
        let offer = Offer::of(visit, "filing", ("Clasează la dosar", "File in a dossier"), hint);
        let offer = offer.field("dossier_code", visit.say("Indicativul dosarului", "Code of the dossier"), Input::Line);
        let offer = offer.with(text(&known.entry["particulars"], "dossier_code"));
        let offer = offer.field("reason", visit.say("Motivul", "Reason"), Input::Line);
        offers.push(if resolved { offer } else { offer.needed() });
    }
    offers
}

/// The term.
fn term(visit: &Visit, known: &Known) -> Vec<Offer> {
    let Some(deadline) = known.deadline.as_ref().filter(|deadline| !deadline["term"].is_null()) else {
        return Vec::new();
    };
    let open = OPEN.contains(&known.status().as_str()) || known.status() == "waiting_approval";
    let pending = text(&known.entry, "pending");
    let mut offers = Vec::new();
    let reason = visit.say("Motivul", "Reason");
    if open && visit.may("acts.terms") {
        let offer = if deadline["suspended"] == true {
            Offer::of(
                visit,
                "resumption",
                ("Reia termenul", "Resume the term"),
                ("Ziua de azi se numără.", "Today counts."),
            )
        } else {
            Offer::of(
                visit,
                "suspension",
                ("Suspendă termenul", "Suspend the term"),
                (
                    "De azi zilele nu se mai numără, până la reluare.",
                    "From today on days do not count until it is resumed.",
                ),
            )
        };
        offers.push(offer.field("reason", reason, Input::Line).needed());
        if !deadline["rule"]["extension"].is_null() && pending.is_empty() {
            offers.push(extension(visit, &deadline["rule"]["extension"]));
        }
    }
    let own = text(&known.entry, "pending_by") == visit.person.pseudonym;
    if pending == "extension" && visit.may("acts.decide-extension") && !own {
        let hint = ("Termenul se prelungește abia după aprobare.", "The term is lengthened only once approved.");
        let offer = Offer::of(visit, "extension-decision", ("Hotărăște prelungirea", "Decide the extension"), hint);
        let offer =
            offer.field("reason", visit.say("Motivul, dacă o respingeți", "Reason, where you refuse it"), Input::Line);
        offers.push(offer.decided(visit.say("Aprobă", "Approve"), visit.say("Respinge", "Refuse")));
    }
    offers
}

fn extension(visit: &Visit, rule: &Value) -> Offer {
    let units = [
        ("calendar-days", "zile", "days"),
        ("working-days", "zile lucrătoare", "working days"),
        ("months", "luni", "months"),
    ];
    let units = units.map(|(code, ro, en)| (code.to_owned(), visit.say(ro, en).to_owned()));
    let hint =
        ("Prelungirea se propune; o aprobă alt funcționar.", "An extension is proposed; another clerk approves it.");
    let mut offer = Offer::of(visit, "extension", ("Propune prelungirea", "Propose an extension"), hint);
    offer.hint = format!("{} {}", offer.hint, text(rule, "basis"));
    offer
        .field("count", visit.say("Cu cât", "By how much"), Input::Number)
        .needed()
        .field("unit", visit.say("De", "Of"), Input::Choice(units.to_vec()))
        .needed()
        .field("reason", visit.say("Motivul", "Reason"), Input::Line)
        .needed()
        .field("told_on", visit.say("Petentul a fost înștiințat la", "The petitioner was told on"), Input::Day)
}

/// Keeping the register: corrections, connections, annulment.
fn keeping(visit: &Visit, known: &Known) -> Vec<Offer> {
    let (status, pending) = (known.status(), text(&known.entry, "pending"));
    let mut offers = Vec::new();
    if status == "annulled" {
        return offers;
    }
    if visit.may("registers.correct") && status != "reserved" {
        offers.push(correction(visit, &known.entry["particulars"]));
        let hint = (
            "Documentele aceleiași lucrări se conexează la primul înregistrat.",
            "Documents of one matter are connected to the first registered.",
        );
        let how = [
            ("no", "este în aceeași lucrare cu el", "belongs to the same matter"),
            ("yes", "îi răspunde", "answers it"),
        ];
        let how = how.map(|(code, ro, en)| (code.to_owned(), visit.say(ro, en).to_owned()));
        offers.push(
            Offer::of(visit, "connect", ("Conexează", "Connect"), hint)
                .field("register", visit.say("Registrul", "Register"), Input::Line)
                .with(known.place.register.clone())
                .field("year", visit.say("Anul", "Year"), Input::Number)
                .needed()
                .with(known.place.year.to_string())
                .field("number", visit.say("Numărul", "Number"), Input::Number)
                .needed()
                .field(
                    "answers",
                    visit.say("Cum ține de acela", "How it belongs to that one"),
                    Input::Choice(how.to_vec()),
                ),
        );
    }
    if visit.may("registers.annul") && pending.is_empty() {
        let hint = (
            "Numărul rămâne în registru, dar nu mai are valoare. După aprobarea altui funcționar nu se mai poate reveni.",
            "The number stays in the register but counts for nothing. Once another clerk approved, it cannot be taken back.",
        );
        offers.push(
            Offer::of(visit, "annul", ("Propune anularea", "Propose annulment"), hint)
                .field("reason", visit.say("Motivul", "Reason"), Input::Line)
                .needed()
                .field(
                    "number",
                    visit.say(
                        "Numărul care îl înlocuiește, în același an",
                        "The number that replaces it, in the same year",
                    ),
                    Input::Number,
                )
                .dangerous(),
        );
    }
    let own = text(&known.entry, "pending_by") == visit.person.pseudonym;
    if visit.may("registers.approve") && pending == "annulment" && !own {
        let hint = (
            "Aprobată, anularea nu se mai poate lua înapoi; numărul rămâne, fără valoare.",
            "Once approved, the annulment cannot be taken back; the number stays, for nothing.",
        );
        let mut offer = Offer::of(visit, "annulment-decision", ("Hotărăște anularea", "Decide the annulment"), hint)
            .field("reason", visit.say("Motivul, dacă o respingeți", "Reason, where you refuse it"), Input::Line)
            .decided(visit.say("Aprobă anularea", "Approve the annulment"), visit.say("Respinge", "Refuse"));
        offer.danger = true;
        offer.buttons[0].2 = "danger";
        offers.push(offer);
    }
    offers
}

fn correction(visit: &Visit, parts: &Value) -> Offer {
    let hint = (
        "Valorile vechi rămân vizibile; numărul și ora nu se schimbă.",
        "The old values stay readable; number and moment never change.",
    );
    Offer::of(visit, "correct", ("Corectează", "Correct"), hint)
        .field("subject", visit.say("Conținutul pe scurt", "Content in brief"), Input::Line)
        .with(text(parts, "subject"))
        .field("external_number", visit.say("Numărul dat de emitent", "Issuer's number"), Input::Line)
        .with(text(parts, "external_number"))
        .field("external_date", visit.say("Data dată de emitent", "Issuer's date"), Input::Day)
        .with(text(parts, "external_date"))
        .field("pages", visit.say("File", "Pages"), Input::Number)
        .with(text(parts, "pages"))
        .field("annexes", visit.say("Anexe", "Annexes"), Input::Number)
        .with(text(parts, "annexes"))
        .field("way", visit.say("Calea", "Way"), Input::Line)
        .with(text(parts, "way"))
        .field("reason", visit.say("Motivul corecturii", "Why it is corrected"), Input::Line)
        .needed()
}

fn now(visit: &Visit) -> Date {
    today(visit.desk.hub.now())
}
