//! What the structure is made of. Each has first and last days, so that what was true on a day can be told later.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// First and last day in force; open where absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl Validity {
    /// Whether the day lies in it.
    #[must_use]
    pub fn covers(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether its last day does not come before its first.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        self.from.zip(self.to).is_none_or(|(from, to)| from <= to)
    }

    /// Whether both have a day in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        let ends_before = |one: Self, other: Self| one.to.zip(other.from).is_some_and(|(to, from)| to < from);
        !ends_before(self, other) && !ends_before(other, self)
    }
}

/// What a unit is in the organisation chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitKind {
    /// Direcție generală, direcție.
    Direction,
    /// Serviciu.
    Service,
    /// Birou.
    Office,
    /// Compartiment.
    Compartment,
}

/// A unit of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// The institution.
    pub party: String,
    /// Id within it: what registers, rules of competence and assignments name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// The unit it belongs to; none: the institution itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// A post in a unit, held or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The institution.
    pub party: String,
    /// Id within it.
    pub id: String,
    /// Name for people: „șef serviciu”, „inspector superior”.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// Who holds a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// The institution.
    pub party: String,
    /// Id of this holding.
    pub id: String,
    /// The institution's pseudonym of the person, as in `Punte-Clerk`.
    pub person: String,
    /// Name shown to colleagues.
    pub name: String,
    /// The post.
    pub post: String,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// Who stands in for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// The institution.
    pub party: String,
    /// Id of this delegation.
    pub id: String,
    /// Pseudonym of who is stood in for.
    pub of: String,
    /// Pseudonym of who stands in.
    pub by: String,
    /// The act it rests on: „Dispoziția nr. 12/2026”.
    pub basis: String,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Date,
}

macro_rules! validity {
    ($($type:ty)*) => {
        $(impl $type {
            /// The days it holds.
            #[must_use]
            pub fn validity(&self) -> Validity {
                Validity { from: self.valid_from, to: self.valid_to }
            }
        })*
    };
}

validity!(Unit Post Staff);

impl Delegation {
    /// The days it holds.
    #[must_use]
    pub fn validity(&self) -> Validity {
        Validity { from: Some(self.valid_from), to: Some(self.valid_to) }
    }
}
