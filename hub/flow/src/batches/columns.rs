//! The columns of a document type: what is written on the envelope, and every field of its schema. Pure.

use schemas::DocumentType;
use serde_json::Value as Json;

/// Deepest field of a schema that becomes a column.
const DEEPEST: usize = 8;

/// A column of a table of one document type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// `@destinatar` for the envelope, `antet.numar` for a field, `anexe.1.nume` for a field of the first of several.
    pub path: String,
    /// Its heading: `Antet › Numărul anchetei [antet.numar]`.
    pub heading: String,
    /// How it is filled in, in Romanian.
    pub hint: String,
    /// In English.
    pub hint_en: String,
    /// Whether a row without it is refused.
    pub required: bool,
    /// An invented value that passes.
    pub example: String,
    /// What its text means.
    pub kind: Kind,
}

/// What the text of a cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text as it stands.
    Text,
    /// A day: `31.12.2026` or `2026-12-31`.
    Day,
    /// A whole number.
    Whole,
    /// A number; comma or point.
    Number,
    /// `da` or `nu`.
    YesNo,
    /// Several texts between `|`.
    Several,
}

/// Path, heading, hint in both languages, example: what stands on the envelope.
const ENVELOPE: [(&str, &str, &str, &str, &str); 8] = [
    (
        "@destinatar",
        "Destinatar",
        "codul instituției din director; mai mulți, despărțiți prin |",
        "party id of the directory; several between |",
        "uat-109924",
    ),
    (
        "@obiect",
        "Obiect",
        "obiectul, ca în registru, fără date personale",
        "the matter, as in the register, no personal data",
        "Adresă",
    ),
    (
        "@scop",
        "Scop",
        "scopul din acord; gol: scopul tipului de document",
        "the agreement's purpose; empty: that of the document type",
        "corespondenta",
    ),
    (
        "@temei",
        "Temei legal",
        "legea și articolul; gol: temeiul tipului de document",
        "law and article; empty: that of the document type",
        "OG nr. 27/2002",
    ),
    (
        "@numar",
        "Numărul dumneavoastră",
        "numărul din registrul propriu; gol: îl dă registrul ținut de hub",
        "the number of your own register; empty: the hub gives one",
        "4521",
    ),
    (
        "@data",
        "Data numărului",
        "data numărului dumneavoastră, zz.ll.aaaa",
        "the day of your number, dd.mm.yyyy",
        "31.01.2026",
    ),
    (
        "@teritoriu",
        "Cod SIRUTA",
        "locul de care ține cauza; gol: al dumneavoastră",
        "the place the matter belongs to; empty: your own",
        "109773",
    ),
    (
        "@fisiere",
        "Fișiere",
        "numele fișierelor din arhivă, despărțite prin |; rolul, după =",
        "names of files of the archive, between |; the role after =",
        "scan.pdf=original",
    ),
];

/// The columns of the envelope, and those of the schema in its order.
#[must_use]
pub fn of(kind: &DocumentType) -> Vec<Column> {
    let mut columns: Vec<Column> = ENVELOPE.iter().map(on_the_envelope).collect();
    let schema = kind.schema();
    let mut walk = Walk { root: schema, columns: &mut columns };
    walk.fields(schema, (String::new(), String::new(), true), 0);
    columns
}

fn on_the_envelope((path, title, ro, en, example): &(&str, &str, &str, &str, &str)) -> Column {
    Column {
        path: (*path).to_owned(),
        heading: format!("{title} [{path}]"),
        hint: (*ro).to_owned(),
        hint_en: (*en).to_owned(),
        required: false,
        example: (*example).to_owned(),
        kind: if *path == "@data" { Kind::Day } else { Kind::Text },
    }
}

struct Walk<'a> {
    root: &'a Json,
    columns: &'a mut Vec<Column>,
}

impl Walk<'_> {
    fn fields(&mut self, node: &Json, (path, title, required): (String, String, bool), depth: usize) {
        let node = resolved(self.root, node);
        if depth > DEEPEST {
            return;
        }
        if let Some(properties) = node["properties"].as_object() {
            let needed = node["required"].as_array();
            for (name, field) in properties {
                let field = resolved(self.root, field);
                let below = |held: &str, own: &str, joint: &str| {
                    if held.is_empty() { own.to_owned() } else { format!("{held}{joint}{own}") }
                };
                let own = field["title"].as_str().unwrap_or(name);
                let is_needed = needed.is_some_and(|list| list.iter().any(|one| one == name.as_str()));
                let place = (below(&path, name, "."), below(&title, own, " › "), required && is_needed);
                self.fields(&field, place, depth + 1);
            }
            return;
        }
        if node["type"] == "array" {
            let items = resolved(self.root, &node["items"]);
            if items["properties"].is_object() {
                // One column for each field of the first; further ones are added as `.2.`, `.3.` …
                return self.fields(&items, (format!("{path}.1"), format!("{title} 1"), false), depth + 1);
            }
            return self.column(&node, Kind::Several, (path, title, required));
        }
        let kind = kind_of(&node);
        self.column(&node, kind, (path, title, required));
    }

    fn column(&mut self, node: &Json, kind: Kind, (path, title, required): (String, String, bool)) {
        let example = match &node["examples"][0] {
            Json::String(text) => text.clone(),
            Json::Bool(true) => "da".to_owned(),
            Json::Bool(false) => "nu".to_owned(),
            Json::Null => String::new(),
            other => other.to_string(),
        };
        let (hint, hint_en) = hints(node, kind, (required, &example));
        self.columns.push(Column {
            heading: format!("{title} [{path}]"),
            path,
            hint,
            hint_en,
            required,
            example,
            kind,
        });
    }
}

/// A node with what it refers to in `$defs`; its own words go before.
fn resolved(root: &Json, node: &Json) -> Json {
    let mut node = node.clone();
    // A schema that refers to itself ends here.
    for _ in 0..4 {
        let Some(named) = node["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/")) else { break };
        let mut found = root["$defs"][named].clone();
        if let (Some(found), Some(own)) = (found.as_object_mut(), node.as_object()) {
            found.extend(
                own.iter().filter(|(name, _)| *name != "$ref").map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        node = found;
    }
    node
}

fn kind_of(node: &Json) -> Kind {
    match node["type"].as_str() {
        Some("integer") => Kind::Whole,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::YesNo,
        _ if node["format"] == "date" => Kind::Day,
        _ => Kind::Text,
    }
}

fn hints(node: &Json, kind: Kind, (required, example): (bool, &str)) -> (String, String) {
    let (what, what_en) = match kind {
        Kind::Text => ("text", "text"),
        Kind::Day => ("zz.ll.aaaa", "dd.mm.yyyy"),
        Kind::Whole => ("număr întreg", "whole number"),
        Kind::Number => ("număr", "number"),
        Kind::YesNo => ("da sau nu", "da (yes) or nu (no)"),
        Kind::Several => ("valori despărțite prin |", "values between |"),
    };
    let words: Vec<&str> =
        node["enum"].as_array().map(|list| list.iter().filter_map(Json::as_str).collect()).unwrap_or_default();
    let mut ro = format!("{}; {what}", if required { "obligatoriu" } else { "opțional" });
    let mut en = format!("{}; {what_en}", if required { "required" } else { "optional" });
    if !words.is_empty() {
        ro += &format!("; unul dintre: {}", words.join(", "));
        en += &format!("; one of: {}", words.join(", "));
    }
    if let Some(list) = node["codeList"].as_str() {
        ro += &format!("; cod din lista {list}");
        en += &format!("; a code of the list {list}");
    }
    if !example.is_empty() {
        ro += &format!("; ex. {example}");
        en += &format!("; e.g. {example}");
    }
    (ro, en)
}

/// The path of a column in general: `anexe.3.nume` is filled in as `anexe.1.nume` is.
#[must_use]
pub fn general(path: &str) -> String {
    let piece = |piece: &str| if is_place(piece) { "1".to_owned() } else { piece.to_owned() };
    path.split('.').map(piece).collect::<Vec<_>>().join(".")
}

/// Whether a piece of a path is a place among several.
pub(super) fn is_place(piece: &str) -> bool {
    !piece.is_empty() && piece.len() <= 3 && piece.bytes().all(|byte| byte.is_ascii_digit()) && piece != "0"
}

/// The column a rule of the road speaks of.
#[must_use]
pub fn path_of(pointer: &str) -> String {
    let pieces: Vec<&str> = pointer.trim_start_matches('/').split('/').collect();
    match pieces.split_first() {
        Some((&"body", rest)) => {
            let piece = |piece: &&str| match piece.parse::<usize>() {
                Ok(place) => (place + 1).to_string(),
                Err(_) => piece.replace("~1", "/").replace("~0", "~"),
            };
            rest.iter().map(piece).collect::<Vec<_>>().join(".")
        }
        Some((&"envelope", rest)) => match rest.first() {
            Some(&"recipients") => "@destinatar",
            Some(&"subject") => "@obiect",
            Some(&"purpose") => "@scop",
            Some(&"legal_basis") => "@temei",
            Some(&"sender_registration") if rest.get(1) == Some(&"date") => "@data",
            Some(&"sender_registration") => "@numar",
            Some(&"territory") => "@teritoriu",
            Some(&"parts") => "@fisiere",
            _ => "",
        }
        .to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use schemas::Catalogue;

    use super::*;

    #[test]
    fn a_type_has_a_column_for_every_field_with_a_heading_a_clerk_reads() {
        let catalogue = Catalogue::builtin().unwrap();
        for kind in catalogue.document_types() {
            let columns = of(kind);
            let fields = columns.iter().filter(|one| !one.path.starts_with('@')).count();
            assert_eq!(fields, kind.leaf_fields().len(), "{}: {columns:#?}", kind.name());
            assert!(columns.iter().all(|one| one.heading.ends_with(&format!("[{}]", one.path))));
        }
        let letter = of(catalogue.document_type("adresa-inaintare", "1.0").unwrap());
        let day = letter.iter().find(|one| one.path == "data").unwrap();
        assert_eq!(day.heading, "Data adresei [data]");
        assert_eq!((day.kind, day.required), (Kind::Day, true));
        assert!(day.hint.starts_with("obligatoriu; zz.ll.aaaa"), "{}", day.hint);
        assert!(letter.iter().any(|one| one.path == "anexe.1.pagini" && one.kind == Kind::Whole && !one.required));
    }

    #[test]
    fn what_the_road_says_is_found_at_its_column() {
        let told = [
            ("/body/persoana/cnp", "persoana.cnp"),
            ("/body/anexe/0/nume", "anexe.1.nume"),
            ("/envelope/recipients/0/party", "@destinatar"),
            ("/envelope/sender_registration/date", "@data"),
            ("/envelope/parts/1", "@fisiere"),
            ("/body", ""),
            ("", ""),
        ];
        for (pointer, path) in told {
            assert_eq!(path_of(pointer), path, "{pointer}");
        }
        assert_eq!(general("anexe.12.nume"), "anexe.1.nume");
        assert_eq!(general("p0.nume"), "p0.nume");
    }
}
