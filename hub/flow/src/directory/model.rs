//! What the directory knows: parties, systems, channels, agreements, competences.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::authorization::Permission;
use crate::structure::Validity;

/// An institution that sends or receives.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Id in the hub, for example `uat-109773`.
    pub id: String,
    /// Legal name.
    pub name: String,
    /// `uat`, `dgaspc` …
    pub kind: String,
    /// Fiscal code, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cui: Option<String>,
    /// SIRUTA code of its territory: a UAT's own, or the county's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siruta: Option<String>,
    /// Who keeps its register.
    #[serde(default)]
    pub registry: Registry,
    /// Party that may send, look into the inbox and accept in its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<String>,
    /// Channel over which it is told that a document waits in its inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
    /// Most documents that may wait in its inbox; no bound where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox_quota: Option<u32>,
    /// It has no account here: what is sent to it leaves registered delivery.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
    /// What the service it is registered with calls it, where it is reached through another delivery service. Evidence
    /// names it so on both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<KnownAs>,
    /// Of a party of kind [`SERVICE`]: the certificates that seal its evidence, in PEM, or a reference to them
    /// (`file:PATH`, `env:NAME`). Exactly these are believed, no authority above them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_certificate: Option<String>,
    /// Where people of it are reached about the exchange: an e-mail address or telephone of the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// The kind of a party that is another delivery service (EN 319 522-1, clause 4.3).
pub const SERVICE: &str = "erds";

/// An identifier another service gave (EN 319 522-2, component I06).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownAs {
    /// The value.
    pub id: String,
    /// Its scheme; that of hubs of this program where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
}

/// Who keeps an institution's register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// The hub numbers for it.
    #[default]
    Hub,
    /// It numbers itself and tells the hub its number.
    Own,
}

/// A program that speaks for a party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Id, for example `spas-109773`.
    pub id: String,
    /// Party it speaks for.
    pub party: String,
    /// SHA-256 of its API key, in hexadecimal; the key itself is never kept. Absent where it is known by credentials that
    /// the hub issued or registered, alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_sha256: Option<String>,
    /// eIDAS level of assurance of this way of being known.
    #[serde(default = "low")]
    pub assurance: String,
    /// It is used by those who run the hub: it sees the dead letters of all, and may resume a system.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
    /// What it may do, where it is not everything the system of an institution may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<Permission>>,
}

fn low() -> String {
    "low".to_owned()
}

/// A way to reach a party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Id, for example `dgaspc-mehedinti-esocial`.
    pub id: String,
    /// Party it reaches.
    pub party: String,
    /// `inbox` (the party comes for it), or the name of a system folder.
    pub system: String,
    /// Base address, where the system has one per party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Reference to the secret: `env:NAME` or `file:PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Reference to what proves who we are in TLS: certificate chain and key, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Reference to further trust anchors as PEM, or to a known-hosts line for SFTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<String>,
    /// The party of kind [`SERVICE`] that stands behind the address, where documents are relayed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
}

/// A system the hub fetches documents from, and submits them in the name of a party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Id, for example `primaria-dosar`.
    pub id: String,
    /// Party that sends what is fetched.
    pub party: String,
    /// The name of a system folder whose engine can fetch.
    pub system: String,
    /// Base address, where the system has one per party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Reference to the secret: `env:NAME` or `file:PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Reference to what proves who we are in TLS: certificate chain and key, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Reference to further trust anchors as PEM, or to a known-hosts line for SFTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<String>,
    /// Seconds between two looks, at least one.
    #[serde(default = "a_minute")]
    pub poll_seconds: std::num::NonZeroU32,
    /// eIDAS level of assurance of this way of being known.
    #[serde(default = "low")]
    pub assurance: String,
    /// What to make of arrivals that carry no envelope; without it they are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrapping: Option<Wrapping>,
}

/// The envelope of what arrives without one. Texts may have holes for what the system says about an arrival (`{from}`,
/// `{received_at?}`): see the engine's own page for the names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapping {
    /// To whom.
    pub recipient: String,
    /// Document type of the catalogue.
    pub document_type: String,
    /// Its version.
    #[serde(default = "first_version")]
    pub document_version: String,
    /// The matter in brief.
    pub subject: String,
    /// Why the data are sent: a purpose the agreement names.
    pub purpose: String,
    /// The rule that allows it, in words.
    pub legal_basis: String,
    /// The structured data, whose texts may have holes. Without it, the first part that is JSON is the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// The role of the parts beside the body.
    #[serde(default = "annex")]
    pub part_role: String,
    /// What kind of way it came, where it came to the party from outside registered delivery: `e-mail`, `posta` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

fn a_minute() -> std::num::NonZeroU32 {
    const MINUTE: std::num::NonZeroU32 = std::num::NonZeroU32::new(60).expect("not zero");
    MINUTE
}

fn first_version() -> String {
    "1.0".to_owned()
}

fn annex() -> String {
    "anexa".to_owned()
}

/// The name of the channel system that waits in the hub until the party comes for it.
pub const INBOX: &str = "inbox";

/// Who may send what to whom, and why (HG 908/2017; GDPR art. 6).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Id, for example `protocol-mh-2026-01`.
    pub id: String,
    /// Who may send.
    pub senders: PartySelector,
    /// Who may receive.
    pub recipients: PartySelector,
    /// Document types it covers.
    pub document_types: Vec<String>,
    /// Purpose it covers.
    pub purpose: String,
    /// The rule it rests on.
    pub legal_basis: String,
    /// First day in force.
    pub valid_from: Date,
    /// Last day in force.
    pub valid_to: Date,
    /// Who decides about the data at each end (GDPR art. 4(7)), in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// Categories of data that are sent: „date de identificare”, „date privind sănătatea”.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_categories: Vec<String>,
    /// How long the recipient keeps them, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
    /// What was agreed about time and availability, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
    /// Number of the protocol on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who answers for the flow, and how they are reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Documents are taken only when they are sealed for their recipients, so that the hub cannot read them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_to_end: bool,
    /// How far it has come. One that a file brings was signed on paper.
    #[serde(default)]
    pub state: AgreementState,
    /// Who proposed and who approved it here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// How far an agreement has come. Only a signed one lets anything through, on its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgreementState {
    /// Proposed by one, to be approved by another.
    Draft,
    /// Approved: in force on its days.
    #[default]
    Signed,
    /// Ended before its last day.
    Ended,
}

/// Somebody's word on an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// `proposed`, `approved` or `ended`.
    pub act: String,
    /// The institution.
    pub party: String,
    /// Its pseudonym of the person.
    pub clerk: String,
    /// When, UTC.
    pub at: String,
}

/// Who may ask which registers what, and why (GDPR art. 6; HG 908/2017). Where it ends, nothing is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupAgreement {
    /// Id, for example `anaf-venituri-2026`.
    pub id: String,
    /// Who may ask.
    pub callers: PartySelector,
    /// What: `<system>.<operation>`, or `<system>.*` for all operations of a system.
    pub operations: Vec<String>,
    /// For which purposes.
    pub purposes: Vec<String>,
    /// The rule it rests on. A question names the same, or a place in it.
    pub legal_basis: String,
    /// First day in force.
    pub valid_from: Date,
    /// Last day in force.
    pub valid_to: Date,
}

/// A way to ask a register, and in whose name. What no entry reaches is not asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookupChannel {
    /// Id, for example `anaf-tva`.
    pub id: String,
    /// The name of a system folder.
    pub system: String,
    /// Whose questions go over it, where an institution is known by an identity of its own; everybody's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callers: Option<PartySelector>,
    /// Base address, where it is not the manifest's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Reference to the secret: `env:NAME` or `file:PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Reference to what proves who we are in TLS: certificate chain and key, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Reference to further trust anchors as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<String>,
}

/// Chooses parties by id, or by kind and territory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartySelector {
    /// These parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<String>,
    /// All parties of this kind …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// … within this county (SIRUTA code of the county).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
}

/// A rule of competence: which unit of a party handles which matter from where, over which channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competence {
    /// Id, for example `secpah-anchete`.
    pub id: String,
    /// The competent party.
    pub party: String,
    /// Document types it handles; empty means every type.
    #[serde(default)]
    pub document_types: Vec<String>,
    /// SIRUTA codes of UATs or counties; empty means everywhere.
    #[serde(default)]
    pub territory: Vec<String>,
    /// Unit inside the party.
    pub unit: String,
    /// Channel the unit is reached over.
    pub channel: String,
    /// First day the rule holds; open where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day the rule holds; open where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

impl Competence {
    /// Whether the rule holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        Validity { from: self.valid_from, to: self.valid_to }.covers(day)
    }
}
