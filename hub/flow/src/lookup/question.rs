//! Whether what a question is asked with has its form, before any register sees it. Pure.
//!
//! A violation names the field, the rule and the way out, never the value.

use std::collections::BTreeMap;

use connectors_contract::manifest::{Argument, ArgumentFormat, LookupOperation};
use jiff::civil::Date;
use schemas::{Cnp, Cui, Euid, IdentifierError, Severity, Siruta, TradeRegisterNumber, Violation};

use crate::message::is_printable;

/// The argument with which a register is asked again: its own number of the question. Nobody else gives it.
pub const REQUEST: &str = "request";

/// Longest argument, in characters.
const LONGEST: usize = 200;

/// A rule that a question breaks.
#[must_use]
pub fn violation(pointer: String, rule: &str, ro: impl Into<String>, en: impl Into<String>) -> Violation {
    let (rule, ro, en) = (rule.to_owned(), ro.into(), en.into());
    Violation { pointer, rule, ro, en, example: None, severity: Severity::Error }
}

/// The arguments of a question in canonical form, defaults filled in from the facts; or every rule they break.
///
/// # Errors
/// All violations at once, with pointers into `/arguments`.
pub fn arguments(
    operation: &LookupOperation,
    given: &BTreeMap<String, String>,
    facts: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<Violation>> {
    let (mut read, mut found) = (BTreeMap::new(), Vec::new());
    let own = || operation.arguments.iter().filter(|(name, _)| *name != REQUEST);
    for name in given.keys().filter(|name| !own().any(|(known, _)| known == *name)) {
        let known = own().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        found.push(violation(
            pointer(name),
            "argument.unknown",
            format!("Operația nu are acest argument; are: {known}"),
            format!("The operation has no such argument; it has: {known}"),
        ));
    }
    for (name, argument) in own() {
        let filled = || argument.default.as_ref()?.fill(|fact| facts.get(fact).cloned()).ok()?;
        let value = given.get(name).filter(|value| !value.trim().is_empty()).cloned().or_else(filled);
        let about = operation.personal && operation.subject.as_ref() == Some(name) && !names_somebody(operation, given);
        let needed = argument.required || about;
        match value.map(|value| canonical(argument, &value)) {
            Some(Ok(value)) => drop(read.insert(name.clone(), value)),
            Some(Err(broken)) => found.push(broken.at(name)),
            None if needed => found.push(violation(
                pointer(name),
                "argument.required",
                format!("Argumentul {name} lipsește; {}", expected(argument).0),
                format!("The argument {name} is missing; {}", expected(argument).1),
            )),
            None => {}
        }
    }
    if found.is_empty() { Ok(read) } else { Err(found) }
}

/// Whom a question is about: its subject, or where that is not given (a firm asked for by another of its numbers) the
/// identifier it is asked with.
#[must_use]
pub fn subject<'a>(operation: &LookupOperation, arguments: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let named = operation.subject.as_ref()?;
    let given = arguments.get(named).or_else(|| {
        let mut others = arguments.iter().filter(|(name, _)| is_identifier(operation, name));
        others.next().map(|(_, value)| value)
    });
    given.map(String::as_str)
}

fn names_somebody(operation: &LookupOperation, given: &BTreeMap<String, String>) -> bool {
    given.iter().any(|(name, value)| !value.trim().is_empty() && is_identifier(operation, name))
}

/// Whether an argument identifies a person or firm.
fn is_identifier(operation: &LookupOperation, name: &str) -> bool {
    let format = operation.arguments.get(name).map(|argument| argument.format);
    format.is_some_and(|format| match format {
        ArgumentFormat::Cui
        | ArgumentFormat::Cnp
        | ArgumentFormat::CuiOrCnp
        | ArgumentFormat::TradeRegisterNumber
        | ArgumentFormat::Euid => true,
        ArgumentFormat::Text
        | ArgumentFormat::Siruta
        | ArgumentFormat::Date
        | ArgumentFormat::Year
        | ArgumentFormat::Number => false,
    })
}

/// The identifier of a person or firm in the form questions are digested with, whatever it is.
#[must_use]
pub fn identifier(text: &str) -> String {
    let cnp = || Cnp::parse(text).ok().map(|cnp| cnp.as_str().to_owned());
    let cui = || Cui::parse(text).ok().map(|cui| cui.as_str().to_owned());
    let euid = || Euid::parse(text).ok().map(|euid| euid.as_str().to_owned());
    let number = || TradeRegisterNumber::parse(text).ok().map(|number| number.as_str().to_owned());
    cnp().or_else(cui).or_else(euid).or_else(number).unwrap_or_else(|| text.trim().to_owned())
}

struct Broken {
    rule: String,
    ro: String,
    en: String,
}

impl Broken {
    fn of(rule: &str, ro: impl Into<String>, en: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), ro: ro.into(), en: en.into() }
    }

    fn at(self, name: &str) -> Violation {
        violation(pointer(name), &self.rule, self.ro, self.en)
    }
}

impl From<IdentifierError> for Broken {
    fn from(error: IdentifierError) -> Self {
        Self::of(error.rule, error.ro, error.en)
    }
}

fn canonical(argument: &Argument, value: &str) -> Result<String, Broken> {
    let value = formed(argument.format, value.trim())?;
    if !argument.one_of.is_empty() && !argument.one_of.contains(&value) {
        let known = argument.one_of.join(", ");
        return Err(Broken::of(
            "argument.one-of",
            format!("Valoarea nu este dintre cele primite; alegeți: {known}"),
            format!("The value is none of those that are taken; choose: {known}"),
        ));
    }
    Ok(value)
}

fn formed(format: ArgumentFormat, value: &str) -> Result<String, Broken> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(match format {
        ArgumentFormat::Cui => Cui::parse(value)?.as_str().to_owned(),
        ArgumentFormat::Cnp => Cnp::parse(value)?.as_str().to_owned(),
        ArgumentFormat::CuiOrCnp if value.len() == 13 => Cnp::parse(value)?.as_str().to_owned(),
        ArgumentFormat::CuiOrCnp => Cui::parse(value)?.as_str().to_owned(),
        ArgumentFormat::TradeRegisterNumber => TradeRegisterNumber::parse(value)?.as_str().to_owned(),
        ArgumentFormat::Euid => Euid::parse(value)?.as_str().to_owned(),
        ArgumentFormat::Siruta => Siruta::parse(value)?.as_str().to_owned(),
        ArgumentFormat::Date if value.len() == 10 && value.parse::<Date>().is_ok() => value.to_owned(),
        ArgumentFormat::Year if value.len() == 4 && digits(value) => value.to_owned(),
        ArgumentFormat::Number if value.len() <= 20 && digits(value) => value.to_owned(),
        ArgumentFormat::Text if value.chars().count() <= LONGEST && value.chars().all(is_printable) => value.to_owned(),
        ArgumentFormat::Date | ArgumentFormat::Year | ArgumentFormat::Number | ArgumentFormat::Text => {
            let (rule, ro, en) = plain(format);
            return Err(Broken::of(rule, ro, en));
        }
    })
}

/// Rule and words of the formats that are no identifiers.
fn plain(format: ArgumentFormat) -> (&'static str, &'static str, &'static str) {
    match format {
        ArgumentFormat::Date => {
            ("argument.date", "data se scrie an-lună-zi: 2026-03-02", "a date is written year-month-day: 2026-03-02")
        }
        ArgumentFormat::Year => ("argument.year", "anul are patru cifre: 2026", "a year has four digits: 2026"),
        ArgumentFormat::Number => {
            ("argument.number", "numărul are între 1 și 20 de cifre", "a number has 1 to 20 digits")
        }
        _ => (
            "argument.text",
            "textul are cel mult 200 de caractere, pe un singur rând",
            "a text has at most 200 characters, on one line",
        ),
    }
}

/// What an argument must be, for whoever left it out.
fn expected(argument: &Argument) -> (&'static str, &'static str) {
    match argument.format {
        ArgumentFormat::Cui => ("scrieți codul fiscal (CUI)", "give the fiscal code (CUI)"),
        ArgumentFormat::Cnp => ("scrieți CNP-ul", "give the CNP"),
        ArgumentFormat::CuiOrCnp => ("scrieți codul fiscal (CUI) sau CNP-ul", "give the fiscal code (CUI) or the CNP"),
        ArgumentFormat::TradeRegisterNumber => {
            ("scrieți numărul din registrul comerțului", "give the number of the trade register")
        }
        ArgumentFormat::Euid => ("scrieți identificatorul EUID", "give the EUID"),
        ArgumentFormat::Siruta => ("scrieți codul SIRUTA", "give the SIRUTA code"),
        other => {
            let (_, ro, en) = plain(other);
            (ro, en)
        }
    }
}

/// RFC 6901: a name may hold what separates names.
fn pointer(name: &str) -> String {
    format!("/arguments/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use connectors_contract::Manifest;

    use super::*;

    const MANIFEST: &str = "
        system = 'r'
        engine = 'rest'
        title = { ro = 'R', en = 'R' }
        [endpoint]
        base_url = 'http://r'
        [lookup.one]
        title = { ro = 'U', en = 'O' }
        discloses = ['nume']
        subject = 'who'
        [lookup.one.arguments]
        who = { format = 'cui-or-cnp' }
        number = { format = 'trade-register-number', required = false }
        euid = { format = 'euid', required = false }
        place = { format = 'siruta', required = false }
        day = { format = 'date', default = '{today}' }
        year = { format = 'year', required = false }
        count = { format = 'number', required = false }
        kind = { required = false, one_of = ['a', 'b'] }
        request = { required = false }
    ";

    fn checked(given: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<String>> {
        let manifest = Manifest::parse(MANIFEST, "test").expect("a manifest");
        let texts = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>()
        };
        arguments(&manifest.lookups["one"], &texts(given), &texts(&[("today", "2026-11-22")]))
            .map_err(|found| found.into_iter().map(|one| format!("{} {}", one.pointer, one.rule)).collect())
    }

    #[test]
    fn arguments_come_out_in_canonical_form_with_defaults_filled_in() {
        let read =
            checked(&[("who", " RO 18547290 "), ("number", "j40/8302/2022"), ("kind", "b")]).expect("it is right");
        assert_eq!(read["who"], "18547290");
        assert_eq!(read["day"], "2026-11-22");
        assert!(read["number"].starts_with('J'), "{read:?}");
        assert_eq!(read.len(), 4, "what is not given is not there: {read:?}");
    }

    #[test]
    fn every_wrong_argument_is_told_with_its_rule() {
        let who = ("who", "18547290");
        for (given, expected) in [
            (vec![], vec!["/arguments/who argument.required"]),
            (vec![("who", "  ")], vec!["/arguments/who argument.required"]),
            (vec![("who", "18547291")], vec!["/arguments/who cui.check-digit"]),
            (vec![("who", "1800101221143")], vec!["/arguments/who cnp.check-digit"]),
            (vec![who, ("number", "?")], vec!["/arguments/number trade-register.letter"]),
            (vec![who, ("euid", "x")], vec!["/arguments/euid euid.form"]),
            (vec![who, ("place", "x")], vec!["/arguments/place siruta.form"]),
            (vec![who, ("day", "2.3.2026")], vec!["/arguments/day argument.date"]),
            (vec![who, ("day", "2026-02-30")], vec!["/arguments/day argument.date"]),
            (vec![who, ("year", "26")], vec!["/arguments/year argument.year"]),
            (vec![who, ("count", "-1")], vec!["/arguments/count argument.number"]),
            (vec![who, ("kind", "c")], vec!["/arguments/kind argument.one-of"]),
            (vec![who, ("kind", "a\nb")], vec!["/arguments/kind argument.text"]),
            (vec![who, ("request", "7")], vec!["/arguments/request argument.unknown"]),
            (vec![who, ("a/b", "1")], vec!["/arguments/a~1b argument.unknown"]),
            (
                vec![("year", "x"), ("other", "1")],
                vec![
                    "/arguments/other argument.unknown",
                    "/arguments/who argument.required",
                    "/arguments/year argument.year",
                ],
            ),
        ] {
            let found = checked(&given).expect_err("it breaks a rule");
            assert_eq!(found, expected, "{given:?}");
        }
    }

    #[test]
    fn a_question_about_somebody_names_them_by_the_subject_or_by_another_identifier() {
        let toml = MANIFEST
            .replace("who = { format = 'cui-or-cnp' }", "who = { format = 'cui-or-cnp', required = false }")
            .replace("subject = 'who'", "subject = 'who'\npersonal = true");
        let manifest = Manifest::parse(&toml, "test").expect("a manifest");
        let operation = &manifest.lookups["one"];
        let facts = BTreeMap::from([("today".to_owned(), "2026-11-22".to_owned())]);
        let asked = |name: &str, value: &str| {
            let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let read = arguments(operation, &given, &facts).ok()?;
            subject(operation, &read).map(str::to_owned)
        };
        assert_eq!(asked("who", "RO18547290").as_deref(), Some("18547290"));
        assert!(asked("number", "J40/8302/1997").expect("about a firm").starts_with('J'));
        assert_eq!(asked("kind", "a"), None, "about a person, nobody being named");
    }

    #[test]
    fn a_subject_is_searched_in_the_form_it_was_asked_in() {
        for (text, expected) in [(" RO18547290", "18547290"), ("1800101221144", "1800101221144"), (" x ", "x")] {
            assert_eq!(identifier(text), expected);
        }
    }
}
