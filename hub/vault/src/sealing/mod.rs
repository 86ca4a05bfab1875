//! The encrypted form of a blob and of its data key.
//!
//! ```text
//! blob  = "PNTVLT01" ‖ chunk …                        chunk = AES-256-GCM(262 144 plain bytes; the last 0 to 262 144) ‖ tag
//!         nonce = 3 zero bytes ‖ 1 in the last chunk, otherwise 0 ‖ number of the chunk as u64 big endian
//!         authenticated beside it: "PNTVLT01" ‖ name of the blob
//! key   = "PNTVKY01" ‖ length and id of the master key ‖ nonce ‖ AES-256-GCM(data key ‖ SHA-256 of the plain bytes ‖ their length as u64 big endian) ‖ tag
//! ```
//!
//! A data key encrypts one blob and nothing else, and a blob never changes; therefore a counter may be its nonce.
//! A chunk that is elsewhere, missing, doubled or of another blob does not open; nor does a blob that ends early.

mod cipher;
mod chunks;
mod wrapped;

pub(crate) use chunks::{CHUNK, HEADER, MAGIC, Sealer, chunk_at, open_chunk, sealed_len};
pub(crate) use wrapped::{LONGEST, Secret, unwrap, wrap, wrapped_by};
