//! Adapters for the services of the tax administration that a manifest alone cannot describe.

pub mod spv;
