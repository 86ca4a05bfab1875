//! Keys that a configuration may still have and that are not read any more, each with the way out.
//!
//! They are refused rather than read: who trusts a proxy says so at one place.

/// Table, key, how both are told, and what to write instead.
const MOVED: [(&str, &str, &str, &str); 2] = [
    (
        "sign_in",
        "address_header",
        "[sign_in] address_header",
        "take it out and name the addresses of your own reverse proxies in [door] trusted_proxies; their X-Forwarded-For is \
         believed everywhere, and nobody else's",
    ),
    (
        "proxy",
        "trusted",
        "[proxy] trusted",
        "write the same addresses in [door] trusted_proxies; [proxy] keeps client_roots and revocation",
    ),
];

/// The first moved key that a file has, and its way out.
pub(super) fn held(text: &str) -> Option<(&'static str, &'static str)> {
    // What is no TOML is told by who reads it whole.
    let tables: toml::Table = toml::from_str(text).ok()?;
    let has = |table: &str, key: &str| tables.get(table).and_then(|table| table.get(key)).is_some();
    MOVED.iter().find(|(table, key, ..)| has(table, key)).map(|(_, _, told, way_out)| (*told, *way_out))
}

#[cfg(test)]
mod tests {
    use super::held;

    #[test]
    fn a_moved_key_is_told_with_its_way_out() {
        for old in ["[sign_in]\naddress_header = 'x-forwarded-for'", "[proxy]\ntrusted = ['10.0.0.5']"] {
            let (key, way_out) = held(old).unwrap();
            assert!(old.contains(key.split(' ').next_back().unwrap()) && way_out.contains("trusted_proxies"), "{old}");
        }
        assert_eq!(held("[door]\ntrusted_proxies = ['10.0.0.5']\n[proxy]\nclient_roots = 'ca.pem'"), None);
    }
}
