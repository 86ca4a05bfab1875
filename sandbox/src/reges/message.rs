//! A message as it came, in XML or JSON, and whether its form is right.
//!
//! Inside, a message is JSON with the names of the JSON form (`messageId`); XML is brought to it (`MessageId`).

use jiff::Timestamp;
use roxmltree::Node;
use serde_json::{Map, Value, json};

use crate::soap::envelope::parse;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const REGES: &str = "http://www.inspectiamuncii.ro/reges2025";

/// The two notations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Xml,
    Json,
}

/// A message whose form is right.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) operation: String,
    pub(super) author: Option<String>,
    pub(super) content: Value,
}

/// The operations that are understood; the schema has more.
const OPERATIONS: [&str; 27] = [
    "InregistrareSalariat",
    "ModificareSalariat",
    "CorectieSalariat",
    "RadiereSalariat",
    "AdaugareContract",
    "ModificareContract",
    "CorectieContract",
    "RadiereContract",
    "IncetareContract",
    "CorectieIncetareContract",
    "AnulareIncetareContract",
    "ReactivareContract",
    "CorectieReactivareContract",
    "AnulareReactivareContract",
    "SuspendareContract",
    "CorectieSuspendareContract",
    "ModificareSuspendareContract",
    "IncetareSuspendareContract",
    "AnulareSuspendareContract",
    "PropunereDetasareContract",
    "AcceptarePropunereDetasareContract",
    "RespingerePropunereDetasareContract",
    "RadierePropunereDetasareContract",
    "PropunereMutareContract",
    "AcceptarePropunereMutareContract",
    "RespingerePropunereMutareContract",
    "RadierePropunereMutareContract",
];

/// The body of a request as JSON.
pub(super) fn read(body: &[u8], notation: Notation) -> Result<Value, String> {
    match notation {
        Notation::Json => serde_json::from_slice(body)
            .map_err(|error| format!("JSON-ul nu se poate citi la linia {}, coloana {}", error.line(), error.column())),
        Notation::Xml => {
            let text = std::str::from_utf8(body).map_err(|_| "XML-ul nu este UTF-8".to_owned())?;
            let parsed = parse(text)?;
            let root = parsed.root_element();
            if root.has_tag_name("BatchParams") || root.tag_name().namespace() == Some(REGES) {
                return Ok(value(root));
            }
            Err(format!("elementul rădăcină nu este în spațiul {REGES}"))
        }
    }
}

/// The messages of a batch, in order.
pub(super) fn of_batch(batch: Value) -> Vec<Value> {
    let inside = match batch {
        Value::Object(mut fields) => fields.remove("message").or_else(|| fields.remove("messages")).unwrap_or_default(),
        other => other,
    };
    match inside {
        Value::Array(messages) => messages,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

impl Message {
    /// Checks the form; everything that is wrong, at once.
    pub(super) fn check(content: Value) -> Result<Message, Vec<String>> {
        let field =
            |name: &str| content.pointer(&format!("/header/{name}")).and_then(Value::as_str).unwrap_or_default();
        let mut wrong = Vec::new();
        for name in ["messageId", "sessionId"] {
            if !is_guid(field(name)) {
                wrong.push(format!("header.{name} nu este un GUID"));
            }
        }
        for name in ["clientApplication", "version", "user"] {
            if field(name).is_empty() {
                wrong.push(format!("header.{name} lipsește"));
            }
        }
        let time = field("timestamp");
        if time.parse::<Timestamp>().is_err() && time.parse::<jiff::civil::DateTime>().is_err() {
            wrong.push("header.timestamp nu este o dată".to_owned());
        }
        let operation = field("operation").to_owned();
        if !OPERATIONS.contains(&operation.as_str()) {
            wrong.push(format!("header.operation {operation:?} nu este o operație"));
        }
        let needs: &[&str] = match operation.as_str() {
            "InregistrareSalariat" => &["/info/nume", "/info/prenume", "/info/cnp", "/info/tipActIdentitate"],
            "ModificareSalariat" | "CorectieSalariat" | "RadiereSalariat" => &["/referintaSalariat/id"],
            "AdaugareContract" => {
                &["/continut/referintaSalariat/id", "/continut/numarContract", "/continut/dataContract"]
            }
            "PropunereDetasareContract" | "PropunereMutareContract" => {
                &["/referintaContract/id", "/cuiAngajatorDestinatie"]
            }
            name if name.contains("Propunere") => &["/referinta/id"],
            "" => &[],
            _ => &["/referintaContract/id"],
        };
        let missing =
            needs.iter().filter(|place| content.pointer(place).and_then(Value::as_str).is_none_or(str::is_empty));
        wrong.extend(missing.map(|place| format!("{} lipsește", place.trim_start_matches('/').replace('/', "."))));
        let (id, author) = (field("messageId").to_ascii_lowercase(), field("authorId").to_ascii_lowercase());
        if !author.is_empty() && !is_guid(&author) {
            wrong.push("header.authorId nu este un GUID".to_owned());
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Message { id, operation, author: Some(author).filter(|author| !author.is_empty()), content })
    }

    /// The text at a place.
    pub(super) fn text(&self, place: &str) -> &str {
        self.content.pointer(place).and_then(Value::as_str).unwrap_or_default()
    }
}

/// An element as JSON: children by name, the first letter small; repeated ones as a list.
fn value(node: Node<'_, '_>) -> Value {
    let children: Vec<_> = node.children().filter(Node::is_element).collect();
    if children.is_empty() {
        return json!(node.text().unwrap_or_default().trim());
    }
    let mut fields = Map::new();
    if let Some(kind) = node.attribute((XSI, "type")) {
        fields.insert("$type".to_owned(), json!(small_first(kind)));
    }
    for child in children {
        let name = small_first(child.tag_name().name());
        // The parser bounds the depth to 64, so this recursion ends.
        let inner = value(child);
        match fields.get_mut(&name) {
            Some(Value::Array(list)) => list.push(inner),
            Some(first) => *first = json!([first.take(), inner]),
            None => {
                fields.insert(name, inner);
            }
        }
    }
    Value::Object(fields)
}

fn small_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// Whether a text is a GUID, in either case of letters.
pub(super) fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
