//! Where secrets are: `env:NAME`, `file:PATH` or `command:PROGRAM ARGUMENT…`. Configuration and directory hold references only.
//!
//! A file that others may read is refused. A command is run without a shell, with bounded time and output, and its words
//! are never in an error: neither the secret nor a path of it leaves this module except as what it is.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::{Zeroize as _, Zeroizing};

/// A secret is a key, a token or a chain of certificates: never more than this.
const LONGEST: usize = 256 * 1024;
/// A command answers in this time or is ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a reference leads to no secret. It names the reference, never a value.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// None of the three forms.
    #[error("{0:?} is no reference: write env:NAME, file:PATH or command:PROGRAM ARGUMENT")]
    Form(String),
    /// The environment does not have it.
    #[error("the environment has no variable {0} that is text")]
    Environment(String),
    /// The file cannot be read.
    #[error("the file {0} cannot be read: {1}")]
    File(String, std::io::Error),
    /// Others may read it.
    #[error("the file {0} may be read by everybody; take the right away (chmod o-rwx)")]
    Open(String),
    /// Too much, or not text.
    #[error("{0} does not hold a text of at most {LONGEST} bytes")]
    Content(String),
    /// The command did not do it.
    #[error("the command {0} gave no secret: {1}")]
    Command(String, &'static str),
}

/// Follows a reference.
///
/// # Errors
/// [`Unusable`] says why there is no secret.
pub fn resolve(reference: &str) -> Result<SecretString, Unusable> {
    followed(reference, true)
}

/// Follows a reference to what is no secret (certificates that are believed, keys of hosts): everybody may read it.
///
/// # Errors
/// As for [`resolve`].
pub fn resolve_public(reference: &str) -> Result<SecretString, Unusable> {
    followed(reference, false)
}

fn followed(reference: &str, secret: bool) -> Result<SecretString, Unusable> {
    match reference.split_once(':') {
        Some(("env", name)) => {
            std::env::var(name).map(SecretString::from).map_err(|_| Unusable::Environment(name.to_owned()))
        }
        Some(("file", path)) => file(Path::new(path), secret),
        Some(("command", line)) => command(line),
        _ => Err(Unusable::Form(reference.chars().take(12).collect())),
    }
}

fn file(path: &Path, secret: bool) -> Result<SecretString, Unusable> {
    let name = || path.display().to_string();
    let unreadable = |error| Unusable::File(name(), error);
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    // Of the open file, so that nobody changes it between the look and the reading.
    let facts = file.metadata().map_err(unreadable)?;
    if secret && facts.is_file() && facts.permissions().mode() & 0o006 != 0 && reachable(path) {
        return Err(Unusable::Open(name()));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::Read::by_ref(&mut file).take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    text(bytes, name)
}

/// Makes a folder that only its owner may look into; one that is there keeps the rights it was given.
///
/// # Errors
/// It cannot be made.
pub fn own_folder(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a secret into a file that only its owner may read.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, secret: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(secret.as_bytes())
}

/// Whether everybody may step through the folders above a file; one closed folder keeps it to its owner and group.
fn reachable(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return true };
    let open = |folder: &Path| std::fs::metadata(folder).is_ok_and(|facts| facts.permissions().mode() & 0o001 != 0);
    path.ancestors().skip(1).all(open)
}

/// Takes the bytes over without leaving a copy; the line's end is not part of a secret.
fn text(mut bytes: Zeroizing<Vec<u8>>, name: impl Fn() -> String) -> Result<SecretString, Unusable> {
    if bytes.len() > LONGEST {
        return Err(Unusable::Content(name()));
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => {
            let mut text = Zeroizing::new(text);
            let end = text.trim_end().len();
            text.truncate(end);
            Ok(SecretString::from(std::mem::take(&mut *text)))
        }
        Err(error) => {
            error.into_bytes().zeroize();
            Err(Unusable::Content(name()))
        }
    }
}

fn command(line: &str) -> Result<SecretString, Unusable> {
    let words = words(line).ok_or_else(|| Unusable::Command(program(line), "its quotes are not closed"))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(Unusable::Command(String::new(), "no program is named"));
    };
    let failed = |why| Unusable::Command(program.clone(), why);
    // A group of its own, so that what the program started ends with it.
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    let mut child = started.map_err(|_| failed("it cannot be started"))?;
    let mut output = child.stdout.take().expect("the output was asked for");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = output.by_ref().take(LONGEST as u64 + 1).read_to_end(&mut bytes).is_ok();
        // Nobody waits for it any more when time is up.
        let _ = send.send(read.then_some(bytes));
    });
    let Ok(read) = receive.recv_timeout(PATIENCE) else {
        end(&mut child);
        return Err(failed("it took too long"));
    };
    let Some(bytes) = read.filter(|bytes| bytes.len() <= LONGEST) else {
        end(&mut child);
        return Err(failed("it said too much"));
    };
    let ended = child.wait().map_err(|_| failed("its end is not known"))?;
    if !ended.success() || bytes.is_empty() {
        return Err(failed("it failed, or said nothing"));
    }
    text(bytes, || format!("the output of {program}"))
}

fn end(child: &mut Child) {
    if let Some(group) = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap_or(0)) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

fn program(line: &str) -> String {
    line.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Words with blanks between them; quotes of either kind hold a word together. No variables, no patterns: there is no shell.
fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for letter in line.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => word.push(letter),
            None if letter == '"' || letter == '\'' => (quote, begun) = (Some(letter), true),
            None if letter.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None => word.push(letter),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn found(reference: &str) -> Result<String, String> {
        resolve(reference).map(|secret| secret.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_everybody_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "parola\n").unwrap();
        let reference = format!("file:{}", path.display());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(found(&reference), Ok("parola".to_owned()), "its folder is closed to others");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = found(&reference).unwrap_err();
        assert!(error.contains("chmod") && !error.contains("parola"), "{error}");
        assert!(resolve_public(&reference).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(found(&reference), Ok("parola".to_owned()));
    }

    #[test]
    fn a_command_is_run_without_a_shell_and_its_words_are_not_told() {
        assert_eq!(found("command:printf '%s\\n' 'a secret'"), Ok("a secret".to_owned()));
        assert_eq!(found("command:echo $HOME;id"), Ok("$HOME;id".to_owned()));
        let error = found("command:sh -c 'echo parola; exit 3'").unwrap_err();
        assert!(error.contains("sh") && !error.contains("parola"), "{error}");
        assert!(found("command:head -c 400000 /dev/zero").unwrap_err().contains("too much"));
        assert!(found("command:echo 'open").unwrap_err().contains("quotes"));
        assert!(found("command:").is_err());
    }

    #[test]
    fn what_is_no_reference_is_not_repeated() {
        let error = found("whsec_dGVzdHMgb25seSwgbmV2ZXI").unwrap_err();
        assert!(!error.contains("dGVzdHMgb25"), "{error}");
        assert!(found("env:PUNTE_NO_SUCH_VARIABLE").is_err());
        assert!(!format!("{:?}", resolve("command:echo parola").unwrap()).contains("parola"));
    }
}
