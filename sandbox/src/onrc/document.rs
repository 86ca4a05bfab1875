//! The document a certificate ends in: a small PDF, signed with a test certificate (PAdES, baseline B).
//!
//! It looks like nothing the register issues and says so: only its signature and its labelled lines are meant to be read.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const DAY: i64 = 86_400;
/// Bytes kept for the signature.
const ROOM: usize = 8 * 1024;
/// OpenSSL's `CMS_CADES`: the signature names its certificate, as PAdES wants (ETSI EN 319 142-1, clause 5.2).
const NAMES_ITS_CERTIFICATE: u32 = 0x10_0000;

/// What is wrong with the signature of a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// Nothing.
    #[default]
    None,
    /// A byte of the text was changed after signing.
    Broken,
    /// Made with a certificate that expired yesterday.
    Expired,
    /// Made with a certificate that nobody issued but itself.
    Stranger,
    /// Something was added after signing, as an incremental update.
    Updated,
    /// Not signed at all.
    Unsigned,
}

struct Seal {
    key: PKey<Private>,
    certificate: X509,
}

/// The keys the twin signs with.
pub(super) struct Seals {
    root_pem: String,
    good: Seal,
    expired: Seal,
    stranger: Seal,
}

impl Seals {
    pub(super) fn new(now: i64) -> Result<Self, ErrorStack> {
        let root_key = key()?;
        let root_name = name("Autoritate de test pentru documente")?;
        let mut root = certificate(&root_key, (&root_name, &root_name), 1, (now - 3_000 * DAY, now + 3_000 * DAY))?;
        root.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        root.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
        root.sign(&root_key, MessageDigest::sha256())?;
        let seal = |common: &str, issued: bool, serial, validity| -> Result<Seal, ErrorStack> {
            let (own, subject) = (key()?, name(common)?);
            let issuer = if issued { &root_name } else { &subject };
            let mut builder = certificate(&own, (&subject, issuer), serial, validity)?;
            builder.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
            builder.sign(if issued { &root_key } else { &own }, MessageDigest::sha256())?;
            Ok(Seal { key: own, certificate: builder.build() })
        };
        let valid = (now - DAY, now + 2_000 * DAY);
        Ok(Self {
            root_pem: String::from_utf8_lossy(&root.build().to_pem()?).into_owned(),
            good: seal("Registrul de test", true, 2, valid)?,
            expired: seal("Registrul de test", true, 3, (now - 700 * DAY, now - DAY))?,
            stranger: seal("Registrul de test", false, 4, valid)?,
        })
    }

    pub(super) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// A PDF with these lines, signed.
    pub(super) fn signed(&self, lines: &[String], now: i64, flaw: Flaw) -> Result<Vec<u8>, ErrorStack> {
        let seal = match flaw {
            Flaw::Expired => &self.expired,
            Flaw::Stranger => &self.stranger,
            _ => &self.good,
        };
        let (mut pdf, hole) = unsigned(lines, now);
        if flaw == Flaw::Unsigned {
            let mark = pdf.windows(11).rposition(|window| window == b"/ByteRange[").unwrap_or(0);
            pdf[mark..mark + 11].copy_from_slice(b"/Nesemnat.[");
            return Ok(pdf);
        }
        let (before, after) = (&pdf[..hole.start], &pdf[hole.end..]);
        let signed = [before, after].concat();
        let options = CMSOptions::DETACHED | CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
        let options = options | CMSOptions::from_bits_retain(NAMES_ITS_CERTIFICATE);
        let cms = CmsContentInfo::sign(Some(&seal.certificate), Some(&seal.key), None, Some(&signed), options)?;
        let written = hex::encode(cms.to_der()?);
        pdf[hole.start + 1..hole.start + 1 + written.len()].copy_from_slice(written.as_bytes());
        match flaw {
            Flaw::Broken => {
                let at = pdf.windows(4).position(|four| four == b"DEMO").unwrap_or(100);
                pdf[at] = b'd';
            }
            Flaw::Updated => pdf.extend_from_slice(b"9 0 obj\n<</Adaugat true>>\nendobj\nstartxref\n9\n%%EOF\n"),
            _ => {}
        }
        Ok(pdf)
    }
}

/// The labelled lines of a certificate. Of a firm that was struck off only three chapters (contract sheet section 2).
pub(super) fn lines(record: &Value, kind: &str) -> Vec<String> {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
    let mut lines = vec![
        "DOCUMENT DE TEST - FARA VALOARE JURIDICA".to_owned(),
        format!("Certificat constatator: {kind}"),
        format!("Denumire: {}", text("/denumire")),
        format!("Numar de ordine in Registrul Comertului: {}", text("/nr_reg")),
        format!("EUID: {}", text("/euid")),
        format!("Cod unic de inregistrare: {}", text("/cui")),
        format!("Stare firma: {}", text("/stare/normalizata")),
    ];
    if text("/stare/normalizata") == "RADIATA" {
        lines.push(format!("Data radierii: {}", text("/data_radiere")));
        lines.push("Motivul radierii: simulat".to_owned());
        lines.push("Repartizarea activelor: simulat".to_owned());
        return lines;
    }
    lines.push(format!("Forma juridica: {}", text("/forma_juridica/cod")));
    lines.push(format!("Data inmatricularii: {}", text("/data_inmatriculare")));
    lines.push(format!("Judet: {}", text("/sediu/judet")));
    lines.push(format!("Localitate: {}", text("/sediu/localitate")));
    lines.push(format!("Strada: {}", text("/sediu/strada")));
    lines.push(format!("Numar: {}", text("/sediu/numar")));
    lines.push(format!("Activitate principala: {}", text("/activitate_principala/caen")));
    lines.push(format!("Capital subscris: {}", text("/capital/subscris")));
    lines
}

/// The PDF without its signature, and where the signature goes, its angle brackets included (ISO 32000-1, section 12.8).
fn unsigned(lines: &[String], now: i64) -> (Vec<u8>, std::ops::Range<usize>) {
    let mut page = "BT /F1 11 Tf 14 TL 60 780 Td\n".to_owned();
    for line in lines {
        page.push_str(&format!("({}) Tj T*\n", escaped(line)));
    }
    page.push_str("ET");
    let moment = crate::date::moment(now).replace(['-', ':', 'T'], "");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/SigFlags 3>>>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R/Annots[6 0 R]>>"
            .to_owned(),
        format!("<</Length {}>>\nstream\n{page}\nendstream", page.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Semnatura)/Rect[0 0 0 0]/F 132/P 3 0 R/V 7 0 R>>".to_owned(),
        format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:{}Z)/ByteRange[0 {:010} {:010} {:010}]\
             /Contents<{}>>>",
            &moment[..14],
            0,
            0,
            0,
            "0".repeat(2 * ROOM)
        ),
    ];
    let mut pdf = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = String::new();
    for (position, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", position + 1).as_bytes());
    }
    let start = pdf.len();
    pdf.extend_from_slice(
        format!(
            "xref\n0 {0}\n0000000000 65535 f \n{table}trailer\n<</Size {0}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .as_bytes(),
    );
    let find = |what: &[u8]| pdf.windows(what.len()).position(|window| window == what).unwrap_or(0);
    let hole = find(b"/Contents<") + 9;
    let hole = hole..hole + 2 * ROOM + 2;
    let range = find(b"/ByteRange[") + 11;
    let text = format!("0 {:010} {:010} {:010}", hole.start, hole.end, pdf.len() - hole.end);
    pdf[range..range + text.len()].copy_from_slice(text.as_bytes());
    (pdf, hole)
}

/// A text for a PDF string in WinAnsi; Romanian letters lose their marks.
fn escaped(text: &str) -> String {
    let plain = text.chars().map(|letter| match letter {
        'ă' | 'â' => 'a',
        'Ă' | 'Â' => 'A',
        'î' => 'i',
        'Î' => 'I',
        'ș' | 'ş' => 's',
        'Ș' | 'Ş' => 'S',
        'ț' | 'ţ' => 't',
        'Ț' | 'Ţ' => 'T',
        other if other.is_ascii() => other,
        _ => '?',
    });
    plain.collect::<String>().replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?.as_ref())?)
}

fn name(common: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COUNTRYNAME, "RO")?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Punte sandbox")?;
    name.append_entry_by_nid(Nid::COMMONNAME, common)?;
    Ok(name.build())
}

fn certificate(
    key: &PKey<Private>,
    (subject, issuer): (&X509Name, &X509Name),
    serial: u32,
    (from, until): (i64, i64),
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&*BigNum::from_u32(serial)?)?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(&*Asn1Time::from_unix(from)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(until)?)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}
