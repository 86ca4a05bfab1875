//! Pushes of a test: the form of the door, and the wait for the verdicts.

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::Client;
use crate::client::GLANCE;

/// How long a story waits for all rows of a push.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

/// What the door takes: what holds for all rows, and the file.
#[must_use]
pub fn pushing(form: &Value, file: impl Into<Vec<u8>>) -> Form {
    let name = form["name"].as_str().unwrap_or("lot.csv").to_owned();
    Form::new().text("batch", form.to_string()).part("file", Part::bytes(file.into()).file_name(name))
}

/// Waits until every row of a push has a verdict, or its file is refused.
///
/// # Panics
/// It does not in time.
pub async fn done(client: &Client, batch: &str) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let (status, told) = client.get(&format!("/v1/batches/{batch}")).await;
        assert_eq!(status, 200, "{told:#}");
        if matches!(told["state"].as_str(), Some("done" | "refused")) {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "the push is not done: {told:#}");
        tokio::time::sleep(GLANCE).await;
    }
}
