//! The manifest of a system: data, no conditions, loops or expressions.

/// A parsed `manifest.toml`.
#[derive(Debug, Clone)]
pub struct Manifest {}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {}
