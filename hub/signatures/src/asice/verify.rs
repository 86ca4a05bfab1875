//! Judges a package: who signed, who stamped, and for every file what covers it and whether it is unchanged.
//!
//! Every signature and every stamped list is judged on its own, so that one wrong signature hides nothing about the
//! others. Nothing is taken from META-INF but what a signature or a token proves; what cannot be judged is named.

use std::collections::HashMap;

use roxmltree::Node;

use super::stamp::{self, StampManifest};
use super::verdict::{Covering, FileVerdict, SignatureProblem, SignatureVerdict, Signed, TimeStampVerdict, Verdict};
use super::{ASIC_NAMESPACE, Container, MANIFEST, MAX_FILES, META_INF, is_data, manifest, name};
use crate::c14n::Algorithm;
use crate::digest::{self, DigestAlgorithm};
use crate::dsig::{DsigError, Signature, Target, TransformKind, text_of};
use crate::time_stamp::TimeStamp;
use crate::tree::{Limits, Tree};
use crate::trust::Trust;
use crate::xades::{Properties, SIGNED_PROPERTIES_TYPE, VerifyError, verify_signer};
use crate::{DSIG_NAMESPACE, XADES_NAMESPACE};

/// Most signatures and stamped lists that are judged; further ones are named as unchecked.
const MAX_PROOFS: usize = 64;

impl Container<'_> {
    /// Judges every signature and every stamped list.
    ///
    /// A signer's certificate is checked against `trust` at the time of its signature time-stamp, or at SigningTime when
    /// there is none; time-stamping authorities against `time_stamp_trust` at their own time. Revocation is not checked.
    #[must_use]
    pub fn verify(&self, trust: &Trust, time_stamp_trust: &Trust) -> Verdict {
        let files: Vec<FileVerdict> =
            self.files().map(|(name, content)| FileVerdict::unjudged(name, content)).collect();
        let known = |file: &FileVerdict| ((file.name.clone(), DigestAlgorithm::Sha256 as u8), file.sha256.to_vec());
        let digests = files.iter().map(known).collect();
        let mut judge = Judge { container: self, trust, time_stamp_trust, digests, files };
        let (mut signatures, mut time_stamps, mut unchecked) = (Vec::new(), Vec::new(), Vec::new());
        let mut tokens = Vec::new();
        for (entry, content) in self.entries().filter(|(name, _)| name.starts_with(META_INF) && *name != MANIFEST) {
            let full = signatures.len() + time_stamps.len() >= MAX_PROOFS;
            let own_name = &entry[META_INF.len()..];
            if !full && own_name.contains("signatures") && own_name.ends_with(".xml") {
                judge.signatures(entry, content, &mut signatures);
            } else if !full && own_name.starts_with("ASiCManifest") && own_name.ends_with(".xml") {
                let list = stamp::read(content);
                if list.as_ref().is_ok_and(|list| list.token.ends_with(".p7s")) {
                    unchecked.push(entry.to_owned());
                    continue;
                }
                tokens.extend(list.as_ref().map(|list| list.token.clone()));
                let outcome = list.map_err(SignatureProblem::Structure);
                let outcome = outcome.and_then(|list| judge.time_stamp(entry, content, list));
                time_stamps.push(TimeStampVerdict { entry: entry.to_owned(), outcome });
            } else {
                unchecked.push(entry.to_owned());
            }
        }
        unchecked.retain(|entry| !tokens.contains(entry));
        let files = judge.files;
        let listed = files.iter().map(|file| (file.name.as_str(), file.media_type.as_deref()));
        let manifest_problem = self.entry(MANIFEST).and_then(|xml| manifest::disagreement(xml, listed));
        Verdict { files, signatures, time_stamps, manifest_problem, unchecked }
    }
}

/// What judging one container needs; digests are made once, however many signatures ask for them.
struct Judge<'j> {
    container: &'j Container<'j>,
    trust: &'j Trust,
    time_stamp_trust: &'j Trust,
    digests: HashMap<(String, u8), Vec<u8>>,
    files: Vec<FileVerdict>,
}

/// One entry that a signature or list speaks about.
struct Spoken {
    name: String,
    unchanged: bool,
    media_type: Option<String>,
}

impl Judge<'_> {
    /// Judges every signature of one entry (EN 319 162-1, clause 4.4.3: XAdESSignatures).
    fn signatures(&mut self, entry: &str, content: &[u8], verdicts: &mut Vec<SignatureVerdict>) {
        let wrong = |problem| SignatureVerdict { entry: entry.to_owned(), outcome: Err(problem) };
        let structure = |why: &str| wrong(SignatureProblem::Structure(why.to_owned()));
        let tree = match Tree::parse(content, &Limits::default()) {
            Ok(tree) => tree,
            Err(error) => return verdicts.push(wrong(error.into())),
        };
        if !tree.root().has_tag_name((ASIC_NAMESPACE, "XAdESSignatures")) {
            return verdicts.push(structure("its root is not XAdESSignatures"));
        }
        let elements: Vec<_> = tree.root().children().filter(Node::is_element).collect();
        if elements.is_empty() || verdicts.len() + elements.len() > MAX_PROOFS {
            return verdicts.push(structure("it holds no signature, or too many"));
        }
        for element in elements {
            let mut spoken = Vec::new();
            let outcome = self.signature(&tree, element, entry, &mut spoken);
            self.note(entry, &spoken, outcome.is_ok());
            verdicts.push(SignatureVerdict { entry: entry.to_owned(), outcome });
        }
    }

    /// Judges one detached signature; `spoken` gets what it speaks about even when it turns out wrong.
    fn signature<'t, 'input>(
        &mut self,
        tree: &'t Tree<'input>,
        element: Node<'t, 'input>,
        entry: &str,
        spoken: &mut Vec<Spoken>,
    ) -> Result<Signed, SignatureProblem> {
        let signature = Signature::read_with(tree, element, MAX_FILES + 1)?;
        let properties = Properties::read(element)?;
        let media_types = signed_media_types(tree, properties.signed());
        let mut properties_covered = false;
        for reference in signature.references() {
            let by_id = reference.uri.strip_prefix('#').and_then(|id| tree.by_id(id));
            if by_id.is_some_and(|target| target == properties.signed()) && !properties_covered {
                // Refused here, or a thousand references without their type would be digested one after the other.
                if reference.reference_type.as_deref() != Some(SIGNED_PROPERTIES_TYPE) {
                    return Err(VerifyError::PropertiesReference.into());
                }
                let target = Target::Element(properties.signed().id());
                let allowed = [Algorithm::Exclusive, Algorithm::Inclusive].map(TransformKind::Canonicalize);
                signature.verify_reference(reference, target, &allowed)?;
                properties_covered = true;
                continue;
            }
            let unexpected = || DsigError::UnexpectedReference(reference.uri.clone());
            let name = name::from_uri(&reference.uri).filter(|name| name != entry).ok_or_else(unexpected)?;
            if !reference.transforms.is_empty() {
                return Err(DsigError::UnsupportedTransform("over a file".to_owned()).into());
            }
            let media_type = media_types.get(&reference.uri).cloned();
            self.compare((name, reference.digest_algorithm, &reference.digest_value), media_type, spoken)?;
        }
        if !properties_covered {
            return Err(VerifyError::PropertiesReference.into());
        }
        if spoken.is_empty() {
            return Err(SignatureProblem::Structure("it covers no file".to_owned()));
        }
        refuse_changed(spoken)?;
        let signer = verify_signer(tree, &signature, &properties, self.trust, self.time_stamp_trust)?;
        Ok(Signed {
            certificate: signer.certificate,
            certificates: signature.certificates().to_vec(),
            trusted: signer.trusted,
            algorithm: signature.algorithm(),
            signing_time: properties.signing_time().to_owned(),
            signing_time_unix: properties.signing_time_unix(),
            time_stamp: signer.time_stamp,
        })
    }

    /// Judges one stamped list: its digests, and its token over the bytes of the list.
    fn time_stamp(&mut self, entry: &str, content: &[u8], list: StampManifest) -> Result<TimeStamp, SignatureProblem> {
        let mut spoken = Vec::new();
        let judge = || {
            for (name, algorithm, value) in list.entries {
                if name == entry || name == list.token {
                    return Err(SignatureProblem::Structure("it covers itself".to_owned()));
                }
                self.compare((name, algorithm, &value), None, &mut spoken)?;
            }
            refuse_changed(&spoken)?;
            let token = self.container.entry(&list.token);
            let token = token.ok_or_else(|| SignatureProblem::NotInPackage(list.token.clone()))?;
            Ok(TimeStamp::verify(token, content, self.time_stamp_trust)?)
        };
        let outcome = judge();
        self.note(entry, &spoken, outcome.is_ok());
        outcome
    }

    /// Compares one entry with the digest that is said to be its own.
    fn compare(
        &mut self,
        (name, algorithm, value): (String, DigestAlgorithm, &[u8]),
        media_type: Option<String>,
        spoken: &mut Vec<Spoken>,
    ) -> Result<(), SignatureProblem> {
        if spoken.iter().any(|known| known.name == name) {
            return Err(SignatureProblem::Repeated(name));
        }
        let content = self.container.entry(&name).ok_or_else(|| SignatureProblem::NotInPackage(name.clone()))?;
        let known = self.digests.entry((name.clone(), algorithm as u8)).or_insert_with(|| algorithm.digest(content));
        let unchanged = digest::same(known, value);
        spoken.push(Spoken { name, unchanged, media_type });
        Ok(())
    }

    /// Writes down what was said about files.
    fn note(&mut self, by: &str, spoken: &[Spoken], good: bool) {
        for said in spoken.iter().filter(|said| is_data(&said.name)) {
            let Some(file) = self.files.iter_mut().find(|file| file.name == said.name) else { continue };
            file.coverings.push(Covering { by: by.to_owned(), unchanged: said.unchanged, good });
            if good && file.media_type.is_none() {
                file.media_type.clone_from(&said.media_type);
            }
        }
    }
}

fn refuse_changed(spoken: &[Spoken]) -> Result<(), SignatureProblem> {
    let changed = spoken.iter().find(|said| !said.unchanged);
    changed.map_or(Ok(()), |said| Err(SignatureProblem::Changed(said.name.clone())))
}

/// The media types of DataObjectFormat by the URI of the reference they speak about (EN 319 132-1, clause 5.2.4).
fn signed_media_types(tree: &Tree<'_>, signed: Node<'_, '_>) -> HashMap<String, String> {
    let is = |name: &'static str| move |child: &Node<'_, '_>| child.has_tag_name((XADES_NAMESPACE, name));
    let of_objects = signed.children().filter(is("SignedDataObjectProperties"));
    let formats = of_objects.flat_map(|objects| objects.children().filter(is("DataObjectFormat")));
    let described = formats.filter_map(|format| {
        let reference = tree.by_id(format.attribute("ObjectReference")?.strip_prefix('#')?)?;
        let media_type = format.children().find(is("MimeType"))?;
        let uri = reference.attribute("URI").filter(|_| reference.has_tag_name((DSIG_NAMESPACE, "Reference")))?;
        Some((uri.to_owned(), text_of(media_type)))
    });
    described.collect()
}
