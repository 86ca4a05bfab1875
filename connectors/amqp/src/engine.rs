//! The engine: what a manifest must say before a connector is made.

use std::sync::Arc;

use connectors_contract::{Channel, Engine, Inbound, Manifest, ManifestError, Outbound, SideEffect};

use crate::inbound::AmqpInbound;
use crate::line::Line;
use crate::outbound::AmqpOutbound;
use crate::settings::AmqpTable;

/// Speaks AMQP 0-9-1 for every system whose manifest asks for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct AmqpEngine;

impl AmqpEngine {
    fn table(&self, manifest: &Manifest) -> Result<AmqpTable, ManifestError> {
        let table: Option<AmqpTable> = manifest.section()?;
        let table = table.ok_or_else(|| self.without(manifest, "a broker without a section [amqp]", "add it"))?;
        match table.contradiction() {
            Some(way_out) => Err(self.without(manifest, "the section [amqp] as it is written", &way_out)),
            None => Ok(table),
        }
    }
}

impl Engine for AmqpEngine {
    fn name(&self) -> &'static str {
        "amqp"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let table = self.table(manifest)?;
        let Some(deliver) = &manifest.deliver else {
            return Err(self.without(manifest, "deliveries without a section [deliver]", "add it"));
        };
        if deliver.side_effect == SideEffect::Queryable {
            return Err(self.without(
                manifest,
                "side_effect = \"queryable\"",
                "write repeatable where the reader knows message ids, else once",
            ));
        }
        let Some(routing_key) = table.routing_key else {
            return Err(self.without(
                manifest,
                "deliveries without routing_key",
                "write the queue, or exchange and routing_key",
            ));
        };
        let line = Arc::new(Line::new(manifest, &channel)?);
        let (exchange, shape, side_effect) = (table.exchange, table.message, deliver.side_effect);
        Ok(Arc::new(AmqpOutbound { line, exchange, routing_key, shape, side_effect }))
    }

    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        let Some(receive) = self.table(manifest)?.receive else {
            return Err(self.without(manifest, "arrivals without a section [amqp.receive]", "add it"));
        };
        let line = Arc::new(Line::new(manifest, &channel)?);
        Ok(Arc::new(AmqpInbound::new(line, receive)))
    }
}
