//! Where a channel's address may lead: not back into the hub's own network.
//!
//! An address that an institution names is a stranger's: it must not make the hub call what only the hub can reach
//! (server-side request forgery). Names are resolved here and the connection is made to what was judged, so that a name
//! cannot mean another machine a moment later. What the operator allows by network is not asked further.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;
use url::{Host, Url};

/// Networks that are nobody's on the open Internet (IANA special-purpose registries of IPv4).
const SPECIAL: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// What the operator allows beyond the open Internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Networks that may be called, by any scheme and port.
    pub allow: Vec<IpNet>,
    /// Ports of HTTPS that may be called anywhere.
    pub ports: Vec<u16>,
    /// Folders of this machine below which channels may read and write; none unless the operator names them.
    pub folders: Vec<PathBuf>,
}

impl Default for Guard {
    fn default() -> Self {
        Self { allow: Vec::new(), ports: vec![443, 8443], folders: Vec::new() }
    }
}

/// Whom a channel may reach.
#[derive(Clone, Default)]
pub enum Reach {
    /// The address is the operator's own, out of a manifest or of the command line.
    #[default]
    Anywhere,
    /// The address was named by an institution.
    Guarded(Arc<Guard>),
}

impl fmt::Debug for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Anywhere => "anywhere",
            Self::Guarded(_) => "guarded",
        })
    }
}

/// Why an address is not called, in Romanian. It names no address: what a name resolves to inside is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The name leads into a network that is not open to all.
    #[error(
        "adresa duce într-o rețea internă sau rezervată, pe care hubul nu o apelează; operatorul o poate permite cu [outgoing] allow"
    )]
    Network,
    /// Neither HTTPS on a usual port, nor an allowed network.
    #[error(
        "adresa trebuie să înceapă cu https și să folosească un port obișnuit; operatorul poate permite altele cu [outgoing] allow sau ports"
    )]
    Way,
    /// A folder of this machine outside of those the operator named, or one that is not there.
    #[error("dosarul nu este sub cele pe care operatorul le-a numit pentru canale ([outgoing] folders) sau nu există")]
    Folder,
    /// There is no such name.
    #[error("numele serverului nu este cunoscut (DNS)")]
    Unknown,
}

impl Guard {
    /// Whether an address may be called: `strict` asks for an allowed network whatever it is.
    ///
    /// # Errors
    /// [`Forbidden::Network`], or [`Forbidden::Way`] where only an allowed network would do.
    pub fn judge(&self, address: IpAddr, strict: bool) -> Result<(), Forbidden> {
        let address = address.to_canonical();
        if self.allow.iter().any(|network| network.contains(&address)) {
            return Ok(());
        }
        match address {
            IpAddr::V4(address) if special_v4(address) => Err(Forbidden::Network),
            IpAddr::V6(address) if special_v6(address) => Err(Forbidden::Network),
            _ if strict => Err(Forbidden::Way),
            _ => Ok(()),
        }
    }

    /// Whether only allowed networks may be reached by an address over HTTP: it is not HTTPS, or its port is unusual.
    #[must_use]
    pub fn is_strict(&self, url: &Url) -> bool {
        url.scheme() != "https" || !url.port_or_known_default().is_some_and(|port| self.ports.contains(&port))
    }

    /// Judges what an address over HTTP says by itself, before any name is looked up.
    ///
    /// # Errors
    /// Its host is an address that may not be called.
    pub fn judge_url(&self, url: &Url) -> Result<(), Forbidden> {
        let strict = self.is_strict(url);
        match url.host() {
            Some(Host::Ipv4(address)) => self.judge(address.into(), strict),
            Some(Host::Ipv6(address)) => self.judge(address.into(), strict),
            Some(Host::Domain(_)) => Ok(()),
            None => Err(Forbidden::Way),
        }
    }

    /// Judges a folder of this machine by where it really lies: links on the way to it are followed first.
    ///
    /// # Errors
    /// It is not there, or lies outside of all folders that the operator named.
    pub fn judge_folder(&self, folder: &Path) -> Result<(), Forbidden> {
        let real = folder.canonicalize().map_err(|_| Forbidden::Folder)?;
        let below = |root: &PathBuf| root.canonicalize().is_ok_and(|root| real.starts_with(root));
        if self.folders.iter().any(below) { Ok(()) } else { Err(Forbidden::Folder) }
    }

    /// Judges all that a name leads to: if one address is forbidden, none is called.
    ///
    /// # Errors
    /// There is none, or one that may not be called.
    pub fn judge_all(&self, found: Vec<SocketAddr>, strict: bool) -> Result<Vec<SocketAddr>, Forbidden> {
        if found.is_empty() {
            return Err(Forbidden::Unknown);
        }
        found.iter().try_for_each(|one| self.judge(one.ip(), strict))?;
        Ok(found)
    }
}

impl Reach {
    /// The addresses of a server that may be called, for those who then connect to exactly these.
    ///
    /// # Errors
    /// There is none, or one that may not be called.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Forbidden> {
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| Forbidden::Unknown)?.collect();
        self.judged(found)
    }

    /// The same for those who may wait on their thread.
    ///
    /// # Errors
    /// As for [`Reach::resolve`].
    pub fn resolve_waiting(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Forbidden> {
        self.judged((host, port).to_socket_addrs().map_err(|_| Forbidden::Unknown)?.collect())
    }

    fn judged(&self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Forbidden> {
        match self {
            Self::Anywhere if found.is_empty() => Err(Forbidden::Unknown),
            Self::Anywhere => Ok(found),
            // The schemes of mail, SFTP and AMQP have ports of their own; only the network counts.
            Self::Guarded(guard) => guard.judge_all(found, false),
        }
    }
}

fn special_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    SPECIAL.iter().any(|(network, length)| bits >> (32 - length) == Ipv4Addr::from(*network).to_bits() >> (32 - length))
}

/// Only global unicast (2000::/3) is open, and of it nothing that wraps an IPv4 address or is kept for special use:
/// 2001::/23 (Teredo among it), 2001:db8::/32, 2002::/16 (6to4), 3fff::/20. Outside of it lie loopback, unique local,
/// link-local, multicast and NAT64.
fn special_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let wrapped = first == 0x2002 || (first == 0x2001 && (second & 0xfe00 == 0 || second == 0x0db8));
    !global || wrapped || (first == 0x3fff && second & 0xf000 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(url: &str, allow: &[&str]) -> Result<(), Forbidden> {
        let allow = allow.iter().map(|network| network.parse().unwrap()).collect();
        Guard { allow, ..Guard::default() }.judge_url(&url.parse().unwrap())
    }

    #[test]
    fn no_spelling_of_an_inner_address_is_called() {
        let inner = [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.88.99.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[fc00::1]",
            "[fd12::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[100::1]",
            "[3fff::1]",
            "[5f00::1]",
            "①②⑦.⓪.⓪.①",
        ];
        for host in inner {
            assert_eq!(judged(&format!("https://{host}/"), &[]), Err(Forbidden::Network), "{host}");
        }
        for host in ["93.184.215.14", "172.32.0.1", "100.128.0.1", "[2a02:2f00::1]", "[2606:4700::1111]"] {
            assert_eq!(judged(&format!("https://{host}/"), &[]), Ok(()), "{host}");
        }
    }

    #[test]
    fn plain_http_and_unusual_ports_lead_to_allowed_networks_only() {
        assert_eq!(judged("http://93.184.215.14/", &[]), Err(Forbidden::Way));
        assert_eq!(judged("https://93.184.215.14:6379/", &[]), Err(Forbidden::Way));
        assert_eq!(judged("https://93.184.215.14:8443/", &[]), Ok(()));
        assert_eq!(judged("http://10.1.2.3:8080/", &["10.1.0.0/16"]), Ok(()));
        assert_eq!(judged("http://10.2.2.3:8080/", &["10.1.0.0/16"]), Err(Forbidden::Network));
        assert_eq!(judged("http://[::ffff:10.1.2.3]/", &["10.1.0.0/16"]), Ok(()));
    }

    #[test]
    fn a_folder_is_judged_by_where_it_lies_and_not_by_how_it_is_written() {
        let ground = std::env::temp_dir().join(format!("punte-guard-{}", std::process::id()));
        let (root, beside) = (ground.join("dosare"), ground.join("dosare-altele"));
        std::fs::create_dir_all(root.join("primaria")).unwrap();
        std::fs::create_dir_all(&beside).unwrap();
        std::os::unix::fs::symlink(&beside, root.join("afara")).unwrap();
        let guard = Guard { folders: vec![root.clone()], ..Guard::default() };
        for inside in [root.clone(), root.join("primaria"), beside.join("../dosare/primaria")] {
            assert_eq!(guard.judge_folder(&inside), Ok(()), "{}", inside.display());
            assert_eq!(Guard::default().judge_folder(&inside), Err(Forbidden::Folder), "none was named");
        }
        let outside = [
            beside,
            root.join("../dosare-altele"),
            root.join("afara"),
            ground.clone(),
            root.join("nu-exista"),
            "/".into(),
        ];
        for outside in outside {
            assert_eq!(guard.judge_folder(&outside), Err(Forbidden::Folder), "{}", outside.display());
        }
        std::fs::remove_dir_all(ground).unwrap();
    }

    #[test]
    fn a_name_with_one_inner_address_is_not_called_at_all() {
        let guard = Guard::default();
        let found = |hosts: &[&str]| hosts.iter().map(|host| SocketAddr::new(host.parse().unwrap(), 443)).collect();
        assert!(guard.judge_all(found(&["93.184.215.14"]), false).is_ok());
        assert_eq!(guard.judge_all(found(&["93.184.215.14", "10.0.0.1"]), false), Err(Forbidden::Network));
        assert_eq!(guard.judge_all(found(&["93.184.215.14"]), true), Err(Forbidden::Way));
        assert_eq!(guard.judge_all(Vec::new(), false), Err(Forbidden::Unknown));
    }
}
