//! XAdES baseline seals over whole documents (ETSI EN 319 132-1, level B-B, with a signature time-stamp B-T, with
//! validation data B-LT).
//!
//! [`seal()`] writes, [`verify()`] reads; both speak about one enveloped signature that is the last child of the root.
//! Neither validates a schema nor interprets what the document says.

mod seal;
mod unsigned;
mod verify;

pub use seal::{SealError, seal, time_stamp_imprint};
pub(crate) use unsigned::time_stamp_property;
pub use unsigned::{Unsigned, attach, attach_time_stamp, without_unsigned};
pub use verify::{Examined, Verified, VerifyError, examine, verify};
pub(crate) use verify::{Properties, verify_signer};

/// `Type` of the reference to SignedProperties (EN 319 132-1, clause 4.4.2).
pub(crate) const SIGNED_PROPERTIES_TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";
