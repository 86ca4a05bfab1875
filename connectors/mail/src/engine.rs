//! The engine: checks a manifest and a channel before anything is called.

use std::sync::Arc;
use std::time::Duration;

use connectors_contract::{Channel, Engine, Inbound, Manifest, ManifestError, Outbound, SideEffect};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::address::{MailAddress, Server, path, server};
use crate::inbound::{MailInbound, Mailbox};
use crate::line::Trust;
use crate::outbound::MailOutbound;
use crate::settings::Settings;
use crate::smtp::Access;

/// The time in seconds since 1970, given by whoever builds the engine.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Delivers and fetches by mail.
pub struct MailEngine {
    clock: Clock,
}

/// The server that takes the hub's mails. Has no Debug on purpose.
pub(crate) struct Post {
    clock: Clock,
    pub(crate) settings: Settings,
    /// Who the hub's mails are from.
    pub(crate) from: MailAddress,
    server: Server,
    secret: Option<SecretString>,
    trust: Trust,
    patience: Duration,
}

impl Post {
    /// The present moment, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// How the server is reached.
    pub(crate) fn access(&self) -> Access<'_> {
        Access { server: &self.server, secret: self.secret.as_ref(), trust: &self.trust, patience: self.patience }
    }
}

impl MailEngine {
    /// Builds the engine.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }

    fn settings(&self, manifest: &Manifest) -> Result<Settings, ManifestError> {
        if manifest.engine != self.name() {
            let asked = format!("engine = {:?}", manifest.engine);
            return Err(self.without(manifest, &asked, "give the manifest to the engine it names"));
        }
        let settings: Settings = manifest.section()?.unwrap_or_default();
        match settings.contradiction() {
            Some(problem) => Err(self.without(manifest, "this table [mail]", &problem)),
            None => Ok(settings),
        }
    }

    fn post(&self, manifest: &Manifest, channel: &Channel, address: &Url) -> Result<Post, ManifestError> {
        let settings = self.settings(manifest)?;
        let server = server(&manifest.system, address)?;
        let from = server.user.as_deref().and_then(MailAddress::read).ok_or_else(|| {
            let way_out = "write smtps://hub%40exemplu.ro@server/…: the hub's own mail address is its user";
            lacks(manifest, "a user that is a mail address", way_out)
        })?;
        Ok(Post {
            clock: Arc::clone(&self.clock),
            settings,
            from,
            server,
            secret: channel.secret.clone(),
            trust: Trust {
                roots: channel.roots.clone(),
                identity: channel.identity.clone(),
                reach: channel.reach.clone(),
            },
            patience: manifest.endpoint.timeout,
        })
    }
}

impl Engine for MailEngine {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let address = manifest.endpoint.address(&manifest.system, &channel)?;
        if !address.scheme().starts_with("smtp") {
            return Err(lacks(manifest, "an SMTP address", "write smtps://user@server/recipient@domain"));
        }
        // One secret may serve both directions; the second line is the sender's key and no part of the password.
        let password = channel.secret.as_ref().map(|secret| two_lines(secret).0);
        let post = self.post(manifest, &Channel { secret: password, ..channel.clone() }, &address)?;
        let to = path(&address).as_deref().and_then(MailAddress::read).ok_or_else(|| {
            lacks(
                manifest,
                "a recipient",
                "write its mail address after the server: smtps://user@server/recipient@domain",
            )
        })?;
        let side_effect = manifest.deliver.as_ref().map_or(SideEffect::Once, |deliver| deliver.side_effect);
        if side_effect == SideEffect::Queryable {
            let way_out =
                "mail cannot be asked: write once, or repeatable where a program knows packages again by name";
            return Err(self.without(manifest, "side_effect = \"queryable\"", way_out));
        }
        Ok(Arc::new(MailOutbound::new(Arc::new(post), to, side_effect)))
    }

    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        let settings = self.settings(manifest)?;
        let address = channel.address.clone().filter(|address| address.scheme().starts_with("imap"));
        let way_out = "write imaps://user@server/INBOX?from=registratura@primaria.ro";
        let address = address.ok_or_else(|| lacks(manifest, "an IMAP address", way_out))?;
        let server = server(&manifest.system, &address)?;
        let sender = address.query_pairs().find(|(name, _)| name == "from").map(|(_, value)| value.replace(' ', "+"));
        let sender =
            sender.as_deref().and_then(MailAddress::read).ok_or_else(|| lacks(manifest, "a sender", way_out))?;
        let secret = channel.secret.as_ref().ok_or_else(|| {
            lacks(
                manifest,
                "a secret",
                "give the channel the password of the mailbox, and the sender's key on a second line",
            )
        })?;
        let (password, key) = two_lines(secret);
        if key.is_none() && settings.authserv_id.is_none() {
            let way_out =
                "put the sender's key on a second line of the secret, or set mail.authserv_id in the manifest";
            return Err(lacks(manifest, "a proof of who writes", way_out));
        }
        let answers =
            manifest.endpoint.base_url.as_ref().ok_or_else(|| {
                lacks(manifest, "a server for answers", "set endpoint.base_url to smtps://user@server")
            })?;
        let answers = answers.url(&manifest.system)?;
        let post = self.post(manifest, &Channel { secret: Some(password.clone()), ..channel.clone() }, &answers)?;
        let name = path(&address).unwrap_or_else(|| "INBOX".to_owned());
        let mailbox = Mailbox { server, name, password, key, sender };
        if !mailbox.is_plain() {
            return Err(lacks(manifest, "a plain mailbox name", "letters, digits, - _ . and / make a mailbox name"));
        }
        Ok(Arc::new(MailInbound::new(Arc::new(post), mailbox)))
    }
}

fn lacks(manifest: &Manifest, lacks: &str, way_out: &str) -> ManifestError {
    ManifestError::Channel { system: manifest.system.clone(), lacks: lacks.to_owned(), way_out: way_out.to_owned() }
}

/// The password, and the key of the sender below it.
fn two_lines(secret: &SecretString) -> (SecretString, Option<SecretString>) {
    let mut lines = secret.expose_secret().lines().map(str::trim_end);
    let password = lines.next().unwrap_or_default();
    let key = lines.next().filter(|key| !key.is_empty());
    (password.into(), key.map(SecretString::from))
}
