//! A small county: a sending commune, a directorate on eSocial, a town hall with an inbox, one with a webhook.

use hub_server::config::Config;
use openssl::sha::sha256;

/// The commune that sends; the hub keeps its register.
pub const SENDER: &str = "uat-113625";
/// The directorate; its unit SECPAH is reached over eSocial.
pub const DIRECTORATE: &str = "dgaspc-mehedinti";
/// A town hall that comes for its documents and keeps its own register.
pub const INBOX_TOWN: &str = "uat-110063";
/// A town hall that comes for its documents; the hub keeps its register.
pub const HUB_TOWN: &str = "uat-109924";
/// A town hall whose system gets signed webhooks.
pub const WEBHOOK_TOWN: &str = "uat-109773";
/// The webhook secret, for tests alone.
pub const WEBHOOK_SECRET: &str = "whsec_dGVzdHMgb25seSwgbmV2ZXIgaW4gdXNlIDAwMDAwMDE=";
/// The token of eSocial, for tests alone.
pub const ESOCIAL_TOKEN: &str = "only-for-tests";

/// The API key of a party's system in this county.
#[must_use]
pub fn key(party: &str) -> String {
    format!("test-key-of-{party}")
}

/// Changes the directory a hub is about to read.
///
/// # Panics
/// The hub has no directory file.
pub fn change(config: &Config, change: impl FnOnce(String) -> String) {
    let path = config.directory.as_ref().expect("the hub has a directory");
    let changed = change(std::fs::read_to_string(path).expect("the directory is there"));
    std::fs::write(path, changed).expect("the directory is written");
}

/// The directory of the county, its systems at the given addresses.
#[must_use]
pub fn directory(esocial: &str, webhook: &str, secrets: &std::path::Path) -> String {
    let mut toml = String::new();
    let parties = [
        (SENDER, "Comuna Șișești", "uat", "113625", "hub"),
        (DIRECTORATE, "DGASPC Mehedinți", "dgaspc", "252", "hub"),
        (INBOX_TOWN, "Municipiul Orșova", "uat", "110063", "own"),
        (HUB_TOWN, "Orașul Baia de Aramă", "uat", "109924", "hub"),
        (WEBHOOK_TOWN, "Municipiul Drobeta-Turnu Severin", "uat", "109773", "hub"),
        ("uat-far", "Comuna din alt județ", "uat", "130534", "hub"),
    ];
    for (id, name, kind, siruta, registry) in parties {
        toml += &format!(
            "[[party]]\nid = '{id}'\nname = '{name}'\nkind = '{kind}'\nsiruta = '{siruta}'\nregistry = '{registry}'\n"
        );
        let hash = hex::encode(sha256(key(id).as_bytes()));
        toml += &format!(
            "[[system]]\nid = 'system-{id}'\nparty = '{id}'\nkey_sha256 = '{hash}'\nassurance = 'substantial'\n"
        );
        toml += &format!("[[channel]]\nid = '{id}-inbox'\nparty = '{id}'\nsystem = 'inbox'\n");
    }
    let secrets = secrets.display();
    toml += &format!(
        "[[channel]]\nid = 'esocial'\nparty = '{DIRECTORATE}'\nsystem = 'esocial'\naddress = '{esocial}'\nsecret = 'file:{secrets}/esocial'\n\
         [[channel]]\nid = 'webhook'\nparty = '{WEBHOOK_TOWN}'\nsystem = 'webhook'\naddress = '{webhook}'\nsecret = 'file:{secrets}/webhook'\n"
    );
    let rules = [
        ("secpah", DIRECTORATE, "['ancheta-sociala-adult', 'document-generic']", "['252']", "SECPAH", "esocial"),
        ("registratura", DIRECTORATE, "['certificat-incadrare-grad']", "[]", "Registratura", "dgaspc-mehedinti-inbox"),
        ("orsova", INBOX_TOWN, "[]", "[]", "Compartiment de asistență socială", "uat-110063-inbox"),
        ("baia", HUB_TOWN, "[]", "[]", "Compartiment de asistență socială", "uat-109924-inbox"),
        ("severin", WEBHOOK_TOWN, "[]", "[]", "Direcția de asistență socială", "webhook"),
    ];
    for (id, party, types, territory, unit, channel) in rules {
        toml += &format!(
            "[[competence]]\nid = '{id}'\nparty = '{party}'\ndocument_types = {types}\nterritory = {territory}\nunit = '{unit}'\nchannel = '{channel}'\n"
        );
    }
    let agreements = [
        ("anchete", "['ancheta-sociala-adult']", "evaluare-handicap", "2030-12-31"),
        ("corespondenta", "['document-generic']", "corespondenta", "2030-12-31"),
        ("cereri-expirat", "['cerere-evaluare-complexa-adult']", "evaluare-handicap", "2020-12-31"),
    ];
    for (id, types, purpose, valid_to) in agreements {
        toml += &format!(
            "[[agreement]]\nid = '{id}'\ndocument_types = {types}\npurpose = '{purpose}'\nlegal_basis = 'Legea nr. 448/2006'\nvalid_from = '2020-01-01'\nvalid_to = '{valid_to}'\n\
             senders = {{ kind = 'uat', county = '252' }}\nrecipients = {{ parties = ['{DIRECTORATE}', 'uat-110063', 'uat-109924', 'uat-109773', 'uat-far'] }}\n"
        );
    }
    toml
}
