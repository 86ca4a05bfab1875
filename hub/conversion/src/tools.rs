//! The programs of this machine that conversion needs, found once.

use std::path::{Path, PathBuf};

use crate::child::{self, Bounds};

/// The programs that were found.
#[derive(Debug, Clone)]
pub struct Tools {
    pub(crate) soffice: PathBuf,
    pub(crate) qpdf: PathBuf,
    /// Ghostscript and a colour profile it can write; without them PDF is kept as it is.
    pub(crate) ghostscript: Option<(PathBuf, PathBuf)>,
    prlimit: PathBuf,
    /// The words that take the network away, where the system lets us.
    alone: Vec<String>,
    /// What LibreOffice calls itself.
    pub software: String,
}

/// A program is not installed, so there are no copies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are no PDF/A copies: {program} is not installed (Debian: {package})")]
pub struct Absent {
    /// The program.
    pub program: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
}

/// Folders programs are looked for in; the path of the process that started us is not asked.
const FOLDERS: [&str; 4] = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/lib/libreoffice/program"];

/// The colour profile that copies of PDF name (Debian: ghostscript).
const PROFILE: &str = "/usr/share/color/icc/ghostscript/srgb.icc";

impl Tools {
    /// Finds the programs, tries whether the network can be taken away, and asks LibreOffice for its version.
    ///
    /// # Errors
    /// Which program is [`Absent`].
    pub async fn find(scratch: &Path) -> Result<Self, Absent> {
        let soffice = program("soffice").ok_or(Absent { program: "soffice", package: "libreoffice-writer-nogui" })?;
        let qpdf = program("qpdf").ok_or(Absent { program: "qpdf", package: "qpdf" })?;
        let prlimit = program("prlimit").ok_or(Absent { program: "prlimit", package: "util-linux" })?;
        let profile = Path::new(PROFILE);
        let ghostscript = program("gs").filter(|_| profile.is_file()).map(|gs| (gs, profile.to_owned()));
        let mut tools = Self { soffice, qpdf, ghostscript, prlimit, alone: Vec::new(), software: String::new() };
        let Some(unshare) = program("unshare") else { return Ok(tools.named(scratch).await) };
        let unshare = unshare.to_string_lossy().into_owned();
        // As root without, as anybody else with a user namespace, where the kernel gives them.
        for extra in [&[][..], &["--map-root-user"]] {
            let mut words = vec![unshare.clone(), "--net".to_owned()];
            words.extend(extra.iter().map(|word| (*word).to_owned()));
            words.push("--".to_owned());
            let trial = Self { alone: words, ..tools.clone() };
            let ended = child::run(&trial, &Bounds::default(), scratch, Path::new("/bin/true"), Vec::new()).await;
            if ended.is_ok_and(|ended| ended.status.success()) {
                tools = trial;
                break;
            }
        }
        Ok(tools.named(scratch).await)
    }

    /// Whether the programs run without a network.
    #[must_use]
    pub fn without_network(&self) -> bool {
        !self.alone.is_empty()
    }

    async fn named(mut self, scratch: &Path) -> Self {
        let profile = crate::profile::argument(&scratch.join("version"));
        let arguments = vec![profile, "--version".to_owned()];
        let ended = child::run(&self, &Bounds::default(), scratch, &self.soffice, arguments).await;
        let said = ended.map(|ended| ended.said).unwrap_or_default();
        let named = said.lines().find(|line| line.starts_with("LibreOffice ")).unwrap_or("LibreOffice");
        self.software = named.split(' ').take(2).collect::<Vec<_>>().join(" ");
        self
    }

    /// The words before a program that bound it.
    pub(crate) fn isolation(&self, bounds: &Bounds) -> Vec<String> {
        let mut words = self.alone.clone();
        words.push(self.prlimit.to_string_lossy().into_owned());
        words.push(format!("--as={}", bounds.memory));
        words.push(format!("--fsize={}", bounds.output));
        // Processor time of all its threads; the clock is watched beside it.
        words.push(format!("--cpu={}", bounds.time.as_secs().max(1) * 2));
        words.push("--core=0".to_owned());
        words
    }
}

fn program(name: &str) -> Option<PathBuf> {
    FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}
