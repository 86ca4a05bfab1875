//! Reading evidences of all events, the rules for each, and documents that try to be read otherwise than they are.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use hub_proofs::event::Event;
use hub_proofs::evidence::{Evidence, EvidenceError};
use hub_proofs::exhibits::File;
use hub_proofs::rules::{self, Variant};
use hub_proofs::{Exhibits, Kind, Status, Trusted, Verdict, judge};
use hub_signatures::xades;
use support::matter::{SIGNING_TIME, signer_named};
use support::xml::Written;

fn broken(written: &Written) -> Vec<&'static str> {
    let evidence = Evidence::read(written.xml().as_bytes()).unwrap();
    rules::check(&evidence, Variant::General).into_iter().map(|finding| finding.component).collect()
}

fn refused(xml: &str) -> EvidenceError {
    Evidence::read(xml.as_bytes()).expect_err("it is not acceptable")
}

fn judged(xml: &str) -> Verdict {
    let exhibits = Exhibits { evidences: vec![File { name: "x.xml", bytes: xml.as_bytes() }], ..Exhibits::default() };
    judge(&exhibits, &Trusted::default(), support::NEW_YEAR_2026 + 100 * 86_400)
}

fn status(verdict: &Verdict, kind: Kind) -> Option<Status> {
    verdict.of(kind).next().map(|claim| claim.status)
}

#[test]
fn every_event_is_read_and_keeps_its_rules() {
    for event in Event::ALL {
        let written = Written::new(event);
        assert!(broken(&written).is_empty(), "{event:?}: {:?}", broken(&written));
        let evidence = Evidence::read(written.xml().as_bytes()).unwrap();
        assert_eq!(evidence.event, event);
        assert_eq!(Event::from_uri(&event.uri()), Some(event));
        assert!(evidence.is_ours());
        assert_eq!(evidence.content.unwrap().parts[0].matches(b"anexa"), Some(true));
    }
}

#[test]
fn what_an_event_must_and_may_not_have_is_found() {
    for event in Event::ALL {
        let good = Written::new(event);
        let family = event.family();
        let without = |change: fn(&mut Written)| {
            let mut written = good.clone();
            change(&mut written);
            broken(&written)
        };
        let no_reason = without(|one| one.reasons = false);
        assert_eq!(no_reason.contains(&"G04"), event.is_negative(), "{event:?}");
        let about_one = matches!(family, 'C' | 'D' | 'E');
        assert_eq!(without(|one| one.concerns = None).contains(&"I09"), about_one, "{event:?}");
        assert_eq!(without(|one| one.concerns = Some(1)).contains(&"I09"), !about_one, "{event:?}");
        assert!(without(|one| one.concerns = Some(0)).contains(&"I09"), "{event:?}");
        assert!(without(|one| one.concerns = Some(3)).contains(&"I09"), "{event:?}");
        assert_eq!(without(|one| one.submission_time = false).contains(&"M03"), family == 'A', "{event:?}");
        assert_eq!(without(|one| one.external_service = false).contains(&"M05"), family == 'B', "{event:?}");
        assert_eq!(without(|one| one.external_service = true).contains(&"M05"), family != 'B', "{event:?}");
        assert_eq!(without(|one| one.external_system = true).contains(&"M04"), family != 'F', "{event:?}");
        assert!(without(|one| one.time = "2026-03-02T11:15:04+02:00".to_owned()).contains(&"G05"), "{event:?}");
    }
}

#[test]
fn a_name_in_the_wrong_namespace_is_refused_with_words_that_say_so() {
    let good = Written::new(Event::ContentConsignment).xml();
    let qualified = good.replace("EventTime>", "erds:EventTime>");
    assert_eq!(refused(&qualified), EvidenceError::MustBeBare { element: "EventTime" });
    let bare = good.replace("erds:SubmissionTime>", "SubmissionTime>");
    assert_eq!(refused(&bare), EvidenceError::MustBeQualified { element: "SubmissionTime" });
    let default = good.replace("xmlns:erds=", "xmlns=").replace("erds:", "");
    assert_eq!(refused(&default), EvidenceError::MustBeBare { element: "EventTime" });
    let foreign = good.replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:another");
    assert_eq!(refused(&foreign), EvidenceError::ForeignNamespace { element: "Attribute" });
}

#[test]
fn what_the_schema_does_not_have_is_refused() {
    let good = Written::new(Event::ContentConsignment).xml();
    let time = "<EventTime>2026-03-02T09:15:04Z</EventTime>";
    for (changed, why) in [
        (good.replace(time, ""), "no time"),
        (good.replace(time, &format!("{time}{time}")), "two times"),
        (good.replace("2026-03-02T09:15:04Z</EventTime>", "2026-03-02T09:15:04</EventTime>"), "no zone"),
        (good.replace("version=\"EN319522v1.1.1\"", "version=\"2\""), "another version"),
        (good.replace("Event/ContentConsignment", "Event/Nothing"), "an unknown event"),
        (good.replace(" Id=\"ev\"", " Id=\"ev\" lang=\"ro\""), "an unknown attribute"),
        (good.replace("<erds:PartsInfo>", "<erds:PartsInfo>text"), "text between elements"),
        (good.replace("<Code>", "<Code><b></b>"), "an element in a value"),
        (
            good.replace(
                "DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
                "DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">*",
            ),
            "no base64",
        ),
        (
            good.replace(" IdentifierSchemeName=\"urn:oasis:names:tc:ebcore:partyid-type:unregistered:punte\"", ""),
            "no scheme",
        ),
        (format!("<!DOCTYPE a>{good}"), "a DOCTYPE"),
    ] {
        let read = Evidence::read(changed.as_bytes());
        assert!(changed != good || why == "an element in a value", "{why}: the test changes something");
        if changed != good {
            assert!(read.is_err(), "{why}");
        }
    }
}

#[test]
fn unknown_reasons_and_extensions_are_kept_and_critical_ones_refused() {
    let extension = |critical: &str| {
        let mut written = Written::new(Event::SubmissionRejection);
        written.extension = format!(
            "<erds:Extension isCritical=\"{critical}\"><x:Thing xmlns:x=\"urn:x\">1</x:Thing></erds:Extension>"
        );
        written.xml()
    };
    let kept = Evidence::read(extension("false").as_bytes()).unwrap();
    assert_eq!(kept.extensions[0].names, ["{urn:x}Thing"]);
    assert_eq!(kept.reasons[0].code, "http://uri.etsi.org/19522/EventReason/Other");
    assert_eq!(refused(&extension("true")), EvidenceError::Critical("{urn:x}Thing".to_owned()));
    assert_eq!(refused(&extension("1")), EvidenceError::Critical("{urn:x}Thing".to_owned()));
}

#[test]
fn our_own_extensions_are_read() {
    let mut written = Written::new(Event::ContentHandover);
    written.extension = "<erds:Extension isCritical=\"false\"><p:Registrations xmlns:p=\"urn:punte:evidence:1\">\
        <p:SenderRegistration date=\"2026-03-02\" number=\"88\" register=\"iesire\"></p:SenderRegistration>\
        </p:Registrations></erds:Extension><erds:Extension><p:Transformation xmlns:p=\"urn:punte:evidence:1\" \
        mapping=\"a\" version=\"2\"></p:Transformation></erds:Extension>"
        .to_owned();
    let disclosed = Evidence::read(written.xml().as_bytes()).unwrap().disclosed();
    assert_eq!(disclosed.sender_registration.unwrap().number, "88");
    assert_eq!(disclosed.transformation.unwrap().version, "2");
}

#[test]
fn our_own_evidence_that_breaks_a_rule_fails_and_a_foreign_one_is_only_noted() {
    let (signer, _) = signer_named("Hub de probă");
    let mut written = Written::new(Event::ContentConsignment);
    written.concerns = None;
    let ours = xades::seal(&written.xml(), &signer, SIGNING_TIME).unwrap();
    assert_eq!(status(&judged(&ours), Kind::Form), Some(Status::Failed));
    let foreign = written.xml().replace("unregistered:punte", "unregistered:altul");
    let foreign = xades::seal(&foreign, &signer, SIGNING_TIME).unwrap();
    let verdict = judged(&foreign);
    assert_eq!(status(&verdict, Kind::Form), Some(Status::Proven));
    assert!(verdict.of(Kind::Form).next().unwrap().reason.en.contains("is missing"));
}

#[test]
fn a_sealed_evidence_cannot_be_wrapped_in_another() {
    let (signer, _) = signer_named("Hub de probă");
    let sealed = xades::seal(&Written::new(Event::ContentConsignment).xml(), &signer, SIGNING_TIME).unwrap();
    assert_eq!(status(&judged(&sealed), Kind::Integrity), Some(Status::Proven));
    let signature_at = sealed.find("<ds:Signature ").unwrap();
    let (body, rest) = sealed.split_at(signature_at);
    let signature = rest.strip_suffix("</erds:Evidence>").unwrap();
    let forged = Written { message: "alt mesaj".to_owned(), ..Written::new(Event::ContentConsignment) }.xml();
    let forged_open = forged.strip_suffix("</erds:Evidence>").unwrap();
    let original = format!("{body}</erds:Evidence>");
    let in_extension = format!("<erds:Extensions><erds:Extension>{sealed}</erds:Extension></erds:Extensions>");

    let attacks = [
        ("the original inside an extension, signed there", format!("{forged_open}{in_extension}</erds:Evidence>")),
        (
            "the original inside an extension, the signature outside",
            format!(
                "{forged_open}<erds:Extensions><erds:Extension>{original}</erds:Extension></erds:Extensions>{signature}</erds:Evidence>"
            ),
        ),
        ("the reference to elsewhere", sealed.replace("URI=\"\"", "URI=\"#ev\"")),
        ("two signatures", format!("{body}{signature}{signature}</erds:Evidence>")),
        (
            "the signature first",
            sealed
                .replace("<erds:EvidenceIdentifier>", &format!("{signature}<erds:EvidenceIdentifier>"))
                .replacen(signature, "", 0),
        ),
        ("the properties moved out of the signature", {
            let start = sealed.find("<xades:SignedProperties").unwrap();
            let end = sealed.find("</xades:SignedProperties>").unwrap() + "</xades:SignedProperties>".len();
            let properties = &sealed[start..end];
            let without = sealed.replace(properties, "");
            without.replace(
                "<ds:Signature ",
                &format!(
                    "<erds:Extensions><erds:Extension>{properties}</erds:Extension></erds:Extensions><ds:Signature "
                ),
            )
        }),
        ("a second element with the Id of the properties", sealed.replace("<ds:KeyInfo>", "<ds:KeyInfo Id=\"SP\">")),
        ("a comment in a value", sealed.replace("Event/Content", "Event/<!-- -->Content")),
        ("a DOCTYPE", format!("<!DOCTYPE e [<!ENTITY a \"b\">]>{sealed}")),
        ("an added namespace", sealed.replacen("<erds:Evidence ", "<erds:Evidence xmlns=\"urn:x\" ", 1)),
        ("white space added", sealed.replace("<EventTime>", "<EventTime> ")),
        ("another algorithm", sealed.replace("xmlenc#sha256", "xmldsig#sha1")),
        ("the signature cut off", original.clone()),
    ];
    for (attack, xml) in attacks {
        let verdict = judged(&xml);
        assert!(xml != sealed, "{attack}: the test changes something");
        assert_eq!(status(&verdict, Kind::Integrity), Some(Status::Failed), "{attack}\n{}", verdict.in_words());
        assert!(verdict.evidences.is_empty(), "{attack}");
    }
}

#[test]
fn what_canonical_form_does_not_see_changes_nothing_that_is_read() {
    let (signer, _) = signer_named("Hub de probă");
    let sealed = xades::seal(&Written::new(Event::ContentConsignment).xml(), &signer, SIGNING_TIME).unwrap();
    let read = judged(&sealed).evidences;
    for harmless in [
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{sealed}"),
        sealed.replacen(
            "<erds:Evidence xmlns:erds=\"http://uri.etsi.org/19522/v1#\" Id=\"ev\"",
            "<erds:Evidence Id='ev' xmlns:erds='http://uri.etsi.org/19522/v1#'",
            1,
        ),
        sealed.replace("<erds:EvidenceIdentifier>", "<!-- between elements --><erds:EvidenceIdentifier>"),
        sealed.replace("<EventTime>2026", "<EventTime>&#50;026"),
    ] {
        assert!(harmless != sealed);
        assert_eq!(judged(&harmless).evidences, read);
    }
}
