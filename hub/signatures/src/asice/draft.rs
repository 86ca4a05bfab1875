//! A package in the making: files, then signatures and time-stamps in any number and order, then bytes.
//!
//! It may assume nothing about names and media types: they are checked first. A file is never changed once it is in.

use std::borrow::Cow;

use super::name::{self, NameProblem};
use super::signature::{self, Signable};
use super::{Container, MANIFEST, MAX_FILES, MEDIA_TYPE, META_INF, MIMETYPE, is_data, manifest, stamp, zip};
use crate::canonical::CanonicalError;
use crate::digest;
use crate::signer::{Signer, SignerError};
use crate::time_stamp::{TimeStamp, TimeStampError};
use crate::trust::Trust;

/// The media type of a file about which nothing is said.
const UNKNOWN_TYPE: &str = "application/octet-stream";
/// Longest media type in bytes.
const LONGEST_TYPE: usize = 255;

/// A file to pack.
#[derive(Debug, Clone, Copy)]
pub struct DataFile<'f> {
    /// Its name, with `/` between folders.
    pub name: &'f str,
    /// Its media type; it is signed too.
    pub media_type: &'f str,
    /// Its bytes.
    pub content: &'f [u8],
}

/// Why a package could not be written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError {
    /// There is nothing to pack, or too much.
    #[error("a package holds 1 to {MAX_FILES} files, here there are {0}")]
    FileCount(usize),
    /// A name is not accepted.
    #[error("a package cannot hold a file named {name:?}: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: NameProblem,
    },
    /// A name that the format keeps for itself (EN 319 162-1, annex A.1).
    #[error("a package cannot hold a file named {0:?}: the name is kept for the package itself")]
    ReservedName(String),
    /// A media type is not one.
    #[error("the media type {0:?} is not one, like text/plain")]
    MediaType(String),
    /// A text holds a character that XML cannot carry.
    #[error(transparent)]
    Character(#[from] CanonicalError),
    /// The signing time is not `xs:dateTime` in UTC.
    #[error("the signing time {0:?} is not a date and time in UTC that ends in Z")]
    SigningTime(String),
    /// The signer refused.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The token is not one over what has to be stamped now.
    #[error("the time-stamp does not belong to this package as it is now: {0}")]
    TimeStamp(#[from] TimeStampError),
    /// There is no signature of this program that waits for its time-stamp.
    #[error("the package has no signature of this program that waits for its time-stamp")]
    NotSigned,
    /// The package would be larger than zip without its extensions can be.
    #[error("a package cannot be larger than 4 GiB")]
    TooLarge,
}

/// A package in the making.
#[derive(Debug, Clone)]
pub struct Draft<'f> {
    files: Vec<File<'f>>,
    /// Signatures, lists and tokens, in the order they were added.
    evidence: Vec<(String, Cow<'f, [u8]>)>,
}

#[derive(Debug, Clone)]
struct File<'f> {
    name: String,
    media_type: String,
    content: Cow<'f, [u8]>,
    sha256: [u8; 32],
}

impl<'f> Draft<'f> {
    /// A package of these files, in this order.
    ///
    /// # Errors
    /// When there are none or too many, or a name or media type is not acceptable.
    pub fn new(files: &[DataFile<'f>]) -> Result<Draft<'f>, WriteError> {
        if files.is_empty() || files.len() > MAX_FILES {
            return Err(WriteError::FileCount(files.len()));
        }
        let refuse = |name: &str, problem| WriteError::Name { name: name.to_owned(), problem };
        for file in files {
            name::check(file.name).map_err(|problem| refuse(file.name, problem))?;
            let first = file.name.split('/').next().unwrap_or_default();
            if ["mimetype", "meta-inf"].contains(&first.to_lowercase().as_str()) {
                return Err(WriteError::ReservedName(file.name.to_owned()));
            }
            if !is_media_type(file.media_type) {
                return Err(WriteError::MediaType(file.media_type.to_owned()));
            }
        }
        name::check_all(files.iter().map(|file| file.name)).map_err(|(name, problem)| refuse(name, problem))?;
        let files = files.iter().map(|file| {
            let (name, media_type) = (file.name.to_owned(), file.media_type.to_owned());
            File { name, media_type, content: Cow::Borrowed(file.content), sha256: digest::sha256(file.content) }
        });
        Ok(Draft { files: files.collect(), evidence: Vec::new() })
    }

    /// The package again, so that somebody else can sign it too. Its files and what lies in META-INF stay as they are;
    /// media types come from its list. Nothing is verified.
    #[must_use]
    pub fn reopen(container: Container<'f>) -> Draft<'f> {
        let listed = container.entry(MANIFEST).and_then(|xml| manifest::read(xml).ok()).unwrap_or_default();
        let (mut files, mut evidence) = (Vec::new(), Vec::new());
        for (name, content) in container.take() {
            if is_data(&name) {
                let media_type = listed.get(&name).filter(|told| is_media_type(told)).cloned();
                let media_type = media_type.unwrap_or_else(|| UNKNOWN_TYPE.to_owned());
                let sha256 = digest::sha256(&content);
                files.push(File { name, media_type, content, sha256 });
            } else if name != MIMETYPE && name != MANIFEST {
                evidence.push((name, content));
            }
        }
        Draft { files, evidence }
    }

    /// The same package, owning its files, so that it can wait for a time-stamp longer than who lent them.
    #[must_use]
    pub fn into_owned(self) -> Draft<'static> {
        let files = self.files.into_iter().map(|file| {
            let File { name, media_type, content, sha256 } = file;
            File { name, media_type, content: Cow::Owned(content.into_owned()), sha256 }
        });
        let evidence = self.evidence.into_iter().map(|(name, content)| (name, Cow::Owned(content.into_owned())));
        Draft { files: files.collect(), evidence: evidence.collect() }
    }

    /// Adds a signature of its own over all files: XAdES baseline B-B, detached, in `META-INF/signatures*.xml`.
    ///
    /// `signing_time` is an `xs:dateTime` in UTC ending in `Z`.
    ///
    /// # Errors
    /// When the time is not one, or the signer refuses.
    pub fn sign(&mut self, signer: &dyn Signer, signing_time: &str) -> Result<(), WriteError> {
        let files: Vec<_> = self.files.iter().map(File::signable).collect();
        let signature = signature::write(&files, signer, signing_time)?;
        let name = self.free_name("signatures", ".xml");
        self.evidence.push((name, Cow::Owned(signature)));
        Ok(())
    }

    /// SHA-256 of what a signature time-stamp on the last signature covers: its canonical `ds:SignatureValue` element
    /// (EN 319 132-1, clause 5.3). This is the message imprint to send to the time-stamping authority.
    ///
    /// # Errors
    /// When there is no signature by [`Draft::sign`], or it has its time-stamp already.
    pub fn signature_imprint(&self) -> Result<[u8; 32], WriteError> {
        Ok(digest::sha256(signature::time_stamped(&self.last_signature()?.1).ok_or(WriteError::NotSigned)?.as_bytes()))
    }

    /// Adds a signature time-stamp token (DER of the CMS ContentInfo of RFC 3161) over [`Draft::signature_imprint`] to
    /// the last signature, which becomes XAdES baseline B-T.
    ///
    /// # Errors
    /// When there is no signature by [`Draft::sign`], it has its time-stamp already, or the token is not one over it. Who
    /// stamped is not judged here.
    pub fn attach_signature_time_stamp(&mut self, token: &[u8]) -> Result<(), WriteError> {
        let (name, signature) = self.last_signature()?;
        let stamped = signature::time_stamped(signature).ok_or(WriteError::NotSigned)?;
        TimeStamp::verify(token, stamped.as_bytes(), &Trust::IntegrityOnly)?;
        let with_stamp = signature::with_time_stamp(signature, token).ok_or(WriteError::NotSigned)?;
        let name = name.clone();
        let entry = self.evidence.iter_mut().find(|(known, _)| *known == name).expect("it was found a moment ago");
        entry.1 = Cow::Owned(with_stamp);
        Ok(())
    }

    fn last_signature(&self) -> Result<&(String, Cow<'f, [u8]>), WriteError> {
        let last = self.evidence.last().filter(|(name, _)| name.contains("signatures"));
        last.ok_or(WriteError::NotSigned)
    }

    /// SHA-256 of the list that a time-stamp over the package as it is now must cover: all files and all signatures.
    /// This is the message imprint to send to the time-stamping authority.
    ///
    /// # Errors
    /// When a name or media type holds a character that XML cannot carry.
    pub fn time_stamp_imprint(&self) -> Result<[u8; 32], WriteError> {
        Ok(digest::sha256(&self.stamp_manifest()?.1))
    }

    /// Adds a time-stamp token (DER of the CMS ContentInfo of RFC 3161) over [`Draft::time_stamp_imprint`]:
    /// `META-INF/ASiCManifest*.xml` and `META-INF/timestamp*.tst`.
    ///
    /// # Errors
    /// When the token is not one over this package as it is now. Who stamped is not judged here.
    pub fn attach_time_stamp(&mut self, token: &[u8]) -> Result<(), WriteError> {
        let (token_name, manifest) = self.stamp_manifest()?;
        TimeStamp::verify(token, &manifest, &Trust::IntegrityOnly)?;
        let name = self.free_name("ASiCManifest", ".xml");
        self.evidence.push((name, Cow::Owned(manifest)));
        self.evidence.push((token_name, Cow::Owned(token.to_vec())));
        Ok(())
    }

    /// The package. The same files, signatures and tokens make the same bytes.
    ///
    /// # Errors
    /// When it would be larger than 4 GiB, or a name or media type holds a character that XML cannot carry.
    pub fn finish(&self) -> Result<Vec<u8>, WriteError> {
        let listed = self.files.iter().map(|file| (file.name.as_str(), file.media_type.as_str()));
        let manifest = manifest::write(listed)?;
        let mut entries = vec![(MIMETYPE, MEDIA_TYPE.as_bytes())];
        entries.extend(self.files.iter().map(|file| (file.name.as_str(), &*file.content)));
        entries.push((MANIFEST, &manifest));
        entries.extend(self.evidence.iter().map(|(name, content)| (name.as_str(), &**content)));
        zip::write(&entries).ok_or(WriteError::TooLarge)
    }

    /// The name of the next token and the list it has to cover.
    fn stamp_manifest(&self) -> Result<(String, Vec<u8>), WriteError> {
        let token = self.free_name("timestamp", ".tst");
        let mut entries: Vec<_> = self.files.iter().map(File::signable).collect();
        for (name, content) in &self.evidence {
            let media_type = if name.ends_with(".xml") { "text/xml" } else { UNKNOWN_TYPE };
            entries.push(Signable { name, media_type, sha256: digest::sha256(content) });
        }
        let manifest = stamp::write(&token, &entries)?;
        Ok((token, manifest))
    }

    /// The first of `META-INF/<start>001<end>`, `…002…` that is not taken.
    fn free_name(&self, start: &str, end: &str) -> String {
        let taken = |name: &str| self.evidence.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut number = 1;
        loop {
            let name = format!("{META_INF}{start}{number:03}{end}");
            if !taken(&name) {
                return name;
            }
            number += 1;
        }
    }
}

impl File<'_> {
    fn signable(&self) -> Signable<'_> {
        Signable { name: &self.name, media_type: &self.media_type, sha256: self.sha256 }
    }
}

/// Whether a text looks like a media type: printable ASCII with a type and a subtype.
fn is_media_type(text: &str) -> bool {
    let parts = text.split_once('/');
    let printable = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    text.len() <= LONGEST_TYPE && printable && parts.is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty())
}
