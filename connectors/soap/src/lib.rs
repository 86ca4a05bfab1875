//! The SOAP engine: delivers and asks over SOAP 1.1 and 1.2, document/literal, the way a manifest says.
//!
//! It sends once, never retries, follows no redirect and lets no secret into an error. Answers are opened here, verified
//! where the manifest asks for it, and then mean what the rules of the manifest say (`connectors_contract::reading`).
//! Attachments (MTOM, SwA) and RPC/encoded are not spoken.

mod engine;
mod settings;
mod xml_text;
mod connector;
mod envelope;
mod security;
mod credentials;
mod answer;
mod fault;

pub use connectors_http::ClientError;
pub use engine::{Clock, Randomness, SoapEngine};
