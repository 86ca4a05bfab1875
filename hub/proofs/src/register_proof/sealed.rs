//! A sealed document of a register: unchanged, by whom, and what it says.

use hub_signatures::xades;

use crate::claim::{Claim, Kind, Status, Words};
use crate::judge::Bench;
use crate::judge::seal::{Seal, Uses};
use crate::romanian;

use super::document::Document;

/// What the seal covers, where it holds, and the claims about seal and bytes.
pub(super) fn judge(bench: &Bench<'_>, about: &str, xml: &str, uses: &mut Uses) -> (Option<Document>, Vec<Claim>) {
    let examined = match xades::examine(xml.as_bytes()) {
        Ok(examined) => examined,
        Err(error) => {
            return (None, vec![Claim::with(Kind::Integrity, about, Status::Failed, romanian::of_signature(&error))]);
        }
    };
    let (ro, en) = ("documentul este așa cum a fost sigilat", "the document is as it was sealed");
    let mut claims = vec![Claim::proven(Kind::Integrity, about, ro, en).at(examined.signing_time_unix)];
    let seal = Seal {
        about,
        certificate: &examined.certificate,
        companions: &examined.certificates,
        signing_time: examined.signing_time_unix,
        proven_time: examined.time_stamp.as_ref().ok().and_then(|stamp| stamp.as_ref()).map(|stamp| stamp.time),
    };
    claims.extend(seal.judge(bench, uses).1);
    // Read from what the signature covers, never from what surrounds it.
    match Document::read(&examined.covered) {
        Ok(document) => (Some(document), claims),
        Err(error) => {
            let words = Words::new(format!("documentul sigilat nu se citește: {error}"), error.to_string());
            claims.push(Claim::with(Kind::Form, about, Status::Failed, words));
            (None, claims)
        }
    }
}
