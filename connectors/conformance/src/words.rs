//! What a connector said, in words for whoever mends the folder.

use std::time::Duration;

use connectors_contract::{Answer, Inquiry, Outcome};

/// What a sending came to.
pub(crate) fn sent(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered { receipt: Some(receipt) } => format!("livrat, cu recipisa {receipt}"),
        Outcome::Delivered { receipt: None } => "livrat, fără recipisă".to_owned(),
        Outcome::Attested { .. } => "livrat, cu dovada altui serviciu".to_owned(),
        Outcome::Refused { code, reason } => format!("refuzat ({code}: {reason})"),
        Outcome::Unavailable { reason, retry_after } => format!("indisponibil{} ({reason})", after(*retry_after)),
        Outcome::Unknown { reason } => format!("necunoscut ({reason})"),
    }
}

/// What an inquiry came to.
pub(crate) fn inquired(inquiry: &Inquiry) -> String {
    match inquiry {
        Inquiry::Present { receipt: Some(receipt) } => format!("„există”, cu recipisa {receipt}"),
        Inquiry::Present { receipt: None } => "„există”".to_owned(),
        Inquiry::Absent => "„nu există”".to_owned(),
        Inquiry::Refused { code, reason } => format!("„refuzat” ({code}: {reason})"),
        Inquiry::Unanswered { reason, retry_after } => format!("„fără răspuns”{} ({reason})", after(*retry_after)),
    }
}

/// What a lookup came to.
pub(crate) fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Found { .. } => "„găsit”".to_owned(),
        Answer::Absent => "„nu există”".to_owned(),
        Answer::Pending { .. } => "„în lucru”".to_owned(),
        Answer::Refused { code, reason } => format!("„refuzat” ({code}: {reason})"),
        Answer::Unavailable { reason, retry_after } => format!("„indisponibil”{} ({reason})", after(*retry_after)),
    }
}

fn after(time: Option<Duration>) -> String {
    time.map_or_else(String::new, |time| format!(", de revenit după {} s", time.as_secs()))
}
