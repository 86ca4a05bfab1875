//! A form for an act: what it is called, what it does, what is filled in.

use crate::form::Filled;
use crate::visit::Visit;

/// What a field is filled in with.
#[derive(Debug, Clone)]
pub enum Input {
    /// A line.
    Line,
    /// Some lines' room; it is sent as one line.
    Area,
    /// A day.
    Day,
    /// A whole number.
    Number,
    /// One of these: value and label.
    Choice(Vec<(String, String)>),
    /// A box to tick.
    Tick,
    /// Files.
    Files,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What it is filled in with.
    pub input: Input,
    /// Whether the form is not sent without it.
    pub required: bool,
    /// What it holds when the form is shown.
    pub value: String,
}

/// A form for an act on an entry.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The act, as the address names it.
    pub act: &'static str,
    /// What it is called.
    pub title: String,
    /// What happens, and why it may be refused.
    pub hint: String,
    /// Whether it cannot be taken back.
    pub danger: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Buttons: value of `decision`, label, class.
    pub buttons: Vec<(&'static str, String, &'static str)>,
    /// Whether it is the one that was just refused.
    pub refused: bool,
    /// How many acts the entry had when the form was made: it is refused when somebody else acted since.
    pub acts: String,
}

impl Offer {
    /// An act with one button that bears its name.
    #[must_use]
    pub fn of(visit: &Visit, act: &'static str, title: (&str, &str), hint: (&str, &str)) -> Self {
        let title = visit.say(title.0, title.1).to_owned();
        let buttons = vec![("yes", title.clone(), "")];
        let hint = visit.say(hint.0, hint.1).to_owned();
        Self { act, title, hint, danger: false, fields: Vec::new(), buttons, refused: false, acts: String::new() }
    }

    /// The same with a field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, label: &str, input: Input) -> Self {
        self.fields.push(Field {
            name: name.into(),
            label: label.to_owned(),
            input,
            required: false,
            value: String::new(),
        });
        self
    }

    /// The same; its last field must be filled in.
    #[must_use]
    pub fn needed(mut self) -> Self {
        if let Some(field) = self.fields.last_mut() {
            field.required = true;
        }
        self
    }

    /// The same; its last field holds this.
    #[must_use]
    pub fn with(mut self, value: impl Into<String>) -> Self {
        if let Some(field) = self.fields.last_mut() {
            field.value = value.into();
        }
        self
    }

    /// The same, decided with yes or no.
    #[must_use]
    pub fn decided(mut self, yes: &str, no: &str) -> Self {
        self.buttons = vec![("yes", yes.to_owned(), ""), ("no", no.to_owned(), "quiet")];
        self
    }

    /// The same, of what cannot be taken back.
    #[must_use]
    pub fn dangerous(mut self) -> Self {
        self.danger = true;
        self.buttons.iter_mut().for_each(|button| button.2 = "danger");
        self
    }

    /// The same with what had been filled in before it was refused.
    #[must_use]
    pub fn again(mut self, filled: &Filled) -> Self {
        self.refused = true;
        for field in &mut self.fields {
            field.value = filled.get(&field.name).to_owned();
        }
        self
    }

    /// Whether files are sent with it.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.input, Input::Files))
    }
}
