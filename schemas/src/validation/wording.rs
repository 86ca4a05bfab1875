//! The words of a violation: field, rule, way out, in Romanian and English.
//!
//! The texts are built from the schema and the pointer only, never from the value.

use jiff::civil::Date;
use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;

use super::{
    fields::{Field, Finding, escaped},
    formats,
    violation::{Severity, Violation},
};

/// Words for an error of the validator; one error may be several violations (several unexpected fields).
pub(super) fn of_error(error: &ValidationError<'_>, fields: &Field, violations: &mut Vec<Violation>) {
    let pointer = error.instance_path().as_str();
    let mut violated = |pointer: String, rule: &str, ro: &str, en: &str| {
        violations.push(violation(pointer, rule, (ro, en), fields));
    };
    match error.kind() {
        Kind::Required { property } => violated(
            format!("{pointer}/{}", escaped(property.as_str().unwrap_or_default())),
            "required",
            "lipsește; completați-l",
            "is missing; fill it in",
        ),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                violated(
                    format!("{pointer}/{}", escaped(name)),
                    "additional-properties",
                    "nu face parte din acest tip de document; scoateți-l sau corectați-i numele",
                    "does not belong to this document type; remove it or correct its name",
                );
            }
        }
        kind => {
            let (rule, ro, en) = of_kind(kind, error.instance());
            violated(pointer.to_owned(), &rule, &ro, &en);
        }
    }
}

/// Words for a finding of our own checks.
pub(super) fn of_finding(pointer: String, finding: Finding<'_>, fields: &Field, date: Date) -> Violation {
    match finding {
        Finding::UnknownCode { list } => {
            let name = list.name();
            let codes: Vec<&str> = list.at(date).entries().take(13).map(|entry| &*entry.code).collect();
            let (ro_codes, en_codes) = match codes.len() {
                13.. => (String::new(), String::new()),
                _ => (format!(": {}", codes.join(", ")), format!(": {}", codes.join(", "))),
            };
            let ro = format!(
                "nu este un cod din lista {name} la data {date}; alegeți unul dintre codurile listei{ro_codes}"
            );
            let en = format!("is not a code of the list {name} on {date}; choose one of its codes{en_codes}");
            violation(pointer, &format!("code-list.{name}"), (&ro, &en), fields)
        }
        Finding::SirutaCheckDigit => {
            let ro = "are o cifră de control care nu se potrivește; verificați codul SIRUTA";
            let en = "has a check digit that does not match; check the SIRUTA code";
            let warning = violation(pointer, "siruta.check-digit", (ro, en), fields);
            Violation { severity: Severity::Warning, ..warning }
        }
    }
}

fn violation(pointer: String, rule: &str, (ro, en): (&str, &str), fields: &Field) -> Violation {
    let field = fields.at(&pointer);
    let last = pointer.rsplit('/').next().unwrap_or_default();
    let (ro_name, en_name) = match field.and_then(|field| field.title.as_deref()) {
        _ if pointer.is_empty() => ("Documentul".to_owned(), "The document".to_owned()),
        Some(title) => (format!("Câmpul „{title}” ({pointer})"), format!("The field “{title}” ({pointer})")),
        None => (format!("Câmpul {last} ({pointer})"), format!("The field {last} ({pointer})")),
    };
    let example = field.and_then(|field| field.example.as_deref()).map(str::to_owned);
    Violation {
        ro: format!("{ro_name} {ro}."),
        en: format!("{en_name} {en}."),
        rule: rule.to_owned(),
        pointer,
        example,
        severity: Severity::Error,
    }
}

/// Rule id and the two texts of an error that concerns one field.
fn of_kind(kind: &Kind, value: &Value) -> (String, String, String) {
    let named = |rule: &str, ro: String, en: String| (rule.to_owned(), ro, en);
    match kind {
        Kind::Format { format } => of_format(format, value),
        Kind::Type { .. } => {
            let (ro, en) = (found_type(value).0, found_type(value).1);
            named(
                "type",
                format!("are alt fel de valoare decât cere schema (acum este {ro}); scrieți-o în forma din exemplu"),
                format!(
                    "has another kind of value than the schema asks for (it is {en} now); write it as in the example"
                ),
            )
        }
        Kind::Enum { options } => {
            let options = listed(options);
            named("enum", format!("trebuie să fie una dintre: {options}"), format!("must be one of: {options}"))
        }
        Kind::Constant { expected_value } => {
            named("const", format!("trebuie să fie {expected_value}"), format!("must be {expected_value}"))
        }
        Kind::MaxLength { limit } => named(
            "max-length",
            format!("are peste {limit} caractere; scurtați-l"),
            format!("is longer than {limit} characters; shorten it"),
        ),
        Kind::MinLength { limit: 1 } => named(
            "min-length",
            "este gol; completați-l sau scoateți-l".into(),
            "is empty; fill it in or remove it".into(),
        ),
        Kind::MinLength { limit } => named(
            "min-length",
            format!("are sub {limit} caractere; completați-l"),
            format!("is shorter than {limit} characters; complete it"),
        ),
        Kind::Pattern { .. } => named(
            "pattern",
            "nu are forma cerută; scrieți-l ca în exemplu".into(),
            "does not have the required form; write it as in the example".into(),
        ),
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            named("minimum", format!("este sub limita {limit}; corectați-l"), format!("is below {limit}; correct it"))
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            named("maximum", format!("este peste limita {limit}; corectați-l"), format!("is above {limit}; correct it"))
        }
        Kind::MinItems { limit } => named(
            "min-items",
            format!("are sub {limit} elemente; adăugați ce lipsește"),
            format!("has fewer than {limit} items; add what is missing"),
        ),
        Kind::MaxItems { limit } => named(
            "max-items",
            format!("are peste {limit} elemente; scoateți din ele"),
            format!("has more than {limit} items; remove some"),
        ),
        Kind::UniqueItems => named(
            "unique-items",
            "are elemente care se repetă; păstrați fiecare element o dată".into(),
            "repeats items; keep each once".into(),
        ),
        Kind::FalseSchema => named(
            "not-allowed",
            "nu este permis în această situație; scoateți-l".into(),
            "is not allowed in this case; remove it".into(),
        ),
        other => named(
            &kebab(other.keyword()),
            "nu respectă schema tipului de document; comparați-l cu un document exemplu din catalog".into(),
            "does not keep the schema of the document type; compare it with a sample document of the catalogue".into(),
        ),
    }
}

fn of_format(format: &str, value: &Value) -> (String, String, String) {
    let rule = format!("format.{format}");
    let reason = value.as_str().and_then(|text| formats::reason(format, text));
    match (format, reason) {
        (_, Some(reason)) => (rule, format!("nu este valid: {}", reason.ro), format!("is not valid: {}", reason.en)),
        ("date", None) => (
            rule,
            "nu este o dată care există; scrieți anul, luna și ziua ca 2026-01-31".into(),
            "is not a date that exists; write year, month and day as 2026-01-31".into(),
        ),
        ("cui" | "cnp" | "siruta" | "iban", None) => (
            rule,
            "nu este scris în forma simplă; scrieți-l fără spații, prefixe sau litere mici".into(),
            "is not written in the plain form; write it without blanks, prefixes or small letters".into(),
        ),
        (_, None) => (
            rule,
            format!("nu are forma {format}; scrieți-l ca în exemplu"),
            format!("does not have the form {format}; write it as in the example"),
        ),
    }
}

fn found_type(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Null => ("gol (null)", "null"),
        Value::Bool(_) => ("adevărat/fals", "true or false"),
        Value::Number(_) => ("număr", "a number"),
        Value::String(_) => ("text", "a text"),
        Value::Array(_) => ("listă", "a list"),
        Value::Object(_) => ("obiect", "an object"),
    }
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let words: Vec<String> =
        options.iter().map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned)).collect();
    words.join(", ")
}

fn kebab(keyword: &str) -> String {
    keyword.chars().fold(String::new(), |mut kebab, letter| {
        if letter.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
        kebab
    })
}
