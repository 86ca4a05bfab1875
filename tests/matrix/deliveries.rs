//! Documents: each fault at the sending, then each at the question that follows a lost answer.

use connectors_contract::SideEffect;
use sandbox::{Fault, FaultKind, Operation};
use serde_json::{Value, json};
use tests::client::delivery;
use tests::county::SENDER;
use tests::documents::letter;
use tests::{Client, TestHub};

use crate::Wrong;
use crate::players::Player;
use crate::sentences::judged;

/// The ends of a delivery whose document the target must not have doubled.
const ENDS: [&str; 4] = ["handed_over", "refused", "failed", "expired"];

/// Sends with every fault; answers how many cells there were.
pub async fn cross(hub: &TestHub, player: &Player, faults: &[Wrong]) -> usize {
    let Some(deliver) = &player.manifest.deliver else { return 0 };
    let sender = Sender { client: hub.client(SENDER), player };
    Wrong::end(player).await;
    let before = crate::lookups::called(player).await.len();
    let good = sender.send("fără greșeli").await;
    let seen = sender.ended(&good).await;
    if seen["state"] != "handed_over" {
        player.judge("a sending", Err(format!("nothing is wrong: {} {}", seen["state"], seen["reason"])));
    }
    let mut operations = crate::lookups::called(player).await.split_off(before);
    operations.sort();
    operations.dedup();
    let mut cells = vec![(good, "nothing wrong".to_owned())];
    for wrong in faults {
        wrong.begin(player, &[Operation::Deliver], &operations).await;
        cells.push(sender.tried(&format!("{wrong:?} at the sending")).await);
    }
    if deliver.side_effect == SideEffect::Queryable {
        for wrong in faults {
            wrong.begin(player, &[Operation::Inquire], &asking(&operations)).await;
            player.faults.plan(Fault::once(FaultKind::CutConnectionAfterStoring));
            cells.push(sender.tried(&format!("{wrong:?} at the question")).await);
        }
    }
    Wrong::end(player).await;
    sender.judge(&cells).await;
    cells.len() - 1
}

/// What of ANAF's operations asks and does not file.
fn asking(operations: &[String]) -> Vec<String> {
    operations.iter().filter(|operation| !operation.contains("upload")).cloned().collect()
}

/// Sends letters to the party of a player.
struct Sender<'a> {
    client: Client,
    player: &'a Player,
}

impl Sender<'_> {
    async fn send(&self, text: &str) -> String {
        let (system, party) = (&self.player.manifest.system, self.player.party());
        let key = format!("{system}-{}", hex::encode(&openssl::sha::sha256(text.as_bytes())[..8]));
        let (status, receipt) = self.client.post("/v1/messages", &key, &letter(&[&party], text)).await;
        assert_eq!(status, 201, "{system}: {receipt:#}");
        receipt["message_id"].as_str().unwrap().to_owned()
    }

    /// Sends with what was planned, and waits until the target was called for it, whatever came of that.
    async fn tried(&self, about: &str) -> (String, String) {
        let message = self.send(about).await;
        let party = self.player.party();
        let deliver = self.player.manifest.deliver.as_ref().expect("it delivers");
        let again = deliver.side_effect == SideEffect::Repeatable;
        let seen = self.client.wait_for(&message, |seen| {
            let delivery = delivery(seen, &party);
            let tried = delivery["attempt_list"].as_array().is_some_and(|attempts| !attempts.is_empty());
            let state = delivery["state"].as_str().unwrap_or_default();
            // What is sent again by itself would meet the next fault in the place of the next document.
            (tried && state != "pending" && !again) || ENDS.contains(&state)
        });
        let seen = seen.await;
        let delivery = delivery(&seen, &party);
        if delivery["state"] != "handed_over" {
            let reason = delivery["reason"].as_str().unwrap_or_default();
            self.player.judge(&format!("{about}, {}", delivery["state"]), judged(reason));
        }
        (message, about.to_owned())
    }

    async fn ended(&self, message: &str) -> Value {
        let party = self.player.party();
        let ended = |seen: &Value| ENDS.iter().any(|end| delivery(seen, &party)["state"] == *end);
        let seen = self.client.wait_for(message, ended).await;
        delivery(&seen, &party).clone()
    }

    /// Every document has an end, the target has each once, and has what the hub says it has.
    async fn judge(&self, cells: &[(String, String)]) {
        let (mut taken, mut undecided) = (0, 0);
        for (message, about) in cells {
            let ended = self.ended(message).await;
            match ended["state"].as_str().unwrap() {
                "handed_over" => taken += 1,
                // Nobody can tell what became of it: it may be there, and a person is told so.
                state if state != "refused" && unknown(&ended) => undecided += 1,
                _ => {}
            }
            if ended["state"] != "handed_over" {
                self.player.judge(about, judged(ended["reason"].as_str().unwrap_or_default()));
            }
        }
        let held = (self.player.held)().await;
        let doubled: Vec<_> = held.iter().filter(|(_, times)| **times != 1).collect();
        if !doubled.is_empty() {
            self.player.judge("all deliveries", Err(format!("the twin has doubles: {doubled:?}")));
        }
        // Whoever need not give a receipt may answer 2xx with what they like (Standard Webhooks): that one is delivered.
        let needs_receipt = self.player.manifest.deliver.as_ref().is_some_and(|deliver| deliver.receipt_required);
        let least = taken - usize::from(!needs_receipt);
        if !(least..=taken + undecided).contains(&held.len()) {
            let problem = format!("{} documents; {taken} handed over, {undecided} undecided", held.len());
            self.player.judge("all deliveries", Err(problem));
        }
    }
}

fn unknown(delivery: &Value) -> bool {
    let attempts = delivery["attempt_list"].as_array().cloned().unwrap_or_default();
    attempts.iter().any(|attempt| attempt["act"] == json!("deliver") && attempt["outcome"] == json!("unknown"))
}
