//! The words of the expiry board, in Romanian for people and as codes for programs.

use hub_flow::preservation::{Advice, Cause, Group};

/// Code and Romanian word of a group, and its id.
pub(crate) fn group(group: &Group) -> ((&'static str, &'static str), String) {
    match group {
        Group::Batch(number) => (("batch", "lotul"), number.to_string()),
        Group::Seal(sha256) => (("seal", "sigiliul"), sha256.clone()),
        Group::Authority(sha256) => (("authority", "autoritatea"), sha256.clone()),
        Group::LogHead(size) => (("log-head", "capul jurnalului"), size.to_string()),
    }
}

/// Code and Romanian words of a cause.
pub(crate) fn cause(cause: Cause) -> (String, String) {
    match cause {
        Cause::SealEnds => ("seal-ends".to_owned(), "expiră certificatul sigiliului".to_owned()),
        Cause::AuthorityEnds => ("authority-ends".to_owned(), "expiră certificatul autorității de marcare".to_owned()),
        Cause::AlgorithmAges(name) => (format!("algorithm-ages:{name}"), format!("algoritmul {name} îmbătrânește")),
    }
}

/// Code and Romanian words of an advice.
pub(crate) fn advice(advice: Advice) -> (&'static str, &'static str) {
    match advice {
        Advice::Covered => ("nothing", "nimic de făcut: un dosar de păstrare mai nou le acoperă"),
        Advice::AwaitBatch => ("await-batch", "nimic de făcut: intră în lotul următor"),
        Advice::NameAuthority => ("name-authority", "configurați [time_stamping]: nimeni nu marchează dovezile"),
        Advice::RenewTimeStamp => {
            ("renew-time-stamp", "de reînnoit marca temporală; hubul o face singur dacă autoritatea are certificat nou")
        }
        Advice::RenewHashTree => ("renew-hash-tree", "de reînnoit arborele: punte preserve --renew-hash sha512"),
        Advice::TooLate => ("too-late", "prea târziu: a expirat înainte de reînnoire"),
    }
}
