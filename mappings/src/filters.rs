//! What templates may call besides the language itself.
//!
//! Every filter passes `none` on, so that an optional field needs one `default(none)` and no condition. A filter that refuses
//! a value says which rule, never the value.

use std::{fmt, sync::Arc};

use minijinja::{
    Environment, Error, ErrorKind, State, Value,
    value::{Object, ObjectRepr},
};
use schemas::{Cnp, CodeLists, Date, code_lists::CodeListAt, text};

/// The day codes are looked up on, as `reporting_date` of the template: read once, printed as 2026-01-31.
#[derive(Debug)]
pub(crate) struct ReportingDate(pub Date);

impl Object for ReportingDate {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// Text of a refusal of ours, marked so that it may be shown: texts of the engine may hold values.
#[derive(Debug)]
pub(crate) struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn refuse(text: impl Into<String>) -> Error {
    Error::from(ErrorKind::InvalidOperation).with_source(Refusal(text.into()))
}

/// Adds the filters to an environment.
pub(crate) fn register(environment: &mut Environment<'static>, lists: &Arc<CodeLists>) {
    environment.add_filter("cnp_birthdate", |value: Value| {
        with_text("cnp_birthdate", &value, |text| Ok(cnp(text)?.birth_date().map(|date| date.to_string()).into()))
    });
    environment.add_filter("cnp_sex", |value: Value| {
        with_text("cnp_sex", &value, |text| Ok(cnp(text)?.sex().map(|sex| sex.letter().to_string()).into()))
    });
    environment.add_filter("ro_date", |value: Value| {
        with_text("ro_date", &value, |text| {
            let date =
                day_of(text).ok_or_else(|| refuse("ro_date: the value does not start with a day as 2026-01-31"))?;
            Ok(date.strftime("%d.%m.%Y").to_string().into())
        })
    });
    environment.add_filter("fold", |value: Value| with_text("fold", &value, |folded| Ok(text::fold(folded).into())));
    let known = lists.clone();
    environment.add_filter("lookup", move |state: &State<'_, '_>, value: Value, list: &str| {
        with_text("lookup", &value, |code| {
            let list_at = list_on(&known, list, state)?;
            let label = list_at.label(code);
            label
                .map(Value::from)
                .ok_or_else(|| refuse(format!("lookup: the code is not in the list {list} on the day")))
        })
    });
    let known = lists.clone();
    environment.add_filter("uat_of", move |state: &State<'_, '_>, value: Value| {
        with_text("uat_of", &value, |code| {
            let unit = list_on(&known, "siruta", state)?.uat_of(code).map(|unit| &*unit.code);
            unit.map(Value::from).ok_or_else(|| refuse("uat_of: the SIRUTA code has no administrative unit"))
        })
    });
    let known = lists.clone();
    environment.add_filter("county_of", move |state: &State<'_, '_>, value: Value| {
        with_text("county_of", &value, |code| {
            let county = list_on(&known, "siruta", state)?.county_of(code).map(|county| &*county.code);
            county.map(Value::from).ok_or_else(|| refuse("county_of: the SIRUTA code has no county"))
        })
    });
}

/// Runs a filter on a text; `none` passes, an undefined value is the strict error, another kind of value is refused.
fn with_text(filter: &str, value: &Value, run: impl FnOnce(&str) -> Result<Value, Error>) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    match value.as_str() {
        _ if value.is_none() => Ok(Value::from(())),
        Some(text) => run(text),
        None => Err(refuse(format!("{filter}: the value must be a text"))),
    }
}

fn cnp(text: &str) -> Result<Cnp, Error> {
    Cnp::parse(text).map_err(|error| refuse(error.en))
}

fn list_on<'l>(lists: &'l CodeLists, name: &str, state: &State<'_, '_>) -> Result<CodeListAt<'l>, Error> {
    let list = lists.get(name).ok_or_else(|| refuse(format!("the code list {name} does not exist")))?;
    let date = state.lookup("reporting_date");
    let date = date.as_ref().and_then(|date| date.downcast_object_ref::<ReportingDate>());
    Ok(list.at(date.ok_or_else(|| refuse("the template hides reporting_date"))?.0))
}

/// The day a date or an RFC 3339 time starts with.
pub(crate) fn day_of(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}
