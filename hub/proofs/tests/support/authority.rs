//! A time-stamping authority played by the openssl program. Its name and keys are invented.

use std::path::Path;
use std::process::Command;

use hub_signatures::certificate::Certificate;
use tempfile::TempDir;

const CONFIGURATION: &str = "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN=Test TSA\n[ext]\n\
    extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n\
    [tsa]\ndefault_tsa=tsa1\n[tsa1]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n\
    signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256,sha384,sha512\naccuracy=secs:1\ness_cert_id_alg=sha256\n";

pub struct Authority(TempDir);

impl Authority {
    /// An authority of its own; none when the openssl program is not installed.
    pub fn new() -> Option<Authority> {
        super::program("openssl", "version")?;
        let authority = Authority(tempfile::tempdir().unwrap());
        std::fs::write(authority.folder().join("tsa.cnf"), CONFIGURATION).unwrap();
        std::fs::write(authority.folder().join("serial"), "01").unwrap();
        authority.openssl("req -x509 -config tsa.cnf -newkey rsa:2048 -nodes -days 30 -keyout tsa.key -out tsa.pem");
        Some(authority)
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn pem(&self) -> Vec<u8> {
        std::fs::read(self.folder().join("tsa.pem")).unwrap()
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::all_from_pem(&self.pem()).unwrap().remove(0)
    }

    /// A token over a SHA-256 imprint.
    pub fn stamp(&self, imprint: &[u8]) -> Vec<u8> {
        let hex: String = imprint.iter().map(|byte| format!("{byte:02x}")).collect();
        self.openssl(&format!("ts -query -digest {hex} -sha256 -cert -out query.tsq"));
        self.openssl("ts -reply -config tsa.cnf -queryfile query.tsq -token_out -out token.der");
        std::fs::read(self.folder().join("token.der")).unwrap()
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl").current_dir(self.folder()).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
