//! Revocation values made by the openssl program: who is good, who is revoked, and what says nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::process::Command;

use hub_signatures::certificate::Certificate;
use hub_signatures::revocation::{Answer, RevocationError, RevocationKind, Status, crl_from_file, judge, ocsp_request};
use openssl::asn1::Asn1Time;
use tempfile::TempDir;

const CONFIGURATION: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ncertificate=ca.pem\n\
    private_key=ca.key\ndefault_md=sha256\ndefault_crl_days=1\n[req]\ndistinguished_name=dn\n[dn]\n\
    [leaf]\nkeyUsage=critical,digitalSignature\n\
    crlDistributionPoints=URI:http://crl.example/a.crl,URI:ldap://crl.example/b\n\
    authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.cer\n\
    [responder]\nextendedKeyUsage=OCSPSigning\n[other]\nextendedKeyUsage=clientAuth\n\
    [partial]\nissuingDistributionPoint=critical,@point\n[point]\nonlysomereasons=keyCompromise\n\
    [users]\nissuingDistributionPoint=critical,@only\n[only]\nonlyuser=TRUE\n";

/// An issuer with certificates 2 (good) and 3 (revoked).
struct Issuer(TempDir);

impl Issuer {
    fn new() -> Option<Self> {
        support::started("openssl", "version")?;
        let issuer = Self(tempfile::tempdir().unwrap());
        issuer.write("ca.cnf", CONFIGURATION);
        issuer.write("crlnumber", "01\n");
        let line = |state: &str, serial: &str| format!("{state}\t{serial}\tunknown\t/CN={serial}\n");
        issuer.write("index.txt", &(line("V\t401231000000Z\t", "02") + &line("R\t401231000000Z\t260101000000Z", "03")));
        issuer.openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Issuer -keyout ca.key -out ca.pem -config ca.cnf \
            -addext basicConstraints=critical,CA:TRUE",
        );
        for (name, serial, section) in
            [("good", 2, "leaf"), ("bad", 3, "leaf"), ("responder", 4, "responder"), ("other", 5, "other")]
        {
            issuer.openssl(&format!(
                "req -new -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr -config ca.cnf"
            ));
            issuer.openssl(&format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -set_serial {serial} -days 20 -out {name}.pem \
                 -extfile ca.cnf -extensions {section}"
            ));
        }
        Some(issuer)
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).unwrap();
    }

    fn openssl(&self, arguments: &str) {
        let output =
            Command::new("openssl").current_dir(self.folder()).args(arguments.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn certificate(&self, name: &str) -> Certificate {
        Certificate::all_from_pem(&std::fs::read(self.folder().join(format!("{name}.pem"))).unwrap()).unwrap().remove(0)
    }

    fn list(&self, more: &str) -> Vec<u8> {
        self.openssl(&format!("ca -config ca.cnf -gencrl -crlsec 3600 -out list.pem {more}"));
        crl_from_file(&std::fs::read(self.folder().join("list.pem")).unwrap()).unwrap()
    }

    /// The answer about a certificate, to our own request, signed by a key of this name.
    fn response(&self, about: &str, signer: &str) -> Vec<u8> {
        let request = ocsp_request(&self.certificate(about), &self.certificate("ca")).unwrap();
        std::fs::write(self.folder().join("query.der"), request).unwrap();
        self.openssl(&format!(
            "ocsp -index index.txt -CA ca.pem -rsigner {signer}.pem -rkey {signer}.key -reqin query.der -respout reply.der -nmin 10"
        ));
        std::fs::read(self.folder().join("reply.der")).unwrap()
    }
}

fn now() -> i64 {
    let since = Asn1Time::from_unix(0).unwrap().diff(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    i64::from(since.days) * 86_400 + i64::from(since.secs)
}

fn revoked(answer: &Answer) -> bool {
    // 1 January 2026, as the index says.
    answer.status == Status::Revoked { since: support::NEW_YEAR_2026 }
}

#[test]
fn a_certificate_says_where_its_standing_is_told() {
    let Some(issuer) = Issuer::new() else { return };
    let (good, ca) = (issuer.certificate("good"), issuer.certificate("ca"));
    assert_eq!(good.crl_addresses(), ["http://crl.example/a.crl"], "only addresses of the web are asked");
    assert_eq!(good.ocsp_addresses(), ["http://ocsp.example/"]);
    assert!(ca.crl_addresses().is_empty() && ca.ocsp_addresses().is_empty());
    assert!(good.is_issued_by(&ca) && !ca.is_issued_by(&good) && !good.is_issued_by(&issuer.certificate("bad")));
    assert_eq!(Certificate::all_from_pem(good.to_pem().as_bytes()).unwrap(), [good]);
}

#[test]
fn a_revocation_list_tells_the_good_from_the_revoked() {
    let (Some(issuer), Some(namesake)) = (Issuer::new(), Issuer::new()) else { return };
    let ca = issuer.certificate("ca");
    let about = |list: &[u8], name: &str| judge(RevocationKind::Crl, list, (&issuer.certificate(name), &ca), now());
    for list in [issuer.list(""), issuer.list("-crlexts users")] {
        let good = about(&list, "good").unwrap();
        assert_eq!(good.status, Status::Good);
        assert!(good.next_update.unwrap() - good.this_update == 3600 && (good.this_update - now()).abs() < 60);
        assert!(revoked(&about(&list, "bad").unwrap()));
    }
    // A list that leaves reasons out may not say "good".
    assert!(matches!(about(&issuer.list("-crlexts partial"), "good"), Err(RevocationError::OtherScope(_))));
    // Another issuer of the same name, and bytes changed on the way.
    assert!(matches!(about(&namesake.list(""), "good"), Err(RevocationError::Signature(_))));
    let mut changed = issuer.list("");
    *changed.last_mut().unwrap() ^= 1;
    assert!(matches!(about(&changed, "bad"), Err(RevocationError::Signature(_))));
    assert!(matches!(about(b"nothing", "good"), Err(RevocationError::Unreadable(_))));
    let early = judge(RevocationKind::Crl, &issuer.list(""), (&issuer.certificate("good"), &ca), now() - 3600);
    assert_eq!(early, Err(RevocationError::FromTheFuture));
}

#[test]
fn a_responder_is_believed_when_the_issuer_says_so() {
    let (Some(issuer), Some(namesake)) = (Issuer::new(), Issuer::new()) else { return };
    let ca = issuer.certificate("ca");
    let about = |reply: &[u8], name: &str| judge(RevocationKind::Ocsp, reply, (&issuer.certificate(name), &ca), now());
    for signer in ["ca", "responder"] {
        let good = about(&issuer.response("good", signer), "good").unwrap();
        assert_eq!(good.status, Status::Good, "{signer}");
        assert_eq!(good.next_update.unwrap() - good.this_update, 600, "{signer}");
        assert!(revoked(&about(&issuer.response("bad", signer), "bad").unwrap()), "{signer}");
    }
    // Issued by the same authority, but not for this.
    assert!(matches!(about(&issuer.response("good", "other"), "good"), Err(RevocationError::Signature(_))));
    assert!(matches!(about(&issuer.response("bad", "ca"), "good"), Err(RevocationError::OtherScope(_))));
    assert!(matches!(about(&issuer.response("other", "ca"), "other"), Err(RevocationError::NoStatus(_))));
    assert!(about(&namesake.response("good", "ca"), "good").is_err());
    assert!(matches!(about(b"nothing", "good"), Err(RevocationError::Unreadable(_))));
    // OCSPResponse with the status "tryLater" and nothing else.
    assert!(matches!(about(&[0x30, 0x03, 0x0A, 0x01, 0x03], "good"), Err(RevocationError::NoStatus(_))));
}
