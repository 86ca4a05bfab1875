//! The context of handshakes: versions, ciphers, groups, session tickets, stapling.

use anyhow::{Context as _, bail};
use openssl::pkey::PKey;
use openssl::ssl::{
    AlpnError, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslSessionCacheMode, SslVerifyMode,
    SslVersion, select_next_proto,
};
use openssl::x509::{X509, X509VerifyResult};

use crate::config::{ClientCertificates, OldestTls, TlsConfig};

use super::anchors::Anchors;

/// TLS 1.2: ephemeral keys and authenticated encryption only (RFC 9325, section 4.2).
const CIPHERS: &str = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:\
    ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
/// TLS 1.3.
const SUITES: &str = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
/// Key agreement: a hybrid that outlives quantum computers where the library knows it, then curves.
const GROUPS: &str = "?X25519MLKEM768:X25519:P-256:P-384";
/// Signatures: nothing with SHA-1.
const SIGNATURES: &str = "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:\
    RSA+SHA384:RSA+SHA512";
/// What is spoken above TLS, the best first, each with its length before it (RFC 7301).
const PROTOCOLS: &[u8] = b"\x02h2\x08http/1.1";

/// Makes the context.
///
/// # Errors
/// A file is missing or wrong, or key and certificate do not belong together.
pub(super) fn make(config: &TlsConfig, anchors: Option<&Anchors>) -> anyhow::Result<SslContext> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(match config.min {
        OldestTls::V1_2 => SslVersion::TLS1_2,
        OldestTls::V1_3 => SslVersion::TLS1_3,
    }))?;
    builder
        .set_options(SslOptions::NO_COMPRESSION | SslOptions::NO_RENEGOTIATION | SslOptions::CIPHER_SERVER_PREFERENCE);
    // The chain is sent as it is in the file, never completed from the roots of clients.
    builder.set_mode(SslMode::NO_AUTO_CHAIN | SslMode::RELEASE_BUFFERS);
    builder.set_cipher_list(CIPHERS)?;
    builder.set_ciphersuites(SUITES)?;
    builder.set_groups_list(GROUPS)?;
    builder.set_sigalgs_list(SIGNATURES)?;
    builder.set_alpn_select_callback(|_, offered| select_next_proto(PROTOCOLS, offered).ok_or(AlpnError::ALERT_FATAL));
    own_identity(&mut builder, config)?;
    clients(&mut builder, config.client, anchors)?;
    if let Some(path) = &config.ocsp {
        let response = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        openssl::ocsp::OcspResponse::from_der(&response)
            .with_context(|| format!("{} is no OCSP response in DER", path.display()))?;
        builder.set_status_callback(move |ssl| ssl.set_ocsp_status(&response).map(|()| true))?;
    }
    Ok(builder.build())
}

fn own_identity(builder: &mut SslContextBuilder, config: &TlsConfig) -> anyhow::Result<()> {
    let read =
        |path: &std::path::Path| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    let chain = X509::stack_from_pem(&read(&config.certificate)?)
        .with_context(|| format!("{} is no PEM certificate chain", config.certificate.display()))?;
    let Some((own, above)) = chain.split_first() else {
        bail!("{} holds no certificate", config.certificate.display());
    };
    let key = PKey::private_key_from_pem(&read(&config.key)?)
        .with_context(|| format!("{} is no unencrypted PEM key", config.key.display()))?;
    if !own.public_key()?.public_eq(&key) {
        bail!("{} is not the key of {}", config.key.display(), config.certificate.display());
    }
    builder.set_certificate(own)?;
    for certificate in above {
        builder.add_extra_chain_cert(certificate.clone())?;
    }
    builder.set_private_key(&key)?;
    Ok(())
}

fn clients(
    builder: &mut SslContextBuilder,
    asked: ClientCertificates,
    anchors: Option<&Anchors>,
) -> anyhow::Result<()> {
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_session_id_context(b"punte")?;
    let mode = match asked {
        ClientCertificates::Off => {
            builder.set_verify(SslVerifyMode::NONE);
            return Ok(());
        }
        ClientCertificates::Optional => SslVerifyMode::PEER,
        ClientCertificates::Required => SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
    };
    let anchors = anchors.context("[tls] with client certificates needs client_roots")?;
    // A resumed session would bring back a certificate that was judged earlier: with client certificates every
    // connection is judged anew.
    builder.set_options(SslOptions::NO_TICKET);
    builder.set_num_tickets(0)?;
    builder.set_client_ca_list(anchors.names()?);
    builder.set_verify_cert_store(anchors.store()?)?;
    builder.set_verify_depth(4);
    builder.set_verify_callback(mode, |believed, chain| {
        // Lists are asked of the issuers of clients; for authorities between them and the root they are used where
        // they are given.
        let no_list = chain.error().as_raw() == UNABLE_TO_GET_CRL && chain.error_depth() > 0;
        if no_list {
            chain.set_error(X509VerifyResult::OK);
        }
        believed || no_list
    });
    Ok(())
}

/// `X509_V_ERR_UNABLE_TO_GET_CRL`.
const UNABLE_TO_GET_CRL: i32 = 3;
