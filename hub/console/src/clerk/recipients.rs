//! Who a document can be sent to, and whom a typed name means.

use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::visit::Visit;

use super::filled::Values;
use super::new::Kindred;
use super::words::text;

/// The field of the recipient.
pub(super) const RECIPIENT: &str = "/envelope/recipients/0/party";

/// Puts the id of a recipient in the place of its name, where the name, or words of it, mean one institution alone.
///
/// # Errors
/// The hub cannot answer.
pub(super) async fn named(visit: &Visit, kind: &Kindred, values: &mut Values) -> Result<(), Fault> {
    let typed = values.get(RECIPIENT).to_owned();
    if typed.is_empty() {
        return Ok(());
    }
    let told = possible(visit, kind).await?;
    let parties = parties(&told);
    if parties.iter().any(|(party, _)| *party == typed) {
        return Ok(());
    }
    let words = plain(&typed);
    let means = |name: &str| words.split_whitespace().all(|word| plain(name).contains(word));
    let whole = parties.iter().filter(|(_, name)| plain(name) == words);
    let mut found: Vec<_> = whole.collect();
    if found.is_empty() {
        found = parties.iter().filter(|(_, name)| means(name)).collect();
    }
    if let [(party, _)] = found[..] {
        values.set(RECIPIENT, party.clone());
    }
    Ok(())
}

/// A name without capitals and Romanian marks.
fn plain(name: &str) -> String {
    let bare = |letter| match letter {
        'ă' | 'â' => 'a',
        'î' => 'i',
        'ș' | 'ş' => 's',
        'ț' | 'ţ' => 't',
        other => other,
    };
    name.to_lowercase().chars().map(bare).collect()
}

/// What agreements allow of this type.
pub(super) async fn possible(visit: &Visit, kind: &Kindred) -> Result<Value, Fault> {
    visit.get(format!("/v1/messages/possible?document_type={}", piece(&kind.name))).value().await
}

/// The recipients of all purposes, by name: id and name.
pub(super) fn parties(possible: &Value) -> Vec<(String, String)> {
    let items = possible["items"].as_array().into_iter().flatten();
    let all = items.flat_map(|item| item["recipients"].as_array().into_iter().flatten());
    let mut parties: Vec<_> = all.map(|one| (text(one, "name").to_owned(), text(one, "party").to_owned())).collect();
    parties.sort();
    parties.dedup();
    parties.into_iter().map(|(name, party)| (party, name)).collect()
}
