//! `META-INF/manifest.xml`: the list of files with their media types (OpenDocument 1.2, part 3, section 3.2).
//!
//! Nobody signs this list. It is written for other readers, and compared with the container when it is read; no verdict
//! rests on what it says.

use std::collections::BTreeMap;

use super::{MANIFEST_NAMESPACE, MEDIA_TYPE, NAMESPACES, is_data};
use crate::canonical::{CanonicalError, Writer};
use crate::tree::{Limits, Tree};

/// The list of these files, given as name and media type.
pub(super) fn write<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> Result<Vec<u8>, CanonicalError> {
    let mut writer = Writer::with_namespaces(NAMESPACES);
    writer.open("manifest:manifest", &[("manifest:version", "1.2")]);
    for (name, media_type) in std::iter::once(("/", MEDIA_TYPE)).chain(files) {
        let attributes = [("manifest:full-path", name), ("manifest:media-type", media_type)];
        writer.open("manifest:file-entry", &attributes).close();
    }
    writer.close();
    writer.finish().map(String::into_bytes)
}

/// The media types by name, the container's own under `/`; the error says what is wrong with the list.
pub(super) fn read(xml: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let tree = Tree::parse(xml, &Limits::default()).map_err(|error| error.to_string())?;
    if !tree.root().has_tag_name((MANIFEST_NAMESPACE, "manifest")) {
        return Err("its root is not a manifest".to_owned());
    }
    let mut media_types = BTreeMap::new();
    for element in tree.root().children().filter(|child| child.is_element()) {
        let path = element.attribute((MANIFEST_NAMESPACE, "full-path"));
        let media_type = element.attribute((MANIFEST_NAMESPACE, "media-type"));
        let (true, Some(path), Some(media_type)) =
            (element.has_tag_name((MANIFEST_NAMESPACE, "file-entry")), path, media_type)
        else {
            return Err("it holds something else than files with a path and a media type".to_owned());
        };
        if media_types.insert(path.to_owned(), media_type.to_owned()).is_some() {
            return Err(format!("it lists {path:?} twice"));
        }
    }
    Ok(media_types)
}

/// What the list says wrongly about a container with these files, each with its signed media type when it has one.
pub(super) fn disagreement<'f>(xml: &[u8], files: impl Iterator<Item = (&'f str, Option<&'f str>)>) -> Option<String> {
    let mut listed = match read(xml) {
        Ok(listed) => listed,
        Err(why) => return Some(why),
    };
    if listed.remove("/").is_some_and(|media_type| media_type != MEDIA_TYPE) {
        return Some("it says that the package is not ASiC-E".to_owned());
    }
    for (name, signed) in files {
        match (listed.remove(name), signed) {
            (None, _) => return Some(format!("it does not list {name:?}")),
            (Some(told), Some(signed)) if told != signed => {
                return Some(format!("it says that {name:?} is {told:?}, but signed is {signed:?}"));
            }
            _ => {}
        }
    }
    let absent = listed.into_keys().find(|name| is_data(name) && !name.ends_with('/'));
    absent.map(|name| format!("it lists {name:?}, which is not in the package"))
}
