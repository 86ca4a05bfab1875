//! What all services of ANAF ask of their manifests.

use connectors_contract::{Engine, Manifest, ManifestError, SideEffect};

/// What a second upload does, as the manifest says it. No upload of ANAF has a key.
pub(crate) fn upload(engine: &dyn Engine, manifest: &Manifest) -> Result<SideEffect, ManifestError> {
    let Some(deliver) = &manifest.deliver else {
        return Err(engine.without(manifest, "deliveries without a section [deliver]", "add it"));
    };
    if deliver.side_effect == SideEffect::Repeatable {
        let way_out = "an upload has no key: write queryable, or once where a person is to decide";
        return Err(engine.without(manifest, "side_effect = \"repeatable\"", way_out));
    }
    Ok(deliver.side_effect)
}

/// Refuses a manifest with lookups that the service does not have.
pub(crate) fn only(names: &[&str], engine: &dyn Engine, manifest: &Manifest) -> Result<(), ManifestError> {
    match manifest.lookups.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => {
            let way_out = format!("it has {}", names.join(", "));
            Err(engine.without(manifest, &format!("the lookup {name:?}"), &way_out))
        }
        None => Ok(()),
    }
}
