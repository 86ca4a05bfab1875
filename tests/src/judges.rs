//! Programs that are not ours, asked about what the hub seals.

use std::path::Path;

use crate::shared::{program, vectors};

/// The ETSI schema, by libxml2, accepts the files `000.xml`, `001.xml` … of a folder.
///
/// # Panics
/// It does not.
pub fn schema_accepts(folder: &Path, count: usize) {
    let (Some(schema), Some(mut xmllint)) = (vectors("erds-schema/evidence-all.xsd"), program("xmllint")) else {
        return;
    };
    let files = (0..count).map(|index| folder.join(format!("{index:03}.xml")));
    let output =
        xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).args(files).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// xmlsec1 verifies them under the certificate `seal.pem` of the folder.
///
/// # Panics
/// It does not.
pub fn xmlsec1_accepts(folder: &Path, count: usize) {
    let Some(mut xmlsec1) = program("xmlsec1") else { return };
    xmlsec1.args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]);
    xmlsec1.arg("--pubkey-cert-pem").arg(folder.join("seal.pem"));
    let files = (0..count).map(|index| folder.join(format!("{index:03}.xml")));
    let output = xmlsec1.args(files).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
