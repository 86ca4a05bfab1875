//! Clerks of invented institutions at the hub's door, and a county council beside the county's towns.

use openssl::sha::sha256;
use reqwest::Method;
use serde_json::Value;

use crate::client::{Answer, ask};
use crate::county::{HUB_TOWN, SENDER, key};
use crate::{Client, TestHub};

/// A county council; the hub keeps its registers.
pub const COUNCIL: &str = "cj-mehedinti";

/// What the council and registers of petitions add to the directory: everybody may write to everybody.
#[must_use]
pub fn council(directory: String) -> String {
    let mut toml = directory;
    let hash = hex::encode(sha256(key(COUNCIL).as_bytes()));
    toml += &format!(
        "[[party]]\nid = '{COUNCIL}'\nname = 'Consiliul Județean Mehedinți'\nkind = 'cj'\nsiruta = '252'\nregistry = 'hub'\n\
         [[system]]\nid = 'system-{COUNCIL}'\nparty = '{COUNCIL}'\nkey_sha256 = '{hash}'\nassurance = 'substantial'\n\
         [[channel]]\nid = '{COUNCIL}-inbox'\nparty = '{COUNCIL}'\nsystem = 'inbox'\n\
         [[agreement]]\nid = 'petitii'\ndocument_types = ['document-generic']\npurpose = 'corespondenta'\nlegal_basis = 'OG nr. 27/2002'\n\
         valid_from = '2020-01-01'\nvalid_to = '2099-12-31'\nsenders = {{ parties = ['{COUNCIL}', '{HUB_TOWN}', '{SENDER}'] }}\n\
         recipients = {{ parties = ['{COUNCIL}', '{HUB_TOWN}', '{SENDER}'] }}\n"
    );
    for party in [COUNCIL, SENDER] {
        toml += &format!(
            "[[competence]]\nid = 'registratura-{party}'\nparty = '{party}'\ndocument_types = []\nterritory = []\nunit = 'Registratura'\nchannel = '{party}-inbox'\n"
        );
    }
    for party in [COUNCIL, HUB_TOWN] {
        toml += &format!(
            "[[register]]\nparty = '{party}'\nid = 'petitii'\ntitle = 'Registrul petițiilor'\nnumber_format = 'P-{{number:03}}/{{year}}'\n\
             document_types = ['document-generic']\ndeadline_rule = 'petition'\nlegal_basis = 'OG nr. 27/2002'\n"
        );
    }
    toml += &format!(
        "[[register]]\nparty = '{HUB_TOWN}'\nid = 'date-personale'\ntitle = 'Cereri ale persoanelor vizate'\ndeadline_rule = 'gdpr'\n"
    );
    toml
}

/// A clerk of a unit.
pub struct Clerk {
    client: Client,
    person: String,
    unit: String,
}

impl Clerk {
    /// A clerk of an institution's unit.
    #[must_use]
    pub fn of(hub: &TestHub, party: &str, (person, unit): (&str, &str)) -> Self {
        Self { client: hub.client(party), person: person.to_owned(), unit: unit.to_owned() }
    }

    /// Does something to an entry: `act` is the last part of the address.
    pub async fn act(&self, entry: &str, act: &str, body: Value) -> Answer {
        let request = self.client.request(Method::POST, &format!("/v1/registers/{entry}/{act}"));
        ask(request.header("Punte-Clerk", &self.person).header("Punte-Unit", &self.unit).json(&body)).await
    }

    /// Asks for something new: a number, numbers to keep.
    pub async fn post(&self, path: &str, idempotency_key: &str, body: Value) -> Answer {
        let request = self.client.request(Method::POST, path).header("idempotency-key", idempotency_key);
        ask(request.header("Punte-Clerk", &self.person).header("Punte-Unit", &self.unit).json(&body)).await
    }

    /// Writes something in place of what was there.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        let request = self.client.request(Method::PUT, path).json(body);
        ask(request.header("Punte-Clerk", &self.person).header("Punte-Unit", &self.unit)).await
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path).await.body
    }

    /// Asks for something without a body.
    pub async fn request(&self, method: Method, path: &str) -> Answer {
        let request = self.client.request(method, path);
        ask(request.header("Punte-Clerk", &self.person).header("Punte-Unit", &self.unit)).await
    }
}
