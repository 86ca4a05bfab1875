//! The reason codes of EN 319 522-2 V1.2.1 (tables 7 to 12), of the REM baseline (EN 319 532-4, table C.28: RB21, RB22, RD21)
//! and of the Italian REM policy (RA51, RF51). A code that is not here is printed as it came, never refused.

use crate::event::Event;

/// Short code and last segment of the URI.
pub const CODES: [(&str, &str); 50] = [
    ("RA01", "MessageAccepted"),
    ("RA02", "InvalidMessageFormat"),
    ("RA03", "MalwareFound"),
    ("RA04", "SenderSigningCertExpiredOrRevoked"),
    ("RA05", "S_ERDS_PolicyViolation"),
    ("RA51", "S_ERDS_Malfunction"),
    ("RB01", "S_ERDS_MessageSuccessfullyRelayed"),
    ("RB02", "R_ERDS_MessageRejected"),
    ("RB03", "R_ERDS_MessageRejectedForMalware"),
    ("RB04", "R_ERDS_MessageRejectedForInvalidSignature"),
    ("RB05", "R_ERDS_MessageRejectedForInvalidCertificate"),
    ("RB06", "R_ERDS_PolicyViolation"),
    ("RB07", "R_ERDS_Malfunction"),
    ("RB08", "R_ERDS_NotIdentified"),
    ("RB09", "R_ERDS_Unreachable"),
    ("RB10", "UnknownRecipient"),
    ("RB21", "MessageNotAcceptedForUnregisteredRecipient"),
    ("RB22", "S_ERDSP_ReceivedNoRelayAcceptanceInfoFromR_ERDSP"),
    ("RC01", "NotificationForAcceptanceSent"),
    ("RC02", "SubsequentNotificationForAcceptanceSent"),
    // The standard's own spelling.
    ("RC03", "NotificationForAcceptenceError"),
    ("RC04", "SubsequentNotificationForAcceptanceError"),
    ("RC05", "NotificationForAcceptanceMultipleError"),
    ("RC06", "SubsequentNotificationForAcceptanceMultipleError"),
    ("RC07", "MessageAcceptedByRecipient"),
    ("RC08", "MessageRejectedByRecipient"),
    ("RC09", "MessageNotAcceptedInTimeByRecipient"),
    ("RD01", "MessageConsignedToRecipient"),
    ("RD02", "MessageConsignedToDelegate"),
    ("RD03", "S_ERDSP_ReceivedNoDeliveryInfoFromR_ERDSP"),
    ("RD04", "MessageNotConsignedForQuota"),
    ("RD05", "MessageNotConsignedForMalfunction"),
    ("RD06", "MessageNotConsignedForUnallowedType"),
    ("RD21", "MessageNotConsignedForUnregisteredRecipient"),
    ("RE01", "MessageHandedOver"),
    ("RE02", "MessageHandedOverToDelegate"),
    ("RE03", "MessageNotHandedOverForUnallowedType"),
    ("RE04", "MessageHandoverTimeout"),
    ("RF01", "MessageRelayedToNonERDS"),
    ("RF02", "ExternalSystemUnreachable"),
    ("RF03", "MessageRejectedByExternalSystem"),
    ("RF04", "MessageReceivedFromNonERDS"),
    ("RF51", "RelayToNonERDSNotAllowed"),
    ("RAXX", "Other"),
    ("RBXX", "Other"),
    ("RCXX", "Other"),
    ("RDXX", "Other"),
    ("REXX", "Other"),
    ("RFXX", "Other"),
    // The spelling one would expect of RC03; accepted, never shown.
    ("RC03", "NotificationForAcceptanceError"),
];

/// The short code of a reason given as code, name or URI; `None` for one that no table has.
#[must_use]
pub fn code(given: &str, event: Event) -> Option<&'static str> {
    let last = given.trim().rsplit('/').next().unwrap_or(given);
    if last == "Other" {
        // One name for six codes: the event says which.
        return CODES
            .iter()
            .map(|(code, _)| *code)
            .find(|code| code.ends_with("XX") && code.as_bytes()[1] == event.group() as u8);
    }
    CODES.iter().find(|(code, name)| *code == last || *name == last).map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_known_by_code_name_and_uri_and_other_belongs_to_its_event() {
        let event = Event::ContentHandoverFailure;
        for given in ["RE04", "MessageHandoverTimeout", "http://uri.etsi.org/19522/EventReason/MessageHandoverTimeout"]
        {
            assert_eq!(code(given, event), Some("RE04"));
        }
        assert_eq!(code("http://uri.etsi.org/19522/EventReason/Other", event), Some("REXX"));
        assert_eq!(code("Other", Event::SubmissionRejection), Some("RAXX"));
        assert_eq!(code("NotificationForAcceptanceError", event), Some("RC03"));
        assert_eq!(code("https://example.test/reasons/own", event), None);
    }
}
