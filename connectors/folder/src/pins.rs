//! The host keys a channel pins. A server that shows another is not spoken to; there is no trust on first use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The keys of a channel, from lines as `known_hosts` has them (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
#[derive(Debug, Clone)]
pub(crate) struct Pins(Vec<Pin>);

#[derive(Debug, Clone)]
struct Pin {
    kind: String,
    key: Vec<u8>,
}

/// The kinds of host keys that are spoken, strongest first; DSA and the SHA-1 signatures of RSA are not.
const KINDS: [&str; 5] =
    ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

impl Pins {
    /// Reads the lines; the answer of an error says what to give instead.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pins = lines.map(pin).collect::<Result<Vec<Pin>, String>>()?;
        if pins.is_empty() {
            return Err(
                "it has no line; put there what `ssh-keyscan host` prints, compared with the server's own".to_owned()
            );
        }
        Ok(Self(pins))
    }

    /// Whether the key of a server, in its wire form (RFC 4253, section 6.6), is one of them.
    pub(crate) fn know(&self, key: &[u8]) -> bool {
        self.0.iter().any(|pin| pin.key == key)
    }

    /// The signature algorithms to offer, so that the server shows a key of a kind that is pinned.
    pub(crate) fn algorithms(&self) -> String {
        let mut names = Vec::new();
        for kind in KINDS.iter().filter(|kind| self.0.iter().any(|pin| pin.kind == **kind)) {
            match *kind {
                // The same key signs with SHA-2 (RFC 8332); with SHA-1 it is not believed.
                "ssh-rsa" => names.extend(["rsa-sha2-512", "rsa-sha2-256"]),
                other => names.push(other),
            }
        }
        names.join(",")
    }
}

/// `host keytype base64 comment`; the host belongs to the channel's address and is not compared again.
fn pin(line: &str) -> Result<Pin, String> {
    if line.starts_with('@') {
        return Err("lines with @cert-authority or @revoked are not used here, pin the host key itself".to_owned());
    }
    let mut words = line.split_whitespace().skip_while(|word| !KINDS.contains(word));
    let (Some(kind), Some(key)) = (words.next(), words.next()) else {
        return Err(format!("a line is not `host keytype key` with one of the key types {}", KINDS.join(", ")));
    };
    let key = STANDARD.decode(key).map_err(|_| "the key of a line is not base64".to_owned())?;
    // The wire form begins with the name of its kind; a key that was cut or mixed up is found here.
    let begins = [&u32::try_from(kind.len()).unwrap_or(u32::MAX).to_be_bytes()[..], kind.as_bytes()].concat();
    if key.starts_with(&begins) {
        Ok(Pin { kind: kind.to_owned(), key })
    } else {
        Err("the key of a line is not of the type the line says".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIBq0Q0mG4yXh0gq9pCkDqk3Sg5m1q7iE6pX2hPzX1o8r";

    #[test]
    fn a_line_with_or_without_hosts_pins_its_key() {
        for line in [format!("[sftp.exemplu.ro]:2222,10.0.0.1 ssh-ed25519 {KEY} punte"), format!("ssh-ed25519 {KEY}")] {
            let pins = Pins::read(&format!("# cheia serverului\n\n{line}\n")).unwrap();
            assert!(pins.know(&STANDARD.decode(KEY).unwrap()));
            assert!(!pins.know(b"alta"));
            assert_eq!(pins.algorithms(), "ssh-ed25519");
        }
    }

    #[test]
    fn what_pins_nothing_is_refused() {
        for text in ["", "# nimic", "host ssh-dss AAAA", "host ssh-ed25519 ???", "@revoked * ssh-ed25519 AAAA"] {
            assert!(Pins::read(text).is_err(), "{text}");
        }
        assert!(Pins::read(&format!("host ssh-rsa {KEY}")).is_err());
    }
}
