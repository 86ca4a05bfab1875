//! What an entry must have: the bounds of the elements every entry has, and the register's own fields.

use jiff::civil::Date;
use schemas::Violation;
use schemas::validation::Severity;
use serde_json::Value as Json;

use crate::directory::{Field, FieldKind, Register};
use crate::message::is_printable;

use super::particulars::Particulars;

/// Longest content in brief, in characters.
const SUBJECT: usize = 500;
/// Longest short text, in characters.
const SHORT: usize = 100;
/// Most pages or annexes a paper register's column is written with.
const COUNT: u32 = 1_000_000;

/// Every rule the particulars break in a register on a day; none for what may be recorded.
#[must_use]
pub fn check(register: &Register, particulars: &Particulars, today: Date) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut refuse = |pointer: &str, rule: &str, ro: String, en: String| {
        let (pointer, rule) = (pointer.to_owned(), rule.to_owned());
        found.push(Violation { pointer, rule, ro, en, example: None, severity: Severity::Error });
    };
    if particulars.subject.trim().is_empty() {
        refuse("/subject", "required", "Scrieți conținutul pe scurt".into(), "Write the content in brief".into());
    }
    let texts = [
        ("/subject", Some(&particulars.subject), SUBJECT),
        ("/resolution", particulars.resolution.as_ref(), SUBJECT),
        ("/external_number", particulars.external_number.as_ref(), SHORT),
        ("/way", particulars.way.as_ref(), SHORT),
        ("/unit", particulars.unit.as_ref(), SHORT),
        ("/dossier_code", particulars.dossier_code.as_ref(), SHORT),
    ];
    for (pointer, text, most) in texts {
        let Some(text) = text else { continue };
        if text.chars().count() > most || !text.chars().all(is_printable) {
            refuse(
                pointer,
                "max-length",
                format!("Scrieți cel mult {most} de caractere, pe un rând"),
                format!("Write at most {most} characters, on one line"),
            );
        }
    }
    for (pointer, count) in [("/pages", particulars.pages), ("/annexes", particulars.annexes)] {
        if count.is_some_and(|count| count > COUNT) {
            refuse(pointer, "maximum", format!("Cel mult {COUNT}"), format!("At most {COUNT}"));
        }
    }
    let received = particulars.received_at.map(|at| ("/received_at", at.romanian_date()));
    let dates = [particulars.external_date.map(|date| ("/external_date", date)), received];
    for (pointer, date) in dates.into_iter().flatten() {
        if date > today {
            refuse(
                pointer,
                "date.future",
                "Data este în viitor; scrieți data adevărată, cel mult cea de azi".into(),
                "The date is in the future; write the true one, today at the latest".into(),
            );
        }
    }
    fields(register, particulars, &mut refuse);
    found
}

fn fields(register: &Register, particulars: &Particulars, refuse: &mut impl FnMut(&str, &str, String, String)) {
    for field in &register.fields {
        let pointer = format!("/fields/{}", field.name);
        match particulars.fields.get(&field.name) {
            None | Some(Json::Null) if field.required => refuse(
                &pointer,
                "required",
                format!("Registrul {} cere câmpul „{}”", register.title, field.title),
                format!("The register {} asks for the field {:?}", register.id, field.name),
            ),
            None | Some(Json::Null) => {}
            Some(value) if fits(field, value) => {}
            Some(_) => {
                let (ro, en) = wanted(field);
                refuse(&pointer, &format!("field.{}", word(field.kind)), ro, en);
            }
        }
    }
    for name in particulars.fields.keys().filter(|name| register.fields.iter().all(|field| field.name != **name)) {
        let known: Vec<&str> = register.fields.iter().map(|field| field.name.as_str()).collect();
        let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
        refuse(
            &format!(
                "/fields/{}",
                name.chars().filter(|letter| letter.is_ascii_alphanumeric()).take(40).collect::<String>()
            ),
            "field.unknown",
            format!("Registrul {} nu are acest câmp; câmpurile lui: {known}", register.title),
            format!("The register {} has no such field; its fields: {known}", register.id),
        );
    }
}

fn fits(field: &Field, value: &Json) -> bool {
    match (field.kind, value) {
        (FieldKind::Text, Json::String(text)) => text.chars().count() <= SUBJECT && text.chars().all(is_printable),
        (FieldKind::Number, Json::Number(number)) => number.is_i64(),
        (FieldKind::Date, Json::String(text)) => text.parse::<Date>().is_ok() && text.len() == 10,
        (FieldKind::Choice, Json::String(text)) => field.choices.contains(text),
        (FieldKind::Flag, Json::Bool(_)) => true,
        _ => false,
    }
}

const fn word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Number => "number",
        FieldKind::Date => "date",
        FieldKind::Choice => "choice",
        FieldKind::Flag => "flag",
    }
}

fn wanted(field: &Field) -> (String, String) {
    match field.kind {
        FieldKind::Text => ("Un text pe un rând".into(), "A text on one line".into()),
        FieldKind::Number => ("Un număr întreg".into(), "A whole number".into()),
        FieldKind::Date => ("O dată, de exemplu 2026-03-02".into(), "A date, for example 2026-03-02".into()),
        FieldKind::Flag => ("true sau false".into(), "true or false".into()),
        FieldKind::Choice => {
            let choices = field.choices.join(", ");
            (format!("Una dintre: {choices}"), format!("One of: {choices}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn register() -> Register {
        let field = |name: &str, kind, required, choices: &[&str]| Field {
            name: name.to_owned(),
            title: name.to_owned(),
            kind,
            required,
            choices: choices.iter().map(|one| (*one).to_owned()).collect(),
        };
        let fields = vec![
            field("fel", FieldKind::Choice, true, &["reclamatie", "sesizare"]),
            field("termen", FieldKind::Date, false, &[]),
            field("file", FieldKind::Number, false, &[]),
        ];
        Register { fields, ..Register::general("uat-1") }
    }

    fn rules(particulars: Json) -> Vec<String> {
        let particulars: Particulars = serde_json::from_value(particulars).expect("particulars");
        let found = check(&register(), &particulars, jiff::civil::date(2026, 3, 2));
        found.into_iter().map(|one| format!("{} {}", one.pointer, one.rule)).collect()
    }

    #[test]
    fn an_entry_with_what_its_register_asks_for_passes() {
        assert!(rules(json!({"subject": "Petiție", "fields": {"fel": "sesizare", "termen": "2026-04-01"}})).is_empty());
    }

    #[test]
    fn each_broken_rule_is_named_with_its_field() {
        for (particulars, expected) in [
            (json!({"fields": {"fel": "sesizare"}}), "/subject required"),
            (json!({"subject": "P"}), "/fields/fel required"),
            (json!({"subject": "P", "fields": {"fel": "altceva"}}), "/fields/fel field.choice"),
            (json!({"subject": "P", "fields": {"fel": "sesizare", "file": "trei"}}), "/fields/file field.number"),
            (json!({"subject": "P", "fields": {"fel": "sesizare", "termen": "mâine"}}), "/fields/termen field.date"),
            (json!({"subject": "P", "fields": {"fel": "sesizare", "x": 1}}), "/fields/x field.unknown"),
            (json!({"subject": "a\nb", "fields": {"fel": "sesizare"}}), "/subject max-length"),
            (
                json!({"subject": "P", "external_date": "2026-03-03", "fields": {"fel": "sesizare"}}),
                "/external_date date.future",
            ),
        ] {
            assert_eq!(rules(particulars.clone()), [expected], "{particulars}");
        }
    }
}
