//! Tokens: renewed in time, once after a 401, kept before they are used, and never rotated when they cannot be kept.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "support/filing.rs"]
mod filing;

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use connectors_anaf::{EfacturaEngine, FileStore, OAuth};
use connectors_contract::{Answer, Engine as _, Lookup};
use serde_json::json;

use filing::{Desk, manifest, question};

fn lookup(engine: &EfacturaEngine, desk: &Desk) -> Arc<dyn Lookup> {
    engine.lookup(&manifest("anaf-efactura", "5s"), desk.channel()).unwrap()
}

async fn hello(lookup: &Arc<dyn Lookup>) -> Answer {
    lookup.ask(&question("hello", &[])).await.answer
}

fn is_well(answer: &Answer) -> bool {
    matches!(answer, Answer::Found { .. })
}

#[tokio::test]
async fn the_first_call_signs_in_and_the_next_ones_do_not() {
    let desk = Desk::open().await;
    let lookup = lookup(&desk.engine(&desk.oauth), &desk);
    assert!(is_well(&hello(&lookup).await));
    assert!(is_well(&hello(&lookup).await));
    assert_eq!(desk.calls("token").len(), 1);
    let kept: Vec<String> = std::fs::read_dir(desk.store.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".tokens"))
        .collect();
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains("demo"), "the name of the file tells nothing");
}

#[tokio::test]
async fn a_restart_goes_on_from_the_rotated_tokens_although_the_channel_still_has_the_first() {
    let desk = Desk::open().await;
    assert!(is_well(&hello(&lookup(&desk.engine(&desk.oauth), &desk)).await));
    // The first refresh token is dead since the first call.
    desk.pass(84 * 86_400);
    let restarted = desk.restarted();
    let lookup = lookup(&desk.engine(&restarted), &desk);
    assert!(is_well(&hello(&lookup).await), "renewed a week before its end");
    assert_eq!(desk.calls("token").iter().map(|call| call.status).collect::<Vec<_>>(), [200, 200]);
}

#[tokio::test]
async fn an_unknown_token_is_renewed_once_and_many_at_once_renew_it_together() {
    let desk = Desk::open().await;
    let lookup = lookup(&desk.engine(&desk.oauth), &desk);
    assert!(is_well(&hello(&lookup).await));
    desk.expire("access").await;
    let asked = question("hello", &[]);
    let all = tokio::join!(lookup.ask(&asked), lookup.ask(&asked), lookup.ask(&asked), lookup.ask(&asked));
    for reply in [all.0, all.1, all.2, all.3] {
        assert!(is_well(&reply.answer), "{:?}", reply.answer);
    }
    assert_eq!(desk.calls("token").len(), 2, "the four shared one renewal");
}

#[tokio::test]
async fn two_processes_over_one_store_do_not_lock_each_other_out() {
    let desk = Desk::open().await;
    let one = lookup(&desk.engine(&desk.oauth), &desk);
    let other = lookup(&desk.engine(&desk.restarted()), &desk);
    assert!(is_well(&hello(&one).await) && is_well(&hello(&other).await));
    desk.pass(84 * 86_400);
    let (first, second) = tokio::join!(hello(&one), hello(&other));
    assert!(is_well(&first) && is_well(&second), "{first:?} {second:?}");
    assert!(desk.calls("token").iter().all(|call| call.status == 200));
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_token_in_use_while_it_lives() {
    let desk = Desk::open().await;
    let lookup = lookup(&desk.engine(&desk.oauth), &desk);
    assert!(is_well(&hello(&lookup).await));
    desk.pass(84 * 86_400);
    for fault in ["block-page", "server-error", "cut-connection", "too-many-requests", "refusal"] {
        desk.plan(json!([{ "operation": "token", "fault": fault, "text": "invalid_grant" }])).await;
        assert!(is_well(&hello(&lookup).await), "{fault}");
        desk.pass(3_601);
    }
    desk.plan(json!([])).await;
    assert!(is_well(&hello(&lookup).await));
    assert_eq!(desk.calls("token").last().unwrap().status, 200);
}

#[tokio::test]
async fn a_sign_in_that_ended_is_told_in_words_a_clerk_can_act_on() {
    let desk = Desk::open().await;
    let lookup = lookup(&desk.engine(&desk.oauth), &desk);
    assert!(is_well(&hello(&lookup).await));
    desk.expire("all").await;
    let Answer::Unavailable { reason, retry_after: Some(_) } = hello(&lookup).await else { panic!("it is over") };
    assert!(reason.contains("certificat calificat") && reason.contains("invalid_grant"), "{reason}");
}

#[tokio::test]
async fn tokens_are_not_rotated_when_the_new_ones_could_not_be_kept() {
    let desk = Desk::open().await;
    let oauth = OAuth::new(Arc::new(|| filing::MORNING), Arc::new(Full));
    let lookup = lookup(&desk.engine(&oauth), &desk);
    let Answer::Unavailable { reason, .. } = hello(&lookup).await else { panic!("nothing can be kept") };
    assert!(reason.contains("depozitul jetoanelor"), "{reason}");
    assert!(desk.calls("token").is_empty(), "the refresh token is still good");
    let whole = std::fs::metadata(desk.store.path()).unwrap().permissions();
    assert_ne!(whole.mode() & 0o700, 0);
}

/// A store on a full disk.
struct Full;

impl connectors_anaf::TokenStore for Full {
    fn load(&self, _: &str) -> std::io::Result<Option<secrecy::SecretString>> {
        Ok(None)
    }

    fn save(&self, _: &str, _: &secrecy::SecretString) -> std::io::Result<()> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn guard(&self, _: &str) -> std::io::Result<Box<dyn Send>> {
        Ok(Box::new(()))
    }
}

#[tokio::test]
async fn neither_tokens_nor_secrets_are_in_what_is_said() {
    let desk = Desk::open().await;
    let engine = desk.engine(&desk.oauth);
    let mut channel = desk.channel();
    channel.secret = Some("{\"client_id\":\"demo-client\",\"client_secret\":\"hush\"}".to_owned().into());
    let Err(error) = engine.lookup(&manifest("anaf-efactura", "5s"), channel) else { panic!("it is incomplete") };
    assert!(!error.to_string().contains("hush"), "{error}");
    let store = FileStore::at(desk.store.path());
    assert!(format!("{store:?}").contains("FileStore"));
}
