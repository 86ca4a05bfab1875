//! Several roads to one company, one after the other: the open data, the tax administration, the register.
//!
//! The next road is asked where the one before has nothing, does not answer or does not want to, and with `complet = da`
//! in any case; then what all of them say is merged, field by field, the newest or the binding saying first. What is
//! learned on one road (number, code) is what the next is asked with. Other systems are asked through the hub, which
//! keeps their agreements, quotas and breakers and writes each question into the journal.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use connectors_contract::{Alone, Answer, Lookup, Question, Reply, Systems};
use schemas::Euid;
use serde::Deserialize;
use serde_json::{Value, json};

use super::question::local;
use crate::company::{Company, Field, Source, from_anaf, from_record};

/// One road.
pub struct Road {
    /// What it leads to, and so the shape of its answers.
    pub source: Source,
    /// Where it goes.
    pub way: Way,
    /// The operation to ask for.
    pub operation: String,
    /// The arguments the operation takes, by their names in the question: `cui`, `nr_reg`, `euid`, `denumire`, `judet`, `data`.
    pub takes: Vec<String>,
}

/// Where a road goes.
#[derive(Clone)]
pub enum Way {
    /// To a lookup that the chain holds itself.
    Here(Arc<dyn Lookup>),
    /// To another system of the hub.
    System(String),
}

/// A road of a manifest: `[[<engine>.further]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Further {
    /// The shape of its answers.
    source: Source,
    /// The other system.
    system: String,
    /// Its operation.
    operation: String,
    /// The arguments it takes.
    takes: Vec<String>,
}

impl From<Further> for Road {
    fn from(further: Further) -> Self {
        let Further { source, system, operation, takes } = further;
        Self { source, way: Way::System(system), operation, takes }
    }
}

/// Asks one road after the other.
pub struct ChainLookup(Vec<Road>);

impl ChainLookup {
    /// A chain of roads, the first to be asked first.
    #[must_use]
    pub fn new(roads: Vec<Road>) -> Self {
        Self(roads)
    }
}

#[async_trait]
impl Lookup for ChainLookup {
    async fn ask(&self, question: &Question) -> Reply {
        self.ask_among(question, &Alone).await
    }

    async fn ask_among(&self, question: &Question, systems: &dyn Systems) -> Reply {
        let started = Instant::now();
        let all = question.arguments.get("complet").is_some_and(|text| text == "da");
        let today = question.facts.get("today").cloned().unwrap_or_default();
        let mut known = question.arguments.clone();
        let number =
            known.get("euid").and_then(|euid| Some(Euid::parse(euid).ok()?.trade_register_number().to_string()));
        if let Some(number) = number {
            known.entry("nr_reg".to_owned()).or_insert(number);
        }
        let (mut company, mut asked, mut others) = (Company::default(), Vec::new(), Vec::new());
        for road in &self.0 {
            let answer = match road.ask(question, &known, systems).await {
                Ok(answer) => answer,
                Err(why) => {
                    asked.push(json!({ "adaptor": road.source.name(), "rezultat": "neîntrebat", "motiv": why }));
                    continue;
                }
            };
            asked.push(json!({ "adaptor": road.source.name(), "rezultat": result(&answer) }));
            match answer {
                Answer::Found { value, .. } => {
                    let told = match road.source {
                        Source::Anaf => from_anaf(&value, &today),
                        source => from_record(&value, source, &today),
                    };
                    company = company.merged(told);
                    learn(&company, &mut known);
                    if !all {
                        break;
                    }
                }
                other => others.push(other),
            }
        }
        local(answer(&company, asked, others), started)
    }

    fn asks_others(&self) -> bool {
        true
    }
}

impl Road {
    /// Asks over it.
    ///
    /// # Errors
    /// It was not asked; in words, why.
    async fn ask(
        &self,
        question: &Question,
        known: &BTreeMap<String, String>,
        systems: &dyn Systems,
    ) -> Result<Answer, String> {
        let missing = || "nu se știe încă un identificator după care să fie întrebat".to_owned();
        let arguments = self.arguments(known).ok_or_else(missing)?;
        match &self.way {
            Way::System(system) => systems.ask(system, &self.operation, arguments).await,
            Way::Here(lookup) => {
                let facts = question.facts.clone();
                Ok(lookup.ask(&Question { operation: self.operation.clone(), arguments, facts }).await.answer)
            }
        }
    }

    /// What the road can be asked with; none where nothing that identifies a company is known for it.
    fn arguments(&self, known: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
        const IDENTIFIERS: [&str; 4] = ["cui", "nr_reg", "euid", "denumire"];
        let takes = |name: &str| self.takes.iter().any(|one| one == name);
        // Exactly one identifier is asked with: the first that is known.
        let identifier = IDENTIFIERS.into_iter().find(|name| takes(name) && known.contains_key(*name))?;
        let goes = |name: &String| name == identifier || (!IDENTIFIERS.contains(&name.as_str()) && takes(name));
        Some(known.iter().filter(|(name, _)| goes(name)).map(|(name, text)| (name.clone(), text.clone())).collect())
    }
}

fn learn(company: &Company, known: &mut BTreeMap<String, String>) {
    for (field, name) in [(Field::Cui, "cui"), (Field::NrReg, "nr_reg")] {
        if let Some((Value::String(text), _)) = company.get(field) {
            known.entry(name.to_owned()).or_insert_with(|| text.clone());
        }
    }
}

fn result(answer: &Answer) -> &'static str {
    match answer {
        Answer::Found { .. } => "găsit",
        Answer::Absent => "absent",
        Answer::Pending { .. } => "în lucru",
        Answer::Refused { .. } => "refuzat",
        Answer::Unavailable { .. } => "indisponibil",
    }
}

/// The merged answer. Where nobody has the company, it is absent only if every road that was asked said so.
fn answer(company: &Company, asked: Vec<Value>, others: Vec<Answer>) -> Answer {
    if *company != Company::default() {
        let mut value = company.to_json();
        value["intrebat"] = Value::Array(asked);
        let as_of = value["sursa"]["extras_la"].as_str().map(str::to_owned);
        return Answer::Found { value, as_of, document: None };
    }
    let weight = |answer: &Answer| match answer {
        Answer::Unavailable { .. } => 3,
        Answer::Pending { .. } => 2,
        Answer::Refused { .. } => 1,
        Answer::Found { .. } | Answer::Absent => 0,
    };
    others.into_iter().max_by_key(weight).unwrap_or(Answer::Absent)
}
