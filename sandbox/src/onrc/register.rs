//! The register as it is now: all firms, and the events that made it so.

use serde::Deserialize;
use serde_json::{Value, json};

use super::firms::{self, Firm};
use super::number::converted;

/// Most firms of one twin.
const MOST_FIRMS: u32 = 200_000;

/// The register.
#[derive(Clone)]
pub(super) struct Register {
    pub(super) firms: Vec<Firm>,
    /// Events in their order; the cursor is the position.
    pub(super) events: Vec<Value>,
}

/// A change that somebody asks the twin for.
#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "eveniment")]
pub(super) enum Change {
    Inmatriculare {},
    SchimbareDenumire { nr_reg: String, denumire: String },
    SchimbareSediu { nr_reg: String, strada: String },
    SchimbareStare { nr_reg: String, coduri: Vec<u32> },
    ConversieNumar { nr_reg: String },
    Radiere { nr_reg: String },
}

impl Register {
    pub(super) fn invented(count: u32) -> Self {
        let mut firms = firms::fixed();
        firms.extend((0..count.min(MOST_FIRMS)).map(firms::invented));
        Self { firms, events: Vec::new() }
    }

    /// The firms with a number in any form.
    pub(super) fn by_number(&self, text: &str) -> Option<Vec<&Firm>> {
        let number = converted(text)?;
        Some(self.firms.iter().filter(|firm| firm.number == number).collect())
    }

    pub(super) fn by_cui(&self, cui: &str) -> Vec<&Firm> {
        self.firms.iter().filter(|firm| firm.cui.as_deref() == Some(cui)).collect()
    }

    pub(super) fn by_name(&self, name: &str, county: Option<&str>) -> Vec<&Firm> {
        let (name, county) = (folded(name), county.map(folded));
        let words: Vec<&str> = name.split_whitespace().collect();
        let fits = |firm: &&Firm| {
            let own = folded(&firm.name);
            words.iter().all(|word| own.contains(word))
                && county.as_ref().is_none_or(|county| folded(firm.county) == *county)
        };
        self.firms.iter().filter(fits).collect()
    }

    /// Changes the register and tells it as an event; none where the firm is not there.
    pub(super) fn change(&mut self, change: Change, now: &str) -> Option<Value> {
        let kind = match &change {
            Change::Inmatriculare {} => "INMATRICULARE",
            Change::SchimbareDenumire { .. } => "SCHIMBARE_DENUMIRE",
            Change::SchimbareSediu { .. } => "SCHIMBARE_SEDIU",
            Change::SchimbareStare { .. } => "SCHIMBARE_STARE",
            Change::ConversieNumar { .. } => "CONVERSIE_NUMAR",
            Change::Radiere { .. } => "RADIERE",
        };
        let today = &now[..10];
        let number = match change {
            Change::Inmatriculare {} => {
                let firm = firms::fresh(self.events.len() as u32, today);
                self.firms.push(firm);
                self.firms.last()?.number.clone()
            }
            Change::SchimbareDenumire { nr_reg, denumire } => self.edit(&nr_reg, |firm| firm.name = denumire)?,
            Change::SchimbareSediu { nr_reg, strada } => self.edit(&nr_reg, |firm| firm.street = strada)?,
            Change::SchimbareStare { nr_reg, coduri } => self.edit(&nr_reg, |firm| firm.states = coduri)?,
            Change::ConversieNumar { nr_reg } => self.edit(&nr_reg, |firm| firm.printed = firm.number.clone())?,
            Change::Radiere { nr_reg } => self.edit(&nr_reg, |firm| {
                firm.states = vec![1084];
                firm.struck_off_on = Some(today.to_owned());
            })?,
        };
        let event =
            json!({ "cursor": (self.events.len() + 1).to_string(), "eveniment": kind, "nr_reg": number, "la": now });
        self.events.push(event.clone());
        Some(event)
    }

    fn edit(&mut self, number: &str, edit: impl FnOnce(&mut Firm)) -> Option<String> {
        let number = converted(number)?;
        let firm = self.firms.iter_mut().find(|firm| firm.number == number)?;
        edit(firm);
        Some(number)
    }
}

/// Small letters without diacritics.
pub(super) fn folded(text: &str) -> String {
    let plain = |letter: char| match letter {
        'ă' | 'â' => 'a',
        'î' => 'i',
        'ș' | 'ş' => 's',
        'ț' | 'ţ' => 't',
        other => other,
    };
    text.to_lowercase().chars().map(plain).collect()
}
