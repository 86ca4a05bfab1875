//! What is read in a declaration, and what is wrong with it.

use roxmltree::Node;
use serde::Serialize;

use super::super::reading::{self, child, children};
use super::register::is_uit;

const NAMESPACE: &str = "mfp:anaf:dgti:eTransport:declaratie:v2";
/// The kinds of operation of a notification.
const OPERATIONS: [&str; 11] = ["10", "12", "14", "20", "22", "24", "30", "40", "50", "60", "70"];

/// What a declaration asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Notification,
    Correction,
    Deletion,
    Confirmation,
    VehicleChange,
}

/// A declaration as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Declaration {
    pub(super) kind: Kind,
    pub(super) declarant: String,
    pub(super) reference: String,
    /// The UIT a deletion, confirmation, correction or vehicle change is about.
    pub(super) about: Option<String>,
    pub(super) operation: String,
    pub(super) date: String,
    pub(super) partner: [String; 3],
    pub(super) carrier: [String; 3],
    pub(super) vehicle: [String; 3],
    pub(super) goods: usize,
}

/// Reads a declaration, or says what is wrong with it.
pub(super) fn read(xml: &[u8]) -> Result<Declaration, Vec<String>> {
    let invalid = |what: &str| vec![format!("Fisierul transmis nu este valid. org.xml.sax.SAXParseException; {what}")];
    let document = reading::parse(xml).map_err(|problem| invalid(&problem))?;
    let root = document.root_element();
    if (root.tag_name().name(), root.tag_name().namespace()) != ("eTransport", Some(NAMESPACE)) {
        let name = root.tag_name().name();
        return Err(invalid(&format!("cvc-elt.1.a: Cannot find the declaration of element '{name}'.")));
    }
    let parts = ["notificare", "stergere", "confirmare", "modifVehicul"];
    let found: Vec<Node<'_, '_>> = parts.iter().flat_map(|name| children(root, name)).collect();
    let [part] = found.as_slice() else {
        let words = "cvc-complex-type.2.4.b: The content of element 'eTransport' is not complete.";
        return Err(invalid(words));
    };
    let declaration = understood(root, *part);
    let wrong = problems(&declaration, *part);
    if wrong.is_empty() { Ok(declaration) } else { Err(wrong) }
}

fn understood(root: Node<'_, '_>, part: Node<'_, '_>) -> Declaration {
    let partner = child(part, "partenerComercial");
    // A vehicle change names the vehicle itself; a notification has it under its transport data.
    let transport = child(part, "dateTransport").or(Some(part));
    let correction = child(part, "corectie");
    let kind = match (part.tag_name().name(), correction) {
        ("stergere", _) => Kind::Deletion,
        ("confirmare", _) => Kind::Confirmation,
        ("modifVehicul", _) => Kind::VehicleChange,
        (_, Some(_)) => Kind::Correction,
        (_, None) => Kind::Notification,
    };
    let about = correction.unwrap_or(part).attribute("uit").map(str::to_owned);
    Declaration {
        kind,
        declarant: attribute(Some(root), "codDeclarant"),
        reference: attribute(Some(root), "refDeclarant"),
        about,
        operation: attribute(Some(part), "codTipOperatiune"),
        date: attribute(transport, "dataTransport"),
        partner: ["codTara", "cod", "denumire"].map(|name| attribute(partner, name)),
        carrier: ["codTaraOrgTransport", "codOrgTransport", "denumireOrgTransport"]
            .map(|name| attribute(transport, name)),
        vehicle: ["nrVehicul", "nrRemorca1", "nrRemorca2"].map(|name| attribute(transport, name)),
        goods: children(part, "bunuriTransportate").count(),
    }
}

fn attribute(of: Option<Node<'_, '_>>, name: &str) -> String {
    of.and_then(|node| node.attribute(name)).unwrap_or_default().to_owned()
}

fn problems(declaration: &Declaration, part: Node<'_, '_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let missing = |name: &str| format!("Atributul {name} este obligatoriu");
    if declaration.declarant.is_empty() {
        wrong.push(missing("codDeclarant"));
    }
    if part.tag_name().name() != "notificare" {
        match &declaration.about {
            None => wrong.push(missing("uit")),
            Some(uit) if !is_uit(uit) => wrong.push(format!("[BR-019]-Codul UIT= {uit} nu este corect")),
            Some(_) => {}
        }
        return wrong;
    }
    if !OPERATIONS.contains(&declaration.operation.as_str()) {
        wrong.push(format!("Valoarea codTipOperatiune= {} nu este acceptata", declaration.operation));
    }
    if declaration.goods == 0 {
        wrong.push("Lipseste elementul bunuriTransportate".to_owned());
    }
    if declaration.date.is_empty() {
        wrong.push(missing("dataTransport"));
    }
    wrong
}
