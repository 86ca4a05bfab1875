//! The forms: what stands on them, before it is laid out.

use super::facts::{Destruction, HandOver, Inventory, Member, Selection};

/// A form.
pub(crate) struct Form {
    pub kind: &'static str,
    pub title: String,
    /// Lines below the title.
    pub head: Vec<String>,
    /// Paragraphs above the table.
    pub before: Vec<String>,
    pub table: Table,
    /// Paragraphs below the table.
    pub after: Vec<String>,
    /// Who signs, and as what.
    pub signatures: Vec<(String, String)>,
}

/// A table.
pub(crate) struct Table {
    /// Name of each column and its share of the width.
    pub columns: Vec<(&'static str, f32)>,
    pub rows: Vec<Vec<String>>,
    /// The column of digests, set in equal letters.
    pub exact: Option<usize>,
}

pub(super) fn inventory(facts: &Inventory) -> Form {
    let kind = if facts.permanent { "permanent" } else { "temporar" };
    let rows = facts.lines.iter().map(|line| {
        vec![
            line.number.to_string(),
            line.code.clone(),
            line.title.clone(),
            line.dates.clone(),
            line.pages.to_string(),
            line.remarks.clone(),
        ]
    });
    let pages: i64 = facts.lines.iter().map(|line| line.pages).sum();
    Form {
        kind: "inventar",
        title: "Inventar".to_owned(),
        head: vec![
            facts.institution.clone(),
            unit(&facts.unit),
            format!("Nr. {} pe anul {} pentru documentele care se păstrează {kind}", facts.number, facts.year),
        ],
        before: Vec::new(),
        table: Table {
            columns: vec![
                ("Nr. crt.", 0.07),
                ("Indicativul dosarului", 0.17),
                ("Conținutul pe scurt al dosarului", 0.36),
                ("Datele extreme", 0.16),
                ("Nr. filelor", 0.09),
                ("Observații", 0.15),
            ],
            rows: rows.collect(),
            exact: None,
        },
        after: vec![
            format!(
                "Prezentul inventar conține {} de poziții (dosare), cu {pages} de file în total.",
                facts.lines.len()
            ),
            left("Dosare lăsate la creator, nefiind încheiate", &facts.left_open),
        ],
        signatures: vec![("Întocmit".to_owned(), facts.author.clone())],
    }
}

pub(super) fn hand_over(facts: &HandOver) -> Form {
    let (number, year) = facts.inventory;
    let missing: Vec<String> = facts.missing.iter().map(i64::to_string).collect();
    let mut after = vec![
        left("Numere din inventar lipsă la preluare", &missing),
        left("Dosare lăsate la creator, nefiind încheiate", &facts.left_open),
    ];
    if !facts.early_reason.is_empty() {
        after.push(format!("Predarea s-a făcut înainte de al doilea an de la constituire: {}.", facts.early_reason));
    }
    Form {
        kind: "predare",
        title: "Proces-verbal de predare-primire a documentelor".to_owned(),
        head: vec![facts.institution.clone(), format!("Nr. {} din {}", facts.number, facts.date)],
        before: vec![format!(
            "{} a predat la arhivă, iar arhiva a preluat, dosarele anului {year}, pe baza inventarului nr. {number}.",
            unit(&facts.unit)
        )],
        table: Table {
            columns: vec![("Inventarul", 0.4), ("Dosare în inventar", 0.3), ("Dosare preluate", 0.3)],
            rows: vec![vec![format!("nr. {number} / {year}"), facts.listed.to_string(), facts.taken.to_string()]],
            exact: None,
        },
        after,
        signatures: vec![
            ("Am predat".to_owned(), facts.handed_over_by.clone()),
            ("Am primit".to_owned(), facts.received_by.clone()),
        ],
    }
}

pub(super) fn selection(facts: &Selection) -> Form {
    let rows = facts.decisions.iter().zip(1..).map(|(one, number)| {
        let decision = if one.destroyed { "se elimină" } else { "se păstrează permanent" };
        let reason = if one.reason.is_empty() { decision.to_owned() } else { format!("{decision}: {}", one.reason) };
        vec![number.to_string(), one.name.clone(), one.title.clone(), one.term.clone(), reason]
    });
    let confirmation = if facts.confirmation.is_empty() {
        "Confirmarea Arhivelor Naționale este așteptată; până atunci nimic nu se elimină.".to_owned()
    } else {
        format!("Confirmat de Arhivele Naționale: {}.", facts.confirmation)
    };
    Form {
        kind: "selectionare",
        title: "Proces-verbal al comisiei de selecționare".to_owned(),
        head: vec![facts.institution.clone(), format!("Nr. {} din {}", facts.number, facts.date)],
        before: vec![
            "Comisia de selecționare a analizat dosarele al căror termen de păstrare s-a împlinit și a hotărât:"
                .to_owned(),
        ],
        table: Table {
            columns: vec![
                ("Nr. crt.", 0.07),
                ("Dosarul", 0.22),
                ("Conținutul pe scurt", 0.33),
                ("Termenul", 0.13),
                ("Hotărârea comisiei", 0.25),
            ],
            rows: rows.collect(),
            exact: None,
        },
        after: vec![confirmation],
        signatures: facts.members.iter().map(|member| (role(member), member.name.clone())).collect(),
    }
}

fn role(member: &Member) -> String {
    match member.role.as_str() {
        "president" => "Președinte",
        "secretary" => "Secretar",
        _ => "Membru",
    }
    .to_owned()
}

pub(super) fn destruction(facts: &Destruction) -> Form {
    Form {
        kind: "distrugere",
        title: "Dovada distrugerii documentelor".to_owned(),
        head: vec![facts.institution.clone(), format!("Distrugere încheiată la {}", facts.ended_at)],
        before: vec![
            format!(
                "Proces-verbal al comisiei de selecționare: {}. Confirmarea Arhivelor Naționale: {}.",
                facts.minutes, facts.confirmation
            ),
            format!("Cerută de {} și aprobată de {}.", facts.asked_by, facts.approved_by),
            left("Dosare distruse", &facts.dossiers),
            format!("Această pagină redă dovada sigilată; face dovada fișierul XML cu SHA-256 {}.", facts.proof_sha256),
        ],
        table: Table {
            columns: vec![("Identificator în arhivă", 0.3), ("SHA-256 al conținutului distrus", 0.7)],
            rows: facts.documents.iter().map(|(id, digest)| vec![id.clone(), digest.clone()]).collect(),
            exact: Some(1),
        },
        after: vec![format!(
            "Pe această hârtie: {} de documente, cu dovezile și datele lor de validare. Dovada sigilată, cu listele pe care le \
             numește prin SHA-256, le cuprinde pe toate.",
            facts.documents.len()
        )],
        signatures: Vec::new(),
    }
}

fn unit(name: &str) -> String {
    if name.is_empty() { "Instituția".to_owned() } else { format!("Compartimentul {name}") }
}

fn left(what: &str, which: &[String]) -> String {
    if which.is_empty() { format!("{what}: niciunul.") } else { format!("{what}: {}.", which.join("; ")) }
}
