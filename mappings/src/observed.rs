//! A source document that remembers which of its fields were read.
//!
//! Used when a mapping is checked, never when it runs.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use minijinja::value::{Enumerator, Object, ObjectRepr, Serde, Value as TemplateValue};
use serde_json::Value;

/// Pointers that were read, `*` for the index of a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reads(Arc<Mutex<BTreeSet<String>>>);

impl Reads {
    /// Whether a field was read.
    pub fn contain(&self, pointer: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(pointer)
    }

    fn add(&self, pointer: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pointer);
    }
}

/// The value as a template sees it; reads of it and below it are remembered.
pub(crate) fn observed(value: &Value, reads: &Reads) -> TemplateValue {
    Observed::wrap(value, String::new(), reads)
}

#[derive(Debug)]
struct Observed {
    value: Value,
    pointer: String,
    reads: Reads,
}

impl Observed {
    fn wrap(value: &Value, pointer: String, reads: &Reads) -> TemplateValue {
        match value {
            Value::Object(_) | Value::Array(_) => {
                TemplateValue::from_object(Self { value: value.clone(), pointer, reads: reads.clone() })
            }
            scalar => TemplateValue::from(Serde(scalar)),
        }
    }
}

impl Object for Observed {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.value.is_array() { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &TemplateValue) -> Option<TemplateValue> {
        let (pointer, value) = match &self.value {
            Value::Object(object) => {
                let name = key.as_str()?;
                (format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1")), object.get(name))
            }
            Value::Array(values) => (format!("{}/*", self.pointer), values.get(key.as_usize()?)),
            _ => return None,
        };
        self.reads.add(pointer.clone());
        value.map(|value| Self::wrap(value, pointer, &self.reads))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.value {
            Value::Object(object) => {
                Enumerator::Values(object.keys().map(|name| TemplateValue::from(name.as_str())).collect())
            }
            Value::Array(values) => Enumerator::Seq(values.len()),
            _ => Enumerator::Empty,
        }
    }
}
