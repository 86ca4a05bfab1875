//! A reading of nothing, which notes what it is asked for and answers something plausible.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::shape::TEXTS;

/// A field nobody has.
const STRANGER: &str = "punte_a_field_nobody_has";

type Error = serde::de::value::Error;

/// What is wanted at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Text(Option<&'static str>),
    Integer { least: i128, most: i128 },
    Number,
    Flag,
    OneOf(&'static [&'static str]),
    List,
    Tuple(usize),
    Map,
    Object(&'static [&'static str]),
    Anything,
}

/// How a reading goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// The text to answer at a place, by its number in [`TEXTS`].
    pub tried: BTreeMap<String, usize>,
    /// Places that take no text of ours: their field is left out.
    pub skipped: BTreeSet<String>,
    /// One more field to leave out.
    pub without: Option<String>,
    /// An object to put a stranger into.
    pub stranger: Option<String>,
}

#[derive(Default)]
struct Notes {
    seen: BTreeMap<String, Kind>,
    last: String,
}

/// Reads a type by a plan: whether it could, what it asked for, and where it was last.
pub(super) fn probe<T: DeserializeOwned>(plan: &Plan) -> (bool, BTreeMap<String, Kind>, String) {
    let notes = RefCell::new(Notes::default());
    let read = T::deserialize(Probe { plan, notes: &notes, path: String::new() }).is_ok();
    let Notes { seen, last } = notes.into_inner();
    (read, seen, last)
}

struct Probe<'a> {
    plan: &'a Plan,
    notes: &'a RefCell<Notes>,
    path: String,
}

impl Probe<'_> {
    fn note(&self, kind: Kind) {
        let mut notes = self.notes.borrow_mut();
        notes.seen.insert(self.path.clone(), kind);
        notes.last.clone_from(&self.path);
    }

    fn text(&self) -> &'static str {
        let tried = self.plan.tried.get(&self.path).copied().unwrap_or_default();
        TEXTS[tried.min(TEXTS.len() - 1)].0
    }

    fn below(&self, name: &str) -> Self {
        Probe { plan: self.plan, notes: self.notes, path: format!("{}/{name}", self.path) }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $kind:ty;)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                self.note(Kind::Integer { least: <$kind>::MIN.into(), most: <$kind>::MAX.into() });
                visitor.$visit(1)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::Anything);
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::Flag);
        visitor.visit_bool(false)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::Number);
        visitor.visit_f64(1.0)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::Text(None));
        visitor.visit_str(self.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::List);
        visitor.visit_seq(Items { of: self, at: 0, count: 1 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::Tuple(count));
        visitor.visit_seq(Items { of: self, at: 0, count })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(count, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Kind::Map);
        visitor.visit_map(Fields { of: self, names: [].iter(), next: None, stranger: false })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.note(Kind::Object(fields));
        let stranger = self.plan.stranger.as_ref() == Some(&self.path);
        visitor.visit_map(Fields { of: self, names: fields.iter(), next: None, stranger })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.note(Kind::OneOf(words));
        let tried = self.plan.tried.get(&self.path).copied().unwrap_or_default();
        let word = words.get(tried).ok_or_else(|| Error::custom("no word of the list is taken"))?;
        let word: StrDeserializer<'_, Error> = (*word).into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct identifier ignored_any }
}

struct Items<'a> {
    of: Probe<'a>,
    at: usize,
    count: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if self.at == self.count {
            return Ok(None);
        }
        let item = self.of.below(&self.at.to_string());
        self.at += 1;
        seed.deserialize(item).map(Some)
    }
}

struct Fields<'a> {
    of: Probe<'a>,
    names: std::slice::Iter<'static, &'static str>,
    next: Option<&'static str>,
    stranger: bool,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let (plan, path) = (self.of.plan, &self.of.path);
        let left_out = |name: &&&str| {
            let place = format!("{path}/{name}");
            plan.skipped.contains(&place) || plan.without.as_ref() == Some(&place)
        };
        self.next = self.names.by_ref().find(|name| !left_out(name)).copied();
        if self.next.is_none() && std::mem::take(&mut self.stranger) {
            self.next = Some(STRANGER);
        }
        let Some(name) = self.next else { return Ok(None) };
        let name: StrDeserializer<'_, Error> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.of.below(self.next.unwrap_or(STRANGER)))
    }
}
