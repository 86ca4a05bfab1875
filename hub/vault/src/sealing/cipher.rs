//! AES-256-GCM over openssl.

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;

pub(super) const TAG: usize = 16;
const WHY: &str = "AES-256-GCM with a key of 32 and a nonce of 12 bytes takes any bytes";

/// Appends the encrypted bytes and their tag.
pub(super) fn seal(key: &[u8; 32], nonce: &[u8; 12], beside: &[u8], plain: &[u8], sealed: &mut Vec<u8>) {
    let mut cipher = CipherCtx::new().expect(WHY);
    cipher.encrypt_init(Some(Cipher::aes_256_gcm()), Some(key), Some(nonce)).expect(WHY);
    cipher.cipher_update(beside, None).expect(WHY);
    cipher.cipher_update_vec(plain, sealed).expect(WHY);
    cipher.cipher_final_vec(sealed).expect(WHY);
    let mut tag = [0; TAG];
    cipher.tag(&mut tag).expect(WHY);
    sealed.extend_from_slice(&tag);
}

/// The plain bytes, or nothing where anything of key, nonce, bytes or what is beside them is another.
pub(super) fn open(key: &[u8; 32], nonce: &[u8; 12], beside: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (body, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG)?)?;
    let mut cipher = CipherCtx::new().expect(WHY);
    cipher.decrypt_init(Some(Cipher::aes_256_gcm()), Some(key), Some(nonce)).expect(WHY);
    cipher.cipher_update(beside, None).expect(WHY);
    let mut plain = Vec::with_capacity(body.len() + TAG);
    cipher.cipher_update_vec(body, &mut plain).expect(WHY);
    cipher.set_tag(tag).expect(WHY);
    cipher.cipher_final_vec(&mut plain).ok()?;
    Some(plain)
}
