//! Reason codes (EN 319 522-3 V1.1.1, table 3; EN 319 522-2 V1.2.1, tables 7 to 12; EN 319 532-4, table C.28).

macro_rules! reasons {
    ($($name:ident $code:literal $segment:literal $ro:literal;)*) => {
        /// Why something happened or did not. The names are the standard's own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the names are the standard's own")]
        pub enum Reason { $($name,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Short code, for example `RA01`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Last segment of its URI. The spelling is the standard's, also where it is wrong.
            #[must_use]
            pub const fn segment(self) -> &'static str {
                match self { $(Self::$name => $segment,)* }
            }

            /// Meaning in Romanian.
            #[must_use]
            pub const fn in_romanian(self) -> &'static str {
                match self { $(Self::$name => $ro,)* }
            }
        }
    };
}

reasons! {
    MessageAccepted "RA01" "MessageAccepted" "Mesajul a fost acceptat";
    InvalidMessageFormat "RA02" "InvalidMessageFormat" "Mesajul nu are forma cerută";
    MalwareFound "RA03" "MalwareFound" "Mesajul conține un program dăunător";
    SenderSigningCertExpiredOrRevoked "RA04" "SenderSigningCertExpiredOrRevoked" "Certificatul de semnare al expeditorului este expirat sau revocat";
    SenderPolicyViolation "RA05" "S_ERDS_PolicyViolation" "Mesajul încalcă regulile serviciului";
    SubmissionOther "RAXX" "Other" "Alt motiv, arătat în detalii";
    MessageSuccessfullyRelayed "RB01" "S_ERDS_MessageSuccessfullyRelayed" "Mesajul a fost preluat de serviciul destinatarului";
    RelayRejectedForFormat "RB02" "R_ERDS_MessageRejected" "Serviciul destinatarului a respins mesajul: forma nu este cea cerută";
    RelayRejectedForMalware "RB03" "R_ERDS_MessageRejectedForMalware" "Serviciul destinatarului a respins mesajul: conține un program dăunător";
    RelayRejectedForSignature "RB04" "R_ERDS_MessageRejectedForInvalidSignature" "Serviciul destinatarului a respins mesajul: semnătura nu se verifică";
    RelayRejectedForCertificate "RB05" "R_ERDS_MessageRejectedForInvalidCertificate" "Serviciul destinatarului a respins mesajul: certificatul este expirat sau revocat";
    RecipientPolicyViolation "RB06" "R_ERDS_PolicyViolation" "Mesajul încalcă regulile serviciului destinatarului";
    RecipientServiceMalfunction "RB07" "R_ERDS_Malfunction" "Serviciul destinatarului nu a putut prelucra mesajul";
    RecipientServiceNotIdentified "RB08" "R_ERDS_NotIdentified" "Serviciul destinatarului nu a putut fi identificat";
    RecipientServiceUnreachable "RB09" "R_ERDS_Unreachable" "Serviciul destinatarului nu răspunde";
    UnknownRecipient "RB10" "UnknownRecipient" "Destinatarul nu este cunoscut";
    RelayRefusedForUnregisteredRecipient "RB21" "MessageNotAcceptedForUnregisteredRecipient" "Destinatarul nu este înregistrat la serviciul care a primit mesajul";
    NoRelayAcceptanceInTime "RB22" "S_ERDSP_ReceivedNoRelayAcceptanceInfoFromR_ERDSP" "Serviciul destinatarului nu a confirmat preluarea în termen";
    RelayOther "RBXX" "Other" "Alt motiv, arătat în detalii";
    NotificationForAcceptanceSent "RC01" "NotificationForAcceptanceSent" "Înștiințarea pentru acceptare a fost trimisă";
    SubsequentNotificationForAcceptanceSent "RC02" "SubsequentNotificationForAcceptanceSent" "Înștiințarea pentru acceptare a fost trimisă din nou";
    NotificationForAcceptanceError "RC03" "NotificationForAcceptenceError" "Înștiințarea pentru acceptare nu a putut fi trimisă";
    SubsequentNotificationForAcceptanceError "RC04" "SubsequentNotificationForAcceptanceError" "Înștiințarea repetată nu a putut fi trimisă";
    NotificationForAcceptanceMultipleError "RC05" "NotificationForAcceptanceMultipleError" "Înștiințarea pentru acceptare nu a putut fi trimisă după mai multe încercări";
    SubsequentNotificationForAcceptanceMultipleError "RC06" "SubsequentNotificationForAcceptanceMultipleError" "Înștiințarea repetată nu a putut fi trimisă după mai multe încercări";
    MessageAcceptedByRecipient "RC07" "MessageAcceptedByRecipient" "Destinatarul a acceptat mesajul";
    MessageRejectedByRecipient "RC08" "MessageRejectedByRecipient" "Destinatarul a respins mesajul";
    MessageNotAcceptedInTimeByRecipient "RC09" "MessageNotAcceptedInTimeByRecipient" "Destinatarul nu a acceptat mesajul în termen";
    ConsentOther "RCXX" "Other" "Alt motiv, arătat în detalii";
    MessageConsignedToRecipient "RD01" "MessageConsignedToRecipient" "Mesajul a fost pus la dispoziția destinatarului";
    MessageConsignedToDelegate "RD02" "MessageConsignedToDelegate" "Mesajul a fost pus la dispoziția împuternicitului destinatarului";
    NoDeliveryInformationInTime "RD03" "S_ERDSP_ReceivedNoDeliveryInfoFromR_ERDSP" "Serviciul destinatarului nu a transmis în termen ce s-a întâmplat cu mesajul";
    MessageNotConsignedForQuota "RD04" "MessageNotConsignedForQuota" "Destinatarul nu mai are loc";
    MessageNotConsignedForMalfunction "RD05" "MessageNotConsignedForMalfunction" "Mesajul nu a putut fi pregătit pentru destinatar";
    MessageNotConsignedForUnallowedType "RD06" "MessageNotConsignedForUnallowedType" "Destinatarul nu primește acest fel de mesaj";
    MessageNotConsignedForUnregisteredRecipient "RD21" "MessageNotConsignedForUnregisteredRecipient" "Destinatarul nu are o unitate competentă înregistrată";
    ConsignmentOther "RDXX" "Other" "Alt motiv, arătat în detalii";
    MessageHandedOver "RE01" "MessageHandedOver" "Mesajul a fost predat destinatarului";
    MessageHandedOverToDelegate "RE02" "MessageHandedOverToDelegate" "Mesajul a fost predat împuternicitului destinatarului";
    MessageNotHandedOverForUnallowedType "RE03" "MessageNotHandedOverForUnallowedType" "Sistemul destinatarului nu primește acest fel de mesaj";
    MessageHandoverTimeout "RE04" "MessageHandoverTimeout" "Mesajul nu a fost predat în termen";
    HandoverOther "REXX" "Other" "Mesajul a fost refuzat de destinatar; motivul este arătat în detalii";
    MessageRelayedToNonErds "RF01" "MessageRelayedToNonERDS" "Mesajul a fost transmis în afara serviciului";
    ExternalSystemUnreachable "RF02" "ExternalSystemUnreachable" "Sistemul extern nu răspunde";
    MessageRejectedByExternalSystem "RF03" "MessageRejectedByExternalSystem" "Sistemul extern a respins mesajul";
    MessageReceivedFromNonErds "RF04" "MessageReceivedFromNonERDS" "Mesajul a fost primit dintr-un sistem extern";
    OutsideOther "RFXX" "Other" "Alt motiv, arătat în detalii";
}

/// A reason and what the other side said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasoned {
    /// The code.
    pub reason: Reason,
    /// Detail in words, without personal data.
    pub detail: Option<String>,
}

impl From<Reason> for Reasoned {
    fn from(reason: Reason) -> Self {
        Self { reason, detail: None }
    }
}
