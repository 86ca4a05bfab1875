//! The promise of a connector that asks: a question to a register, an answer with its source and age.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;

use crate::Exchange;

/// A question to a register. The hub has checked it: the operation exists, its arguments have their form, and purpose and
/// legal basis were given.
#[derive(Debug, Clone)]
pub struct Question {
    /// The operation, a `[lookup.<name>]` of the manifest.
    pub operation: String,
    /// What is asked with, by name; defaults are filled in.
    pub arguments: BTreeMap<String, String>,
    /// Who asks and why: [`crate::manifest::lookup::QUESTION_FACTS`].
    pub facts: BTreeMap<String, String>,
}

/// What the register said, in the only classes the hub decides by. Asking changes nothing, so a lost answer is simply
/// unavailable.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is there.
    Found {
        /// The answer, in the register's own shape.
        value: Value,
        /// Of what day or moment the register says it is.
        as_of: Option<String>,
        /// A document that came with it, such as a signed certificate.
        document: Option<Document>,
    },
    /// The register looked and has nothing.
    Absent,
    /// The register works on it: the same question, asked later, will be answered.
    Pending {
        /// What to ask again with, where the register gave a number of its own; kept in the argument `request`.
        request: Option<String>,
        /// When to ask again.
        retry_after: Option<Duration>,
    },
    /// The register does not want to answer this question of this caller.
    Refused {
        /// Its code.
        code: String,
        /// Its explanation, cut to 500 characters.
        reason: String,
    },
    /// No answer now.
    Unavailable {
        /// What happened.
        reason: String,
        /// The earliest time the register wants to hear from us again.
        retry_after: Option<Duration>,
    },
}

/// A document of a register, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Media type.
    pub content_type: String,
    /// The bytes.
    pub content: Bytes,
}

/// An answer and what was exchanged for it.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// What was exchanged.
    pub exchange: Exchange,
}

/// The other systems of a hub, as an engine asks them that puts several registers together. Each is asked as if the
/// institution had asked it itself: under its own agreement, journal entry, quota and breaker.
#[async_trait]
pub trait Systems: Send + Sync {
    /// Asks one of them, in the name of whoever asked.
    ///
    /// # Errors
    /// It was not asked; a Romanian sentence says why.
    async fn ask(&self, system: &str, operation: &str, arguments: BTreeMap<String, String>) -> Result<Answer, String>;
}

/// No other systems: for an engine that is asked alone.
pub struct Alone;

#[async_trait]
impl Systems for Alone {
    async fn ask(&self, _: &str, _: &str, _: BTreeMap<String, String>) -> Result<Answer, String> {
        Err("alte sisteme nu pot fi întrebate de aici".to_owned())
    }
}

/// Asks one register over one channel.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// Asks once. Never retries, never panics on what the register answers.
    async fn ask(&self, question: &Question) -> Reply;

    /// The same where the register is put together of others, which are asked too. What stands alone asks alone.
    async fn ask_among(&self, question: &Question, _systems: &dyn Systems) -> Reply {
        self.ask(question).await
    }

    /// Whether [`Lookup::ask_among`] asks others: then what it comes to says nothing of a line of its own.
    fn asks_others(&self) -> bool {
        false
    }

    /// Asks several questions of one operation, in as few requests as the register allows; answers in the same order.
    async fn ask_all(&self, questions: &[Question]) -> Vec<Reply> {
        let mut replies = Vec::with_capacity(questions.len());
        for question in questions {
            replies.push(self.ask(question).await);
        }
        replies
    }
}
