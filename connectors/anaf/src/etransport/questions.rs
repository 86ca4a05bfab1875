//! Questions about declarations: what became of one, what was declared, and what is under way for an organiser.

use async_trait::async_trait;
use connectors_contract::{Answer, Exchange, Lookup, Question, Reply};
use tokio::time::Instant;

use super::Service;
use super::classify::{processed, records};
use crate::efactura::classify::answer;

/// Asks for one institution.
pub(super) struct EtransportLookup {
    service: Service,
}

impl EtransportLookup {
    pub(super) const NAMES: [&str; 3] = ["stare", "lista", "info"];

    pub(super) fn new(service: Service) -> Self {
        Self { service }
    }

    async fn state(&self, index: &str) -> Answer {
        match self.service.api.ask(&self.service.path(&format!("stareMesaj/{index}")), &[]).await {
            Ok((_, shape)) => processed(&shape, self.service.api.now()),
            Err(trouble) => answer(trouble),
        }
    }

    async fn list(&self, days: &str) -> Answer {
        let path = self.service.path(&format!("lista/{days}/{}", self.service.api.cif));
        let listed = self.service.api.ask(&path, &[]).await;
        records(listed.map(|(_, shape)| shape), self.service.api.now())
    }

    async fn info(&self, question: &Question) -> Answer {
        let names = ["cui_op", "cui_decl", "uit", "ref_decl"];
        let given = names.iter().filter_map(|name| Some((*name, question.arguments.get(*name)?.as_str())));
        let query: Vec<(&str, &str)> = given.collect();
        let listed = self.service.api.ask(&self.service.path("info"), &query).await;
        records(listed.map(|(_, shape)| shape), self.service.api.now())
    }
}

#[async_trait]
impl Lookup for EtransportLookup {
    async fn ask(&self, question: &Question) -> Reply {
        let started = Instant::now();
        let argument = |name: &str| question.arguments.get(name).map(String::as_str).unwrap_or_default();
        let answer = match question.operation.as_str() {
            "stare" => self.state(argument("id_incarcare")).await,
            "lista" => self.list(argument("zile")).await,
            "info" => self.info(question).await,
            other => Answer::Refused {
                code: "connector.unknown".to_owned(),
                reason: format!("RO e-Transport nu are operația {other}."),
            },
        };
        Reply { answer, exchange: Exchange { took: started.elapsed(), ..Exchange::default() } }
    }
}
