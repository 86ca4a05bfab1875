//! Evidences written by the schema, for every event. All names in them are invented.

use hub_proofs::event::Event;

/// What a test may want otherwise.
#[derive(Clone)]
pub struct Written {
    pub event: Event,
    pub id: String,
    pub time: String,
    pub message: String,
    pub recipients: u32,
    pub concerns: Option<u32>,
    pub reasons: bool,
    pub submission_time: bool,
    pub external_service: bool,
    pub external_system: bool,
    pub parts: Vec<(String, [u8; 32])>,
    pub extension: String,
}

impl Written {
    /// An evidence of this event that keeps all rules.
    pub fn new(event: Event) -> Written {
        let family = event.family();
        Written {
            event,
            id: format!("urn:uuid:7f3a0c1e-2f0b-4a86-9d0e-{:012}", event as u32),
            time: "2026-03-02T09:15:04Z".to_owned(),
            message: "0198c0de-0000-7000-8000-000000000001".to_owned(),
            recipients: 2,
            concerns: matches!(family, 'C' | 'D' | 'E').then_some(1),
            reasons: event.is_negative(),
            submission_time: true,
            external_service: family == 'B',
            external_system: family == 'F',
            parts: vec![("anexa-1.pdf".to_owned(), hub_signatures::digest::sha256(b"anexa"))],
            extension: String::new(),
        }
    }

    /// The document in exclusive canonical form.
    pub fn xml(&self) -> String {
        use base64::Engine as _;
        let encode = |digest: &[u8]| base64::engine::general_purpose::STANDARD.encode(digest);
        let mut out = format!(
            "<erds:Evidence xmlns:erds=\"http://uri.etsi.org/19522/v1#\" Id=\"ev\" version=\"EN319522v1.1.1\">\
             <erds:EvidenceIdentifier>{}</erds:EvidenceIdentifier><erds:ERDSEventId>{}</erds:ERDSEventId>",
            self.id,
            self.event.uri()
        );
        if self.reasons {
            out += "<erds:EventReasons><erds:EventReason><Code>http://uri.etsi.org/19522/EventReason/Other</Code>\
                    <Details>RXX</Details><Details>Alt motiv</Details></erds:EventReason></erds:EventReasons>";
        }
        out += &format!("<EventTime>{}</EventTime>", self.time);
        out += "<erds:EvidenceIssuerPolicyID><PolicyID>https://hub.example.ro/policy/1</PolicyID></erds:EvidenceIssuerPolicyID>";
        let service = |name: &str, legal: &str| format!("<erds:{name}>{}</erds:{name}>", identity(legal));
        out += &service("EvidenceIssuerDetails", "Hub de probă");
        let level = "<AssuranceLevelsDetails><GlobalAssuranceLevel><AssuranceLevel>http://eidas.europa.eu/LoA/substantial\
                     </AssuranceLevel></GlobalAssuranceLevel><erds:AuthenticationDetails><AuthenticationTime>2026-03-02T09:14:30Z\
                     </AuthenticationTime><AuthenticationMethod>api-key</AuthenticationMethod></erds:AuthenticationDetails>\
                     </AssuranceLevelsDetails>";
        let from_outside = self.event == Event::ReceivedFromNonERDS;
        let assured = if from_outside { "" } else { level };
        out += &format!("<erds:SenderDetails>{}{assured}</erds:SenderDetails>", identifier("uat-1"));
        for number in 1..=self.recipients {
            out += &format!(
                "<erds:RecipientDetails>{}</erds:RecipientDetails>",
                identifier(&format!("uat-{}", number + 1))
            );
        }
        if self.submission_time {
            out += "<erds:SubmissionTime>2026-03-02T09:15:04Z</erds:SubmissionTime>";
        }
        if let Some(position) = self.concerns {
            out += &format!("<EvidenceRefersToRecipient>{position}</EvidenceRefersToRecipient>");
        }
        out += &format!("<erds:MessageIdentifier>{}</erds:MessageIdentifier>", self.message);
        out += &format!("<erds:UserContentInfo><ComposingParts>{}</ComposingParts><erds:PartsInfo>", self.parts.len());
        for (name, digest) in &self.parts {
            out += &format!(
                "<erds:PartInfo><Identifier>{name}</Identifier><ContentType>application/pdf</ContentType>\
                 <ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
                 Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
                 <ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{}</ds:DigestValue></erds:PartInfo>",
                encode(digest)
            );
        }
        out += "</erds:PartsInfo></erds:UserContentInfo>";
        if self.external_service {
            out += &service("ExternalERDSDetails", "Alt serviciu");
        }
        if self.external_system {
            out += "<ForwardedToExternalSystem>smtp</ForwardedToExternalSystem>";
        }
        if !self.extension.is_empty() {
            out += &format!("<erds:Extensions>{}</erds:Extensions>", self.extension);
        }
        out + "</erds:Evidence>"
    }
}

fn identity(name: &str) -> String {
    format!(
        "<erds:Identity><saml:Attribute xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" FriendlyName=\"LegalName\" \
         Name=\"http://eidas.europa.eu/attributes/legalperson/LegalName\" \
         NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\"><saml:AttributeValue>{name}</saml:AttributeValue>\
         </saml:Attribute></erds:Identity>"
    )
}

fn identifier(value: &str) -> String {
    let scheme = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:punte";
    format!("<Identifier IdentifierSchemeName=\"{scheme}\">{value}</Identifier>")
}
