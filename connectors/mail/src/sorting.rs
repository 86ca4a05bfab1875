//! What a mail in the mailbox is to the hub. Pure: bytes and what the channel says go in, a decision comes out.

use secrecy::{ExposeSecret as _, SecretString};

use crate::address::MailAddress;
use crate::proof::{is_proven, is_vouched_for};
use crate::reading::{Letter, Package, read};

/// Who is listened to, and by what proof.
pub(crate) struct Expected<'e> {
    /// The sender.
    pub sender: &'e MailAddress,
    /// The hub's own address.
    pub own: &'e MailAddress,
    /// The key the sender proves packages with.
    pub key: Option<&'e SecretString>,
    /// The name of the hub's own mail server in its verdicts.
    pub authserv_id: Option<&'e str>,
}

/// A decision.
#[derive(Debug)]
pub(crate) enum Sorted {
    /// The sender's package.
    Package { package: Package, message_id: Option<String>, subject: String },
    /// The sender's mail, which holds no package; the sender is told why.
    Unreadable { reason: String, message_id: Option<String>, subject: String },
    /// A report that a mail could not be delivered.
    Undelivered,
    /// Written by a machine, or by the hub itself: nobody is answered, so nothing can go round in circles.
    Machine,
    /// Not proven to be the sender's. Nobody is answered: the sender may be a victim.
    Stranger,
}

/// Sorts a mail; `whole` says whether all of it is there, or only the header of one that is too large.
pub(crate) fn sort(raw: &[u8], whole: bool, expected: &Expected<'_>) -> Sorted {
    let Some(letter) = read(raw) else { return Sorted::Stranger };
    if letter.report.is_some() {
        return Sorted::Undelivered;
    }
    let from = letter.from.clone().unwrap_or_default();
    if letter.automatic || expected.own.is(&from) {
        return Sorted::Machine;
    }
    if !expected.sender.is(&from) {
        return Sorted::Stranger;
    }
    let vouched = match (&letter.authentication, expected.authserv_id) {
        (Some(results), Some(server)) => is_vouched_for(results, server, expected.sender.domain()),
        _ => false,
    };
    let Letter { message_id, subject, proofs, mut packages, .. } = letter;
    let proven = |package: &Package| {
        expected.key.is_some_and(|key| is_proven(key.expose_secret().as_bytes(), &package.content, &proofs))
    };
    if !vouched && !packages.iter().any(proven) {
        return Sorted::Stranger;
    }
    let unreadable =
        |reason: &str, message_id, subject| Sorted::Unreadable { reason: reason.to_owned(), message_id, subject };
    match packages.len() {
        _ if !whole => {
            unreadable("mesajul este prea mare; trimiteți documentele mari prin API sau SFTP", message_id, subject)
        }
        1 => {
            let package = packages.remove(0);
            Sorted::Package { package, message_id, subject }
        }
        0 => unreadable("mesajul nu are atașat un pachet .zip", message_id, subject),
        _ => unreadable(
            "mesajul are mai multe pachete .zip; trimiteți câte un pachet în fiecare mesaj",
            message_id,
            subject,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::package_proof;

    const KEY: &str = "cheia inventata a primariei";

    fn sorted(head: &str, attachments: &[(&str, &[u8])]) -> Sorted {
        let mut mail = format!("{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n");
        for (name, content) in attachments {
            let content = String::from_utf8_lossy(content);
            mail.push_str(&format!("--x\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n"));
        }
        mail.push_str("--x--\r\n");
        let (sender, own) = (MailAddress::read("a@primaria.ro").unwrap(), MailAddress::read("hub@hub.ro").unwrap());
        let key = SecretString::from(KEY);
        let expected = Expected { sender: &sender, own: &own, key: Some(&key), authserv_id: Some("mx.hub.ro") };
        sort(mail.as_bytes(), true, &expected)
    }

    fn proof(content: &[u8]) -> Vec<u8> {
        package_proof(KEY.as_bytes(), content).unwrap().into_bytes()
    }

    const DKIM: &str = "Authentication-Results: mx.hub.ro; dkim=pass header.d=primaria.ro\r\n";

    #[test]
    fn a_package_with_the_senders_proof_is_taken() {
        let files: [(&str, &[u8]); 2] = [("a.zip", b"pachet"), ("a.zip.dovada", &proof(b"pachet"))];
        assert!(matches!(sorted("From: A <a@primaria.ro>\r\n", &files), Sorted::Package { .. }));
        let generated = "From: a@primaria.ro\r\nAuto-Submitted: auto-generated\r\n";
        assert!(matches!(sorted(generated, &files), Sorted::Package { .. }));
        let by_server = sorted(&format!("{DKIM}From: a@primaria.ro\r\n"), &[("a.zip", b"pachet")]);
        assert!(matches!(by_server, Sorted::Package { package, .. } if package.content == b"pachet"));
    }

    #[test]
    fn what_is_not_proven_is_a_strangers() {
        let other = proof(b"alt pachet");
        for (head, files) in [
            ("From: a@primaria.ro\r\n", vec![("a.zip", &b"pachet"[..])]),
            ("From: a@primaria.ro\r\n", vec![("a.zip", b"pachet"), ("a.zip.dovada", &other)]),
            ("From: a@primaria.ro\r\n", vec![]),
            ("From: rau@alt.ro\r\n", vec![("a.zip", b"pachet"), ("a.zip.dovada", &proof(b"pachet"))]),
            (
                "From: a@primaria.ro\r\nFrom: rau@alt.ro\r\n",
                vec![("a.zip", b"pachet"), ("a.zip.dovada", &proof(b"pachet"))],
            ),
            ("From: a@primaria.ro, rau@alt.ro\r\n", vec![("a.zip", b"pachet"), ("a.zip.dovada", &proof(b"pachet"))]),
            (
                "Authentication-Results: mx.rau.ro; dkim=pass header.d=primaria.ro\r\nFrom: a@primaria.ro\r\n",
                vec![("a.zip", b"x")],
            ),
        ] {
            assert!(matches!(sorted(head, &files), Sorted::Stranger), "{head}");
        }
        let below = format!("Authentication-Results: mx.hub.ro; dkim=none\r\n{DKIM}From: a@primaria.ro\r\n");
        assert!(matches!(sorted(&below, &[("a.zip", b"x")]), Sorted::Stranger), "only the topmost verdict counts");
    }

    #[test]
    fn machines_and_loops_are_never_answered() {
        for head in [
            "From: a@primaria.ro\r\nAuto-Submitted: auto-replied\r\n",
            "From: a@primaria.ro\r\nPrecedence: bulk\r\n",
            "From: a@primaria.ro\r\nList-Id: <x.y>\r\n",
            "Return-Path: <>\r\nFrom: a@primaria.ro\r\n",
            "From: HUB@hub.ro\r\n",
        ] {
            let files: [(&str, &[u8]); 2] = [("a.zip", b"pachet"), ("a.zip.dovada", &proof(b"pachet"))];
            assert!(matches!(sorted(&format!("{DKIM}{head}"), &files), Sorted::Machine), "{head}");
        }
    }

    #[test]
    fn the_sender_is_told_when_the_mail_holds_no_package_or_several() {
        let head = format!("{DKIM}From: a@primaria.ro\r\nMessage-ID: <1@primaria.ro>\r\n");
        assert!(
            matches!(sorted(&head, &[]), Sorted::Unreadable { message_id: Some(id), .. } if id == "<1@primaria.ro>")
        );
        assert!(matches!(sorted(&head, &[("a.zip", b"x"), ("b.zip", b"y")]), Sorted::Unreadable { .. }));
    }

    proptest::proptest! {
        #[test]
        fn no_change_of_bytes_makes_another_package_proven(
            at in proptest::collection::vec((0_usize..700, proptest::num::u8::ANY), 1..6),
            cut in 0_usize..700,
        ) {
            let good = String::from_utf8(proof(b"pachet")).unwrap();
            let mut mail = format!(
                "From: a@primaria.ro\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\
                 Content-Disposition: attachment; filename=\"a.zip\"\r\n\r\npachet\r\n--x\r\n\
                 Content-Disposition: attachment; filename=\"a.zip.dovada\"\r\n\r\n{good}\r\n--x--\r\n"
            )
            .into_bytes();
            for (at, to) in at {
                let at = at % mail.len();
                mail[at] = to;
            }
            mail.truncate(mail.len() - cut.saturating_sub(500) % mail.len());
            let (sender, own) = (MailAddress::read("a@primaria.ro").unwrap(), MailAddress::read("hub@hub.ro").unwrap());
            let key = SecretString::from(KEY);
            let expected = Expected { sender: &sender, own: &own, key: Some(&key), authserv_id: None };
            if let Sorted::Package { package, .. } = sort(&mail, true, &expected) {
                proptest::prop_assert_eq!(package.content, b"pachet");
            }
        }
    }

    #[test]
    fn a_report_of_non_delivery_is_recognised_with_what_it_is_about() {
        let report = "From: MAILER-DAEMON@mx.ro\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n\
            --x\r\n\r\nnu a mers\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.ro\r\n\r\n\
            Final-Recipient: rfc822; a@primaria.ro\r\nAction: failed\r\nStatus: 5.1.1\r\n--x\r\n\
            Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <punte-1@hub.ro>\r\n--x--\r\n";
        let letter = read(report.as_bytes()).unwrap();
        let told = letter.report.unwrap();
        assert_eq!((told.original.as_deref(), told.status.as_deref()), (Some("<punte-1@hub.ro>"), Some("5.1.1")));
        let (sender, own) = (MailAddress::read("a@primaria.ro").unwrap(), MailAddress::read("hub@hub.ro").unwrap());
        let expected = Expected { sender: &sender, own: &own, key: None, authserv_id: None };
        assert!(matches!(sort(report.as_bytes(), true, &expected), Sorted::Undelivered));
    }
}
