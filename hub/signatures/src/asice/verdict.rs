//! What is known about a package after it was judged: the words of the verdict. Nothing is judged here.

use crate::algorithm::SignatureAlgorithm;
use crate::certificate::Certificate;
use crate::digest;
use crate::dsig::DsigError;
use crate::time_stamp::{TimeStamp, TimeStampError};
use crate::tree::TreeError;
use crate::trust::Trusted;
use crate::xades::VerifyError;

/// What is known about a package.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The sender's files in the order of the container, covered or not.
    pub files: Vec<FileVerdict>,
    /// Every signature that was found, good or not.
    pub signatures: Vec<SignatureVerdict>,
    /// Every stamped list that was found, good or not.
    pub time_stamps: Vec<TimeStampVerdict>,
    /// What `META-INF/manifest.xml` says wrongly, when it is there. It is unsigned: nothing else rests on it.
    pub manifest_problem: Option<String>,
    /// Entries of META-INF that were not judged, such as CAdES signatures and evidence records: they prove nothing here.
    pub unchecked: Vec<String>,
}

/// What is known about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVerdict {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub size: usize,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its media type as the first good signature over it says.
    pub media_type: Option<String>,
    /// The signatures and stamped lists that speak about it.
    pub coverings: Vec<Covering>,
}

/// One signature or stamped list that speaks about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The entry in META-INF that holds it.
    pub by: String,
    /// Whether the file has the digest that is written there.
    pub unchanged: bool,
    /// Whether the signature or time-stamp is good as a whole.
    pub good: bool,
}

/// One signature.
#[derive(Debug, Clone)]
pub struct SignatureVerdict {
    /// The entry in META-INF that holds it.
    pub entry: String,
    /// Who signed and when, or why it is not accepted.
    pub outcome: Result<Signed, SignatureProblem>,
}

/// One stamped list of files (`META-INF/ASiCManifest*.xml` with its token).
#[derive(Debug, Clone)]
pub struct TimeStampVerdict {
    /// The entry in META-INF that holds the list.
    pub entry: String,
    /// The time-stamp, or why it is not accepted.
    pub outcome: Result<TimeStamp, SignatureProblem>,
}

/// A signature that holds.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The signer's certificate.
    pub certificate: Certificate,
    /// Every certificate of KeyInfo, in its order.
    pub certificates: Vec<Certificate>,
    /// What is known about that certificate.
    pub trusted: Trusted,
    /// The signature algorithm.
    pub algorithm: SignatureAlgorithm,
    /// `SigningTime` as the signer wrote it (`xs:dateTime`): a claim of the signer.
    pub signing_time: String,
    /// `SigningTime` in Unix seconds.
    pub signing_time_unix: i64,
    /// The earliest signature time-stamp, when there is one.
    pub time_stamp: Option<TimeStamp>,
}

/// Why a signature or a stamped list is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignatureProblem {
    /// The entry is not acceptable XML.
    #[error(transparent)]
    Document(#[from] TreeError),
    /// The entry is not a list of signatures, or of stamped files.
    #[error("the entry is not built as ASiC says: {0}")]
    Structure(String),
    /// The signature itself is wrong, or its signer is not believed.
    #[error(transparent)]
    Signature(#[from] VerifyError),
    /// It refers to something that is not in the package.
    #[error("it covers {0:?}, which is not in the package")]
    NotInPackage(String),
    /// It refers to one file twice.
    #[error("it covers {0:?} twice")]
    Repeated(String),
    /// A file was changed after it was signed or stamped.
    #[error("{0:?} was changed: its digest is not the one that was signed or stamped")]
    Changed(String),
    /// The time-stamp token is wrong, missing, or its authority is not believed.
    #[error(transparent)]
    TimeStamp(#[from] TimeStampError),
}

impl From<DsigError> for SignatureProblem {
    fn from(error: DsigError) -> SignatureProblem {
        SignatureProblem::Signature(error.into())
    }
}

impl Verdict {
    /// Whether everything is right: there are files, each is covered, and no signature, time-stamp or list is wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.files.is_empty()
            && self.files.iter().all(FileVerdict::is_covered)
            && self.signatures.iter().all(|signature| signature.outcome.is_ok())
            && self.time_stamps.iter().all(|time_stamp| time_stamp.outcome.is_ok())
            && self.manifest_problem.is_none()
    }

    /// The files that no good signature or time-stamp covers.
    pub fn uncovered(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|file| !file.is_covered()).map(|file| file.name.as_str())
    }
}

impl FileVerdict {
    pub(super) fn unjudged(name: &str, content: &[u8]) -> FileVerdict {
        let (size, sha256) = (content.len(), digest::sha256(content));
        FileVerdict { name: name.to_owned(), size, sha256, media_type: None, coverings: Vec::new() }
    }

    /// Whether a good signature or time-stamp covers the file as it is, and none says that it was changed.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.coverings.iter().any(|covering| covering.good) && self.coverings.iter().all(|covering| covering.unchanged)
    }
}
