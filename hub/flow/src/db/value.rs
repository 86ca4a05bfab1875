//! Values and rows, the same on both databases.

use std::sync::Arc;

use super::DbError;

/// One value of a row or of a statement's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// `bigint`.
    Int(i64),
    /// `boolean`.
    Bool(bool),
    /// `text`.
    Text(String),
    /// `bytea` / `blob`.
    Blob(Vec<u8>),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Bool(_) => "a truth value",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

macro_rules! value_from {
    ($($type:ty => |$value:ident| $make:expr),* $(,)?) => {
        $(impl From<$type> for Value { fn from($value: $type) -> Self { $make } })*
    };
}

value_from! {
    i64 => |value| Self::Int(value),
    i32 => |value| Self::Int(value.into()),
    u32 => |value| Self::Int(value.into()),
    bool => |value| Self::Bool(value),
    String => |value| Self::Text(value),
    &str => |value| Self::Text(value.to_owned()),
    &String => |value| Self::Text(value.clone()),
    Vec<u8> => |value| Self::Blob(value),
    &[u8] => |value| Self::Blob(value.to_vec()),
    [u8; 16] => |value| Self::Blob(value.to_vec()),
    [u8; 32] => |value| Self::Blob(value.to_vec()),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// What the column should hold, in words.
    const EXPECTED: &'static str;
    /// Reads the value, or gives it back when it is something else.
    ///
    /// # Errors
    /// The value is of another kind.
    fn from_value(value: Value) -> Result<Self, Value>;
}

macro_rules! from_value {
    ($($type:ty, $expected:literal, $pattern:pat => $read:expr);* $(;)?) => {
        $(impl FromValue for $type {
            const EXPECTED: &'static str = $expected;
            fn from_value(value: Value) -> Result<Self, Value> {
                match value { $pattern => Ok($read), other => Err(other) }
            }
        })*
    };
}

from_value! {
    i64, "a number", Value::Int(value) => value;
    String, "text", Value::Text(value) => value;
    Vec<u8>, "bytes", Value::Blob(value) => value;
}

impl FromValue for bool {
    const EXPECTED: &'static str = "a truth value";
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Bool(value) => Ok(value),
            // SQLite keeps truth values as 0 and 1.
            Value::Int(value @ 0..=1) => Ok(value == 1),
            other => Err(other),
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    const EXPECTED: &'static str = "bytes of a fixed length";
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Blob(bytes) => Self::try_from(bytes.as_slice()).map_err(|_| Value::Blob(bytes)),
            other => Err(other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) columns: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

impl Row {
    /// Names and values of all columns, in the order of the answer.
    pub fn into_cells(self) -> impl Iterator<Item = (String, Value)> {
        let columns = Arc::clone(&self.columns);
        self.values.into_iter().enumerate().map(move |(index, value)| (columns[index].clone(), value))
    }

    /// Takes the value of a column out of the row.
    ///
    /// # Errors
    /// [`DbError::Inconsistent`] when the column is absent or holds something else; it names the column.
    pub fn take<T: FromValue>(&mut self, column: &str) -> Result<T, DbError> {
        let inconsistent = |found: &str| DbError::Inconsistent {
            column: column.to_owned(),
            expected: T::EXPECTED,
            found: found.to_owned(),
        };
        let index =
            self.columns.iter().position(|name| name == column).ok_or_else(|| inconsistent("no such column"))?;
        let value = std::mem::replace(&mut self.values[index], Value::Null);
        T::from_value(value).map_err(|value| inconsistent(value.kind()))
    }
}
