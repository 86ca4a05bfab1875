//! The authorities of client certificates and their revocation lists.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use openssl::error::ErrorStack;
use openssl::ssl::SslFiletype;
use openssl::stack::Stack;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{CrlStatus, X509, X509Crl, X509Name, X509PurposeId, X509Ref, X509StoreContext};

/// Longest chain that is looked at, in certificates.
const LONGEST_CHAIN: usize = 5;

/// Why a client certificate is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    /// No path leads to an authority, or its time is over, or it is revoked: OpenSSL's words.
    #[error("{0}")]
    Refused(String),
    /// The chain is longer than anybody needs.
    #[error("the chain is longer than {LONGEST_CHAIN} certificates")]
    TooLong,
    /// OpenSSL cannot work on it.
    #[error("the certificate cannot be worked on: {0}")]
    Unusable(String),
}

impl From<ErrorStack> for Unbelievable {
    fn from(error: ErrorStack) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Authorities and lists.
pub struct Anchors {
    roots: Vec<X509>,
    lists: Vec<X509Crl>,
    files: Vec<(PathBuf, bool)>,
}

impl Anchors {
    /// Reads them.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn read(roots: &Path, revocation: &[PathBuf]) -> anyhow::Result<Self> {
        let pem = std::fs::read(roots).with_context(|| format!("{} cannot be read", roots.display()))?;
        let found = X509::stack_from_pem(&pem).with_context(|| format!("{} is no PEM file", roots.display()))?;
        if found.is_empty() {
            bail!("{} holds no certificate", roots.display());
        }
        let (mut lists, mut files) = (Vec::new(), Vec::new());
        for path in revocation {
            let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            let is_pem = bytes.starts_with(b"-----");
            let wrong = || format!("{} is no revocation list", path.display());
            if is_pem {
                let text = std::str::from_utf8(&bytes).with_context(wrong)?;
                for one in text.split_inclusive("-----END X509 CRL-----").filter(|one| !one.trim().is_empty()) {
                    lists.push(X509Crl::from_pem(one.as_bytes()).with_context(wrong)?);
                }
            } else {
                lists.push(X509Crl::from_der(&bytes).with_context(wrong)?);
            }
            files.push((path.clone(), is_pem));
        }
        Ok(Self { roots: found, lists, files })
    }

    /// The names a handshake asks for.
    ///
    /// # Errors
    /// OpenSSL has no memory.
    pub(super) fn names(&self) -> Result<Stack<X509Name>, ErrorStack> {
        let mut names = Stack::new()?;
        for root in &self.roots {
            names.push(root.subject_name().to_owned()?)?;
        }
        Ok(names)
    }

    /// A store for verifying client certificates in handshakes.
    ///
    /// # Errors
    /// A list cannot be read any more.
    pub(super) fn store(&self) -> anyhow::Result<X509Store> {
        self.store_with(X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL)
    }

    /// Verifies a certificate that somebody else saw in a handshake.
    ///
    /// # Errors
    /// It is not believed.
    pub fn verify(&self, certificate: &X509Ref, above: &[X509]) -> Result<(), Unbelievable> {
        if above.len() >= LONGEST_CHAIN {
            return Err(Unbelievable::TooLong);
        }
        // Lists of the client's issuer alone are asked for: here no callback can forgive the others.
        let store = self
            .store_with(X509VerifyFlags::CRL_CHECK)
            .map_err(|error| Unbelievable::Unusable(format!("{error:#}")))?;
        let mut chain = Stack::new()?;
        for one in above {
            chain.push(one.clone())?;
        }
        let mut context = X509StoreContext::new()?;
        let (believed, why) =
            context.init(&store, certificate, &chain, |context| Ok((context.verify_cert()?, context.error())))?;
        if !believed {
            return Err(Unbelievable::Refused(why.error_string().to_owned()));
        }
        if let Some(revoked) = above.iter().find(|one| self.revokes(one)) {
            return Err(Unbelievable::Refused(format!("{:?} is revoked", revoked.subject_name())));
        }
        Ok(())
    }

    /// Whether a list names the certificate.
    #[must_use]
    pub fn revokes(&self, certificate: &X509) -> bool {
        let issuer = certificate.issuer_name();
        self.lists.iter().any(|list| {
            let same = list.issuer_name().try_cmp(issuer).is_ok_and(std::cmp::Ordering::is_eq);
            same && matches!(list.get_by_cert(certificate), CrlStatus::Revoked(_))
        })
    }

    fn store_with(&self, lists_asked: X509VerifyFlags) -> anyhow::Result<X509Store> {
        let mut store = X509StoreBuilder::new()?;
        for root in &self.roots {
            store.add_cert(root.clone())?;
        }
        store.set_purpose(X509PurposeId::SSL_CLIENT)?;
        if !self.files.is_empty() {
            let lookup = store.add_lookup(X509Lookup::file())?;
            for (path, is_pem) in &self.files {
                let kind = if *is_pem { SslFiletype::PEM } else { SslFiletype::ASN1 };
                lookup.load_crl_file(path, kind).with_context(|| format!("{} cannot be read", path.display()))?;
            }
            store.set_flags(lists_asked)?;
        }
        Ok(store.build())
    }
}
