//! connectors-rest.
