//! The few XML documents of the service: lists, locks and errors. No DTD is read.

use jiff::{SignedDuration, Timestamp};
use roxmltree::{Document, Node};

const SPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Names in a list of objects.
pub(super) fn keys(text: &str) -> Option<Vec<String>> {
    let document = Document::parse(text).ok()?;
    let keys = children(document.root_element(), "Contents").filter_map(|one| child(one, "Key"));
    Some(keys.map(str::to_owned).collect())
}

/// Ids of the versions of one object, delete markers included.
pub(super) fn versions(text: &str, key: &str) -> Option<Vec<String>> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    let all = children(root, "Version").chain(children(root, "DeleteMarker"));
    let ours = all.filter(|one| child(*one, "Key") == Some(key));
    Some(ours.filter_map(|one| child(one, "VersionId")).map(str::to_owned).collect())
}

/// Code and message of an error.
pub(super) fn error(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    Some(format!("{}: {}", child(root, "Code")?, child(root, "Message").unwrap_or_default()))
}

/// A retention that nobody shortens.
pub(super) fn retention(until: Timestamp) -> String {
    // The service knows whole seconds; never one too few.
    let until = until.saturating_add(SignedDuration::from_nanos(999_999_999)).unwrap_or(until);
    let until = until.strftime("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "<Retention xmlns=\"{SPACE}\"><Mode>COMPLIANCE</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>"
    )
}

/// A legal hold, or its end.
pub(super) fn legal_hold(held: bool) -> String {
    let status = if held { "ON" } else { "OFF" };
    format!("<LegalHold xmlns=\"{SPACE}\"><Status>{status}</Status></LegalHold>")
}

fn children<'a, 'b>(node: Node<'a, 'b>, name: &'static str) -> impl Iterator<Item = Node<'a, 'b>> {
    node.children().filter(move |one| one.tag_name().name() == name)
}

fn child<'a>(node: Node<'a, '_>, name: &'static str) -> Option<&'a str> {
    children(node, name).next().and_then(|one| one.text())
}
