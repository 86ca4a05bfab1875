//! The engine: checks a manifest and a channel, and visits the folder they name.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connectors_contract::{Channel, Engine, Inbound, Manifest, ManifestError, Outbound, Reach, SideEffect};
use secrecy::ExposeSecret as _;

use crate::claims::claimant;
use crate::inbound::FolderInbound;
use crate::local::LocalFolder;
use crate::outbound::FolderOutbound;
use crate::pickup::Memory;
use crate::pins::Pins;
use crate::place::{Place, PlaceError};
use crate::settings::Settings;
use crate::sftp::{Login, Remote, root};

/// The time in seconds since 1970, given by whoever builds the engine.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The longest visit to a folder; one on a share that hangs is given up.
const VISIT: Duration = Duration::from_secs(660);

/// Delivers to and fetches from folders.
pub struct FolderEngine {
    clock: Clock,
    claimant: String,
    /// What was seen of the folders, by their address: a connector may be built anew for each look.
    seen: Mutex<HashMap<String, Arc<Mutex<Memory>>>>,
}

/// One channel's folder, and how to get there.
pub(crate) struct Site {
    kind: Kind,
    clock: Clock,
    pub(crate) claimant: String,
    pub(crate) settings: Settings,
    pub(crate) side_effect: SideEffect,
}

enum Kind {
    Local(PathBuf),
    Remote(Box<Remote>),
}

impl FolderEngine {
    /// Builds the engine. `claimant` names this hub among those that look into the same folders, and stays the same when
    /// it starts again: what it had in hand it finds by it.
    #[must_use]
    pub fn new(clock: Clock, claimant: &str) -> Self {
        Self { clock, claimant: self::claimant(claimant), seen: Mutex::default() }
    }

    fn site(&self, manifest: &Manifest, channel: &Channel) -> Result<(Arc<Site>, String), ManifestError> {
        if manifest.engine != self.name() {
            let asked = format!("engine = {:?}", manifest.engine);
            return Err(self.without(manifest, &asked, "give the manifest to the engine it names"));
        }
        let settings: Settings = manifest.section()?.unwrap_or_default();
        if let Some(problem) = settings.contradiction() {
            return Err(self.without(manifest, "this table [folder]", &problem));
        }
        let address = manifest.endpoint.address(&manifest.system, channel)?;
        let refuse =
            |problem: &str| ManifestError::Address { system: manifest.system.clone(), problem: problem.to_owned() };
        let kind = match address.scheme() {
            "file" => {
                let folder = address.to_file_path().map_err(|()| refuse("write file:///folder, without a host"))?;
                // An address out of the manifest is the operator's own.
                if let (Some(_), Reach::Guarded(guard)) = (&channel.address, &channel.reach) {
                    guard.judge_folder(&folder).map_err(|forbidden| refuse(&forbidden.to_string()))?;
                }
                Kind::Local(folder)
            }
            "sftp" => Kind::Remote(Box::new(remote(manifest, channel, &address)?)),
            _ => return Err(refuse("a folder is file:///… or sftp://user@host/…")),
        };
        let side_effect = manifest.deliver.as_ref().map_or(SideEffect::Repeatable, |deliver| deliver.side_effect);
        let fits = match side_effect {
            SideEffect::Repeatable => settings.confirmations.is_none(),
            SideEffect::Queryable => settings.confirmations.is_some(),
            SideEffect::Once => false,
        };
        if !fits {
            let asked = format!("side_effect = \"{side_effect:?}\"").to_lowercase();
            let way_out = "write repeatable, or queryable together with folder.confirmations";
            return Err(self.without(manifest, &asked, way_out));
        }
        let (clock, claimant) = (Arc::clone(&self.clock), self.claimant.clone());
        Ok((Arc::new(Site { kind, clock, claimant, settings, side_effect }), address.to_string()))
    }
}

impl Engine for FolderEngine {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let (site, _) = self.site(manifest, &channel)?;
        Ok(Arc::new(FolderOutbound::new(site)))
    }

    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        let (site, address) = self.site(manifest, &channel)?;
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = Arc::clone(all.entry(address).or_default());
        Ok(Arc::new(FolderInbound::new(site, memory)))
    }
}

impl Site {
    /// The present moment, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Goes to the folder and does something there, where blocking is allowed.
    pub(crate) async fn visit<T: Send + 'static>(
        self: &Arc<Self>,
        doing: impl FnOnce(&Site, &mut dyn Place) -> Result<T, PlaceError> + Send + 'static,
    ) -> Result<T, PlaceError> {
        let site = Arc::clone(self);
        let visit = tokio::task::spawn_blocking(move || match &site.kind {
            Kind::Local(root) => doing(&site, &mut LocalFolder::new(root.clone())),
            Kind::Remote(remote) => doing(&site, &mut remote.open()?),
        });
        match tokio::time::timeout(VISIT, visit).await {
            Ok(Ok(ended)) => ended,
            // The program is being stopped; what was under way is found again.
            Ok(Err(stopped)) => Err(PlaceError::Cut { reason: stopped.to_string() }),
            Err(_) => {
                Err(PlaceError::Cut { reason: "dosarul nu răspunde; verificați dacă locul este montat".to_owned() })
            }
        }
    }
}

fn remote(manifest: &Manifest, channel: &Channel, address: &url::Url) -> Result<Remote, ManifestError> {
    let lacks = |lacks: &str, way_out: &str| ManifestError::Channel {
        system: manifest.system.clone(),
        lacks: lacks.to_owned(),
        way_out: way_out.to_owned(),
    };
    let host = address.host_str().ok_or_else(|| lacks("a host", "write sftp://user@host/folder"))?;
    if address.username().is_empty() {
        return Err(lacks("a user", "write sftp://user@host/folder"));
    }
    let roots = channel.roots.as_deref().ok_or_else(|| {
        lacks("the host key of the server", "put its known_hosts line into roots; a key is never learnt by connecting")
    })?;
    let pins = Pins::read(roots).map_err(|problem| lacks("a usable host key in roots", &problem))?;
    let login = match (&channel.identity, &channel.secret) {
        (Some(key), passphrase) => Login::Key { key: key.clone(), passphrase: passphrase.clone() },
        (None, Some(secret)) if secret.expose_secret().trim_start().starts_with("-----BEGIN ") => {
            Login::Key { key: secret.clone(), passphrase: None }
        }
        (None, Some(secret)) => Login::Password(secret.clone()),
        (None, None) => return Err(lacks("a secret", "give the channel a private key or a password")),
    };
    Ok(Remote {
        // An IPv6 host stands in brackets in an address, and nowhere else.
        host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: address.port().unwrap_or(22),
        user: decoded(address.username()),
        root: root(&decoded(address.path())),
        pins,
        login,
        timeout: manifest.endpoint.timeout,
        reach: channel.reach.clone(),
    })
}

/// Percent-decoding (RFC 3986, section 2.1); what does not decode stays as it is.
fn decoded(text: &str) -> String {
    let (mut out, bytes, mut at) = (Vec::with_capacity(text.len()), text.as_bytes(), 0);
    while at < bytes.len() {
        let byte = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|two| hex::decode(two).ok());
        match byte {
            Some(byte) => {
                out.extend(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
