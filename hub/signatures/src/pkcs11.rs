//! A signer whose key never leaves a hardware module: PKCS #11 (OASIS, version 2.40), behind the feature `pkcs11`.
//!
//! It may assume that the module's library can be trusted: it is loaded into this process. One session is kept open; when
//! the module loses it, it is opened again once for each signature. A wrong PIN is never tried twice, because modules lock
//! themselves after a few mistakes. A value that does not verify with the certificate is never handed out.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
pub use cryptoki::types::AuthPin;
use openssl::pkey::Id;

use crate::algorithm::{self, MIN_RSA_BITS, SignatureAlgorithm};
use crate::certificate::Certificate;
use crate::signer::{Signer, SignerError};

/// What is signed once at the start, to see whether key and certificate belong together.
const TRIAL: &[u8] = b"Punte asks whether this key belongs to this certificate";

/// Where a key is.
#[derive(Debug)]
pub struct KeyPlace {
    /// The module's library, such as `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: PathBuf,
    /// Which token of the module.
    pub token: TokenChoice,
    /// The user's PIN.
    pub pin: AuthPin,
    /// The label of the private key, which only one key may have.
    pub key_label: String,
}

/// How a token is found among those a module shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenChoice {
    /// By its label; it stays when the module numbers its slots anew.
    Label(String),
    /// By the number of its slot.
    Slot(u64),
}

/// A signer with a key in a hardware module.
pub struct Pkcs11Signer {
    context: Pkcs11,
    place: KeyPlace,
    algorithm: SignatureAlgorithm,
    chain: Vec<Certificate>,
    connection: Mutex<Connection>,
}

/// The road to the key.
enum Connection {
    Closed,
    Open {
        session: Session,
        key: ObjectHandle,
    },
    /// The module did not take the PIN: nothing is tried any more.
    Barred(String),
}

/// Why a step with the module did not go well.
enum Trouble {
    /// The session or the module is gone; a new session may help.
    Lost(String),
    /// A wrong or locked PIN.
    Pin(String),
    /// Anything else.
    Other(String),
}

impl Pkcs11Signer {
    /// Opens the module and the key, and signs once to see whether it belongs to the first certificate of the PEM chain.
    ///
    /// P-256 and P-384 keys sign with ECDSA, RSA keys of 2048 bits or more with PKCS #1 v1.5 and SHA-256.
    ///
    /// # Errors
    /// When chain or module cannot be used, the token or key is not there exactly once, the PIN is not taken, or key and
    /// certificate do not belong together.
    pub fn open(place: KeyPlace, chain_pem: &[u8]) -> Result<Pkcs11Signer, SignerError> {
        let chain = Certificate::all_from_pem(chain_pem)?;
        let key = chain[0].public_key();
        let algorithm = match (key.id(), algorithm::field_bytes(key)) {
            (Id::RSA, _) if key.bits() >= MIN_RSA_BITS => SignatureAlgorithm::RsaSha256,
            (Id::RSA, _) => return Err(SignerError::UnsuitableKey(format!("RSA of {} bits", key.bits()))),
            (_, Some(32)) => SignatureAlgorithm::EcdsaSha256,
            (_, Some(48)) => SignatureAlgorithm::EcdsaSha384,
            _ => return Err(SignerError::UnsuitableKey("of another kind".to_owned())),
        };
        let context = Pkcs11::new(&place.module)
            .map_err(|error| SignerError::Module(format!("loading {}: {error}", place.module.display())))?;
        let connection = Mutex::new(Connection::Closed);
        let signer = Pkcs11Signer { context, place, algorithm, chain, connection };
        let value = signer.raw_signature(TRIAL)?;
        if signer.fits(TRIAL, &value) {
            Ok(signer)
        } else {
            Err(SignerError::KeyMismatch { subject: signer.chain[0].subject().to_owned() })
        }
    }

    fn fits(&self, message: &[u8], value: &[u8]) -> bool {
        self.algorithm.verify(self.chain[0].public_key(), message, value)
    }

    /// Signs over the kept session, or over a new one when there is none or it was lost.
    fn raw_signature(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        // A panic while signing leaves at worst a lost session, which the next signature notices.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Connection::Open { session, key } = &*connection {
            match self.sign_over(session, *key, message) {
                Err(Trouble::Lost(_)) => *connection = Connection::Closed,
                answer => return answer.map_err(Trouble::into_error),
            }
        }
        if let Connection::Barred(why) = &*connection {
            return Err(SignerError::Module(format!("the PIN is not tried again: {why}")));
        }
        match self.connect() {
            Ok((session, key)) => {
                let answer = self.sign_over(&session, key, message);
                *connection = Connection::Open { session, key };
                answer.map_err(Trouble::into_error)
            }
            Err(Trouble::Pin(why)) => {
                *connection = Connection::Barred(why.clone());
                Err(SignerError::Module(why))
            }
            Err(trouble) => Err(trouble.into_error()),
        }
    }

    /// A new session with the key found in it.
    fn connect(&self) -> Result<(Session, ObjectHandle), Trouble> {
        match self.context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // Another signer of this process uses the same module.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(Trouble::of("starting the module", &error)),
        }
        let slot = self.slot()?;
        let session = self.context.open_ro_session(slot).map_err(|error| Trouble::of("opening a session", &error))?;
        match session.login(UserType::User, Some(&self.place.pin)) {
            // Sessions of one process share the log-in.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(Trouble::of("logging in", &error)),
        }
        let wanted =
            [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(self.place.key_label.clone().into())];
        let found = session.find_objects(&wanted).map_err(|error| Trouble::of("looking for the key", &error))?;
        match found[..] {
            [key] => Ok((session, key)),
            _ => {
                let label = &self.place.key_label;
                Err(Trouble::Other(format!("it has {} private keys labelled {label:?}, not exactly one", found.len())))
            }
        }
    }

    fn slot(&self) -> Result<Slot, Trouble> {
        let label = match &self.place.token {
            TokenChoice::Slot(number) => {
                let slot = Slot::try_from(*number);
                return slot.map_err(|_| Trouble::Other(format!("there is no slot {number} on this machine")));
            }
            TokenChoice::Label(label) => label,
        };
        let slots = self.context.get_slots_with_token().map_err(|error| Trouble::of("listing its tokens", &error))?;
        let is_ours =
            |slot: &Slot| self.context.get_token_info(*slot).is_ok_and(|info| info.label().trim_end() == label);
        let ours: Vec<Slot> = slots.into_iter().filter(is_ours).collect();
        match ours[..] {
            [slot] => Ok(slot),
            _ => Err(Trouble::Other(format!("it has {} tokens labelled {label:?}, not exactly one", ours.len()))),
        }
    }

    fn sign_over(&self, session: &Session, key: ObjectHandle, message: &[u8]) -> Result<Vec<u8>, Trouble> {
        let signed = if self.algorithm.is_rsa() {
            session.sign(&Mechanism::Sha256RsaPkcs, key, message)
        } else {
            // The module gives r || s in the width of the field, as XML Signature wants it (PKCS #11, section 2.3.1).
            session.sign(&Mechanism::Ecdsa, key, &self.algorithm.digest().digest(message))
        };
        signed.map_err(|error| Trouble::of("signing", &error))
    }
}

impl Signer for Pkcs11Signer {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn certificate_chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let value = self.raw_signature(message)?;
        let wrong = || SignerError::Module("it gave a value that is not a signature of its key".to_owned());
        if self.fits(message, &value) { Ok(value) } else { Err(wrong()) }
    }
}

impl std::fmt::Debug for Pkcs11Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let subject = self.chain[0].subject();
        formatter.debug_struct("Pkcs11Signer").field("subject", &subject).field("algorithm", &self.algorithm).finish()
    }
}

impl Trouble {
    fn of(attempt: &str, error: &Error) -> Trouble {
        let why = format!("{attempt}: {error}");
        match error {
            Error::Pkcs11(
                RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::CryptokiNotInitialized
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid,
                _,
            ) => Trouble::Lost(why),
            Error::Pkcs11(
                RvError::PinIncorrect
                | RvError::PinInvalid
                | RvError::PinLenRange
                | RvError::PinExpired
                | RvError::PinLocked,
                _,
            ) => Trouble::Pin(why),
            _ => Trouble::Other(why),
        }
    }

    fn into_error(self) -> SignerError {
        match self {
            Trouble::Lost(why) | Trouble::Pin(why) | Trouble::Other(why) => SignerError::Module(why),
        }
    }
}
