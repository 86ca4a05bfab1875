//! Opens a package: nothing is believed before every byte was hashed and every file is one METS vouches for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use openssl::hash::{Hasher, MessageDigest};

use crate::METS_FILE;
use crate::finding::{Finding, MOST, Problem, Refused};
use crate::header::Header;
use crate::mets::{Described, Mets, Role};
use crate::path;
use crate::premis;
use crate::sheet::DossierSheet;
use crate::source::{Listed, Source};

/// What a package may cost before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most files.
    pub files: usize,
    /// Most bytes of one file.
    pub file_bytes: u64,
    /// Most bytes of all files together.
    pub total_bytes: u64,
    /// Most bytes of one METS, PREMIS or sheet file.
    pub metadata_bytes: u64,
    /// Most bytes that one stored byte may become.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 100_000, file_bytes: 16 << 30, total_bytes: 256 << 30, metadata_bytes: 256 << 20, ratio: 200 }
    }
}

/// Sizes from which compression is looked at; below it a bomb cannot hurt.
const SMALL: u64 = 1 << 20;

/// What a file is to a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// A file of a document, in the representation of this name.
    Data(String),
    /// The METS file of a representation.
    Structure,
    /// A record sheet or another description.
    Descriptive,
    /// PREMIS.
    Preservation,
    /// A schema.
    Schema,
    /// Explanations for people.
    Documentation,
}

/// A file whose bytes are the ones METS vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// Path from the package's root on.
    pub path: String,
    /// What it is.
    pub group: Group,
    /// Media type METS tells.
    pub media_type: String,
    /// Length in bytes.
    pub size: u64,
    /// Algorithm of its digest: `SHA-256`, `SHA-384` or `SHA-512`.
    pub algorithm: String,
    /// The digest, hexadecimal.
    pub digest: String,
    /// Where it is in the source's list, for [`Source::open`].
    pub position: usize,
}

/// A package that is what its METS says.
#[derive(Debug, Clone)]
pub struct Package {
    /// Who made it, of what, for whom.
    pub header: Header,
    /// Every file but the root's METS.
    pub files: Vec<PackedFile>,
    /// The record sheets, where they are of our schema.
    pub sheets: Vec<DossierSheet>,
}

/// Reads and checks a whole package. Each byte is read once.
///
/// # Errors
/// [`Refused`] with everything that is wrong.
pub fn read(source: &mut dyn Source, limits: &Limits) -> Result<Package, Refused> {
    let listed = source.list(limits.files)?;
    check_listed(&listed, limits)?;
    let mut reader = Reader { source, limits, listed: &listed, findings: Vec::new() };
    let (mets, described) = reader.structure()?;
    let root = reader.source.root();
    if root != mets.header.id {
        let problem = Problem::OtherId { root: root.to_owned(), id: mets.header.id.clone() };
        reader.find(METS_FILE, problem);
    }
    let package = reader.files(mets.header, described);
    if reader.findings.is_empty() { Ok(package) } else { Err(Refused { findings: reader.findings }) }
}

/// What can be told without reading a file.
fn check_listed(listed: &[Listed], limits: &Limits) -> Result<(), Refused> {
    let (mut seen, mut total) = (BTreeSet::new(), 0_u64);
    for file in listed {
        let refuse = |problem| Err(Finding::new(&file.path, problem).into());
        if let Err(problem) = path::check(&file.path) {
            return refuse(Problem::Path(problem));
        }
        if !seen.insert(file.path.to_lowercase()) {
            return refuse(Problem::Repeated);
        }
        if file.size > limits.file_bytes {
            return refuse(Problem::TooLarge { limit: limits.file_bytes });
        }
        if file.size > SMALL && file.size / file.stored.max(1) > limits.ratio {
            return refuse(Problem::Bomb { limit: limits.ratio });
        }
        total = total.saturating_add(file.size);
    }
    if total > limits.total_bytes {
        return Err(Finding::new("", Problem::TooLarge { limit: limits.total_bytes }).into());
    }
    Ok(())
}

struct Reader<'r> {
    source: &'r mut dyn Source,
    limits: &'r Limits,
    listed: &'r [Listed],
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn find(&mut self, path: &str, problem: Problem) {
        if self.findings.len() < MOST {
            self.findings.push(Finding::new(path, problem));
        }
    }

    /// The root's METS, and every file that it or the METS of a representation describes, by path.
    fn structure(&mut self) -> Result<(Mets, BTreeMap<String, Described>), Refused> {
        let root = self.mets(METS_FILE, "")?;
        let mut described = BTreeMap::new();
        let mut all: Vec<Described> = root.files.clone();
        for file in root.files.iter().filter(|file| file.role == Role::Representation) {
            let folder = file.path.strip_suffix(METS_FILE).expect("its path was looked at");
            all.extend(self.mets(&file.path, folder)?.files);
        }
        for file in all {
            if let Err(problem) = path::check(&file.path) {
                self.find(&file.path, Problem::Path(problem));
            } else if described.contains_key(&file.path) {
                self.find(&file.path, Problem::Repeated);
            } else {
                described.insert(file.path.clone(), file);
            }
        }
        Ok((root, described))
    }

    fn mets(&mut self, path: &str, folder: &str) -> Result<Mets, Finding> {
        let position = self.listed.iter().position(|file| file.path == path);
        let position = position.ok_or_else(|| Finding::new(path, Problem::Missing))?;
        let bytes = self.bytes(position)?;
        Mets::parse(&bytes, folder).map_err(|why| Finding::new(path, Problem::Mets(why)))
    }

    fn bytes(&mut self, position: usize) -> Result<Vec<u8>, Finding> {
        let listed = &self.listed[position];
        if listed.size > self.limits.metadata_bytes {
            return Err(Finding::new(&listed.path, Problem::TooLarge { limit: self.limits.metadata_bytes }));
        }
        let unreadable = |error: std::io::Error| Finding::new(&listed.path, Problem::Unreadable(error.to_string()));
        let mut bytes = Vec::new();
        let opened = self.source.open(position).map_err(unreadable)?;
        opened.take(listed.size + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    /// Hashes every file, and compares what is there with what is described.
    fn files(&mut self, header: Header, mut described: BTreeMap<String, Described>) -> Package {
        let mut package = Package { header, files: Vec::new(), sheets: Vec::new() };
        let (mut hashed, mut told) = (HashMap::new(), Vec::new());
        for (position, listed) in self.listed.iter().enumerate().filter(|(_, listed)| listed.path != METS_FILE) {
            let Some(file) = described.remove(&listed.path) else {
                self.find(&listed.path, Problem::Extra);
                continue;
            };
            match self.verify(position, &file) {
                Ok(packed) => {
                    hashed.insert(packed.path.clone(), packed.digest.clone());
                    package.files.push(packed);
                }
                Err(finding) => {
                    self.find(&finding.path, finding.problem);
                    continue;
                }
            }
            match file.role {
                Role::Descriptive => self.sheets(position, &mut package.sheets),
                Role::Preservation => told.extend(self.fixity(position)),
                _ => {}
            }
        }
        for missing in described.into_keys() {
            self.find(&missing, Problem::Missing);
        }
        for (premis, path, digest) in told {
            if hashed.get(&path).is_some_and(|hashed| hashed.len() == 64 && !hashed.eq_ignore_ascii_case(&digest)) {
                self.find(&premis, Problem::Premis(format!("it tells another digest of {path} than METS")));
            }
        }
        package
    }

    fn verify(&mut self, position: usize, file: &Described) -> Result<PackedFile, Finding> {
        let refuse = |problem| Finding::new(&file.path, problem);
        let (Some(size), Some((algorithm, told))) = (file.size, file.checksum.clone()) else {
            return Err(refuse(Problem::NoChecksum));
        };
        let digest = match algorithm.as_str() {
            "SHA-256" => MessageDigest::sha256(),
            "SHA-384" => MessageDigest::sha384(),
            "SHA-512" => MessageDigest::sha512(),
            _ => return Err(refuse(Problem::Algorithm(algorithm))),
        };
        let mut hasher = Hasher::new(digest).expect("the library knows the SHA-2 family");
        let unreadable = |error: std::io::Error| refuse(Problem::Unreadable(error.to_string()));
        let mut opened = self.source.open(position).map_err(unreadable)?;
        let mut buffer = vec![0; 256 * 1024];
        let mut found = 0_u64;
        loop {
            let read = opened.read(&mut buffer).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            found += read as u64;
            // What grows while it is read is not read to its end.
            if found > size {
                break;
            }
            hasher.update(&buffer[..read]).expect("a hash takes every byte");
        }
        if found != size {
            let found = self.listed[position].size.max(found);
            return Err(refuse(Problem::Size { told: size, found }));
        }
        let found = hex::encode(hasher.finish().expect("a hash ends"));
        if found != told {
            return Err(refuse(Problem::Digest { told, found }));
        }
        let (path, media_type) = (file.path.clone(), file.media_type.clone());
        Ok(PackedFile { group: group(file), path, media_type, size, algorithm, digest: found, position })
    }

    fn sheets(&mut self, position: usize, sheets: &mut Vec<DossierSheet>) {
        let path = &self.listed[position].path;
        match self.bytes(position) {
            // Another's description is kept as a file; only ours is read.
            Ok(bytes) if !contains(&bytes, crate::sheet::NAMESPACE.as_bytes()) => {}
            Ok(bytes) => match DossierSheet::parse(&bytes) {
                Ok(sheet) => sheets.push(sheet),
                Err(why) => self.find(path, Problem::Sheet(why)),
            },
            Err(finding) => self.find(&finding.path, finding.problem),
        }
    }

    /// What a PREMIS file says of digests, with its own path.
    fn fixity(&mut self, position: usize) -> Vec<(String, String, String)> {
        let path = &self.listed[position].path;
        let told = self
            .bytes(position)
            .and_then(|bytes| premis::fixity(&bytes).map_err(|why| Finding::new(path, Problem::Premis(why))));
        match told {
            Ok(told) => told.into_iter().map(|(file, digest)| (path.clone(), file, digest)).collect(),
            Err(finding) => {
                self.find(&finding.path, finding.problem);
                Vec::new()
            }
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes[..bytes.len().min(4096)].windows(wanted.len()).any(|window| window == wanted)
}

fn group(file: &Described) -> Group {
    match file.role {
        Role::Data => {
            let name = file.path.strip_prefix("representations/").and_then(|rest| rest.split_once('/'));
            Group::Data(name.map(|(name, _)| name.to_owned()).unwrap_or_default())
        }
        Role::Representation => Group::Structure,
        Role::Descriptive => Group::Descriptive,
        Role::Preservation => Group::Preservation,
        Role::Schema => Group::Schema,
        Role::Documentation => Group::Documentation,
    }
}
