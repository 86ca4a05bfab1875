//! A time-stamping authority played by the openssl program.

use std::path::Path;
use std::process::Command;

use hub_signatures::certificate::Certificate;
use hub_signatures::trust::Trust;
use tempfile::TempDir;

const CONFIGURATION: &str = "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN=Test TSA\n[ext]\n\
    extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n\
    [mixed]\nextendedKeyUsage=critical,timeStamping,emailProtection\n[loose]\nextendedKeyUsage=timeStamping\n\
    [tsa]\ndefault_tsa=tsa1\n[tsa1]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n\
    signer_digest=sha256\ndefault_policy=1.2.3.4\nother_policies=1.2.3.5\ndigests=sha256,sha384,sha512\n\
    accuracy=secs:1,millisecs:500\nclock_precision_digits=3\ness_cert_id_alg=sha256\n";

pub struct Authority(TempDir);

impl Authority {
    /// An authority of its own; none when the openssl program is not installed.
    pub fn new() -> Option<Authority> {
        Authority::with_extensions("ext")
    }

    /// The same, its certificate made for other purposes: `mixed` or `loose`.
    pub fn with_extensions(extensions: &str) -> Option<Authority> {
        super::started("openssl", "version")?;
        let authority = Authority(tempfile::tempdir().unwrap());
        std::fs::write(authority.folder().join("tsa.cnf"), CONFIGURATION).unwrap();
        std::fs::write(authority.folder().join("serial"), "01").unwrap();
        let key = "-newkey rsa:2048 -nodes -days 30 -keyout tsa.key -out tsa.pem";
        authority.openssl(&format!("req -x509 -config tsa.cnf -extensions {extensions} {key}"));
        Some(authority)
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::all_from_pem(&std::fs::read(self.folder().join("tsa.pem")).unwrap()).unwrap().remove(0)
    }

    pub fn trust(&self) -> Trust {
        Trust::Anchors(vec![self.certificate()])
    }

    /// A token over a SHA-256 imprint.
    pub fn stamp(&self, imprint: &[u8]) -> Vec<u8> {
        let hex: String = imprint.iter().map(|byte| format!("{byte:02x}")).collect();
        self.openssl(&format!("ts -query -digest {hex} -sha256 -cert -out query.tsq"));
        self.openssl("ts -reply -config tsa.cnf -queryfile query.tsq -token_out -out token.der");
        std::fs::read(self.folder().join("token.der")).unwrap()
    }

    /// The answer to a request, rejections included.
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        std::fs::write(self.folder().join("query.tsq"), request).unwrap();
        // A rejection ends the program with an error, after it wrote its answer.
        let _rejected = self.run("ts -reply -config tsa.cnf -queryfile query.tsq -out reply.tsr");
        std::fs::read(self.folder().join("reply.tsr")).unwrap()
    }

    pub fn run(&self, arguments: &str) -> std::process::Output {
        Command::new("openssl").current_dir(self.folder()).args(arguments.split(' ')).output().unwrap()
    }

    pub fn openssl(&self, arguments: &str) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
