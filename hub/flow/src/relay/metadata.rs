//! Writes relay metadata, canonical and sealed (EN 319 522-2, clause 5; EN 319 522-3 V1.2.1, `RelayMetadata`).
//!
//! Every message between services is signed. No other layer of this binding does that, so the metadata carries the seal,
//! and with the digests of the parts it covers the whole message.

use hub_signatures::canonical::Writer;
use hub_signatures::signer::Signer;
use hub_signatures::xades;

use crate::clock::Timestamp;
use crate::evidence::{self, NAMESPACE, PartFacts, PartyFacts};
use crate::message::{ConsignmentMode, Envelope};

const NAMESPACES: &[(&str, &str)] =
    &[("ds", "http://www.w3.org/2000/09/xmldsig#"), ("erds", "http://uri.etsi.org/19522/v1#"), ("punte", NAMESPACE)];

/// What kind of message goes to the other service (component MD13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageType {
    /// Content, metadata and evidence.
    Dispatch,
    /// Metadata and evidence.
    Receipt,
}

impl MessageType {
    /// Last segment of its URI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Receipt => "receipt",
        }
    }
}

/// A message to another service, for one recipient.
#[derive(Debug, Clone, Copy)]
pub struct Dispatch<'a> {
    /// What kind (MD13).
    pub message_type: MessageType,
    /// Identifier of the message (MD11).
    pub identifier: &'a str,
    /// When it goes (MD02).
    pub relayed_at: Timestamp,
    /// Who sent the message (MD08).
    pub sender: &'a PartyFacts,
    /// To whom it is (MD10).
    pub recipient: &'a PartyFacts,
    /// Its parts (MD14).
    pub parts: &'a [PartFacts],
    /// What the sender wrote on it, in a dispatch: an extension of this program (MD15).
    pub envelope: Option<&'a Envelope>,
}

impl Dispatch<'_> {
    /// The sealed metadata.
    ///
    /// # Errors
    /// The seal cannot be made; the words say why.
    pub fn sealed(&self, signer: &dyn Signer) -> Result<String, String> {
        let mut xml = Writer::with_namespaces(NAMESPACES);
        xml.open("erds:RelayMetadata", &[("version", "EN319522v1.1.1")]);
        xml.leaf("erds:MessageIdentifier", self.identifier);
        let kind = self.message_type.as_str();
        xml.leaf("ERDMessageType", &format!("http://uri.etsi.org/19522/v1#/ERDMessageType/{kind}"));
        xml.leaf("RelayTime", &self.relayed_at.to_utc());
        for (name, party) in [("SenderId", self.sender), ("RecipientId", self.recipient)] {
            xml.leaf_with(name, &[("IdentifierSchemeName", party.scheme())], &party.id);
        }
        evidence::content(&mut xml, self.parts);
        if let Some(envelope) = self.envelope {
            let mode = match envelope.consignment {
                ConsignmentMode::Basic => "basic",
                ConsignmentMode::Consent => "consent",
            };
            xml.leaf("RequestedConsignmentMode", &format!("http://uri.etsi.org/19522/v1#/consignment/{mode}"));
            let written = serde_json::to_string(envelope).expect("an envelope is plain data");
            xml.open("erds:Extensions", &[]).open("erds:Extension", &[("isCritical", "false")]);
            xml.leaf("punte:Envelope", &written).close().close();
        }
        xml.close();
        let body = xml.finish().map_err(|error| error.to_string())?;
        xades::seal(&body, signer, &self.relayed_at.to_utc()).map_err(|error| error.to_string())
    }
}
