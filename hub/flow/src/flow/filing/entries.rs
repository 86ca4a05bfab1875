//! Gathering an entry without a message: its contents, or the record of a paper, and the history of its acts as evidence.

use hub_signatures::canonical::Writer;
use hub_signatures::xades;
use hub_vault::Source;

use crate::archive::content::{self, EntryPlace, Held};
use crate::archive::filing::{Due, NewFiling, Outcome, Role, SheetFacts};
use crate::hub::Hub;
use crate::message::printable;
use crate::registration::{self, Entry, EntryKey, Status};

use super::ArchivistError;
use super::archivist::soon;
use super::gather::{Folder, Gathered, Known, XML, code, unclassified};

/// Namespaces of a history and of its seal, in the order the canonical form wants.
const NAMESPACES: &[(&str, &str)] =
    &[("ds", "http://www.w3.org/2000/09/xmldsig#"), ("ist", "urn:punte:archive:history:1")];
/// The word of what the hub itself notes of a filing.
const FILED: &str = "filed";

/// An entry as it is filed.
pub(super) struct OfEntry {
    pub(super) entry: Entry,
    contents: Vec<Held>,
    facts: SheetFacts,
}

/// Gathers the filing of an entry. Its bytes are in the vault when this returns.
pub(super) async fn gather(hub: &Hub, due: &Due, place: &EntryPlace) -> Result<Gathered, ArchivistError> {
    let now = hub.clock.now();
    if hub.halted().is_some() {
        // The history is sealed; without a seal it waits.
        return Ok(soon(due, now, "sigiliul nu poate fi folosit acum"));
    }
    let Some(of) = OfEntry::load(hub, due, place).await? else {
        return Ok(soon(due, now, "înregistrarea nu poate fi citită încă"));
    };
    let direction = of.entry.direction.as_str();
    let entered = of.entry.state.particulars.dossier_code.clone();
    let code = match code(hub, due, entered, ("înregistrarea la ghișeu", &place.register, direction)).await? {
        Ok(code) => code,
        Err(reason) => return Ok(unclassified(due, reason, now)),
    };
    let mut folder = Folder::new(hub, of.facts.clone(), now, Vec::new());
    of.fill(hub, &mut folder, &Vec::new()).await?;
    let new = NewFiling {
        filing: due.id,
        party: due.party.clone(),
        year: place.year,
        code,
        message: None,
        dossier: hub.ids.uuid(now),
        documents: folder.documents,
    };
    Ok(Gathered { outcome: (Outcome::Ready(new), now), entry: Some(of.entry) })
}

impl OfEntry {
    /// Reads an entry that has no message; nothing where there is none.
    pub(super) async fn load(hub: &Hub, due: &Due, place: &EntryPlace) -> Result<Option<Self>, ArchivistError> {
        let EntryPlace { register, year, number } = place.clone();
        let key = EntryKey { party: due.party.clone(), register, year, number };
        let Some(entry) = registration::find(&hub.db, &key).await?.filter(|entry| entry.message.is_none()) else {
            return Ok(None);
        };
        let contents = content::of_entry(&hub.db, &due.party, place).await?;
        let facts = sheet(hub, due, &entry).await?;
        Ok(Some(Self { entry, contents, facts }))
    }

    /// What the filing does not hold yet: contents, or the record of a paper where there are none, and the history.
    pub(super) async fn fill(&self, hub: &Hub, folder: &mut Folder<'_>, known: &Known) -> Result<(), ArchivistError> {
        let holds =
            |role: Role, name: &str| known.iter().any(|(held, called, _)| held == role.as_str() && called == name);
        let mut pages = self.entry.state.particulars.pages.map(i64::from);
        for one in self.contents.iter().filter(|one| one.erased_at.is_none()) {
            let name = format!("{:02}-{}", one.position, one.name);
            if holds(Role::Document, &name) {
                continue;
            }
            self.content(hub, one).await?;
            let size = u64::try_from(one.size).unwrap_or(0);
            folder.add(Role::Document, (name, one.content_type.clone()), (one.address, size), Some(one.position));
            // The clerk counted all pages of all parts: they stand at the first.
            let counted = if known.is_empty() { pages.map(|_| pages.replace(0).unwrap_or(0)) } else { None };
            let last = folder.last();
            last.pages = counted.unwrap_or(one.pages);
            last.facts.history.extend(one.told.iter().map(|told| format!("constatare: {told}")));
        }
        if self.contents.is_empty() && !holds(Role::Paper, PAPER) {
            let named = (PAPER.to_owned(), "text/plain; charset=utf-8".to_owned());
            folder.keep(Role::Paper, named, self.paper().into_bytes().into()).await?;
            folder.last().pages = pages.unwrap_or(1);
        }
        let count = self.acts().count();
        let name = format!("istoric-{count:03}.xml");
        if holds(Role::Evidence, &name) {
            return Ok(());
        }
        let at = hub.clock.now();
        let sealed = xades::seal(&self.history(hub), &*hub.seal.signer(), &at.to_utc());
        let sealed = sealed.map_err(|error| ArchivistError::Seal(error.to_string()))?;
        folder.keep(Role::Evidence, (name, XML.to_owned()), sealed.into_bytes().into()).await?;
        folder.dated(at);
        folder.last().facts.document_type = "istoricul înregistrării".to_owned();
        Ok(())
    }

    /// Whether nothing more is expected to happen to it.
    pub(super) const fn ended(&self) -> bool {
        matches!(self.entry.state.status, Status::Resolved | Status::Redirected | Status::Rejected | Status::Filed)
    }

    /// What its record sheets have in common.
    pub(super) const fn facts(&self) -> &SheetFacts {
        &self.facts
    }

    /// Whether a clerk's system sent contents.
    pub(super) const fn has_contents(&self) -> bool {
        !self.contents.is_empty()
    }

    /// Whether all its contents are among these.
    pub(super) fn contents_in(&self, known: &Known) -> bool {
        self.contents.iter().filter(|one| one.erased_at.is_none()).all(|one| {
            let name = format!("{:02}-{}", one.position, one.name);
            known.iter().any(|(role, called, _)| role == "document" && *called == name)
        })
    }

    /// Puts a content into the vault.
    async fn content(&self, hub: &Hub, one: &Held) -> Result<(), ArchivistError> {
        let key = &self.entry.key;
        let place = EntryPlace { register: key.register.clone(), year: key.year, number: key.number };
        let small = content::bytes_of(&hub.db, &key.party, (&place, one.position)).await?;
        let path = hub.blobs.path(&one.address);
        let source = small.map_or(Source::File(&path), Source::Bytes);
        let kept = hub.vault.put(source).await?;
        if kept.address != one.address {
            let why = format!("the bytes of {} are not those that were received", one.name);
            return Err(std::io::Error::other(why).into());
        }
        Ok(())
    }

    /// What happened to it, but for what the hub itself notes of its filing.
    fn acts(&self) -> impl Iterator<Item = &registration::Act> {
        self.entry.acts.iter().filter(|act| act.act != FILED || act.author["clerk"].is_string())
    }

    /// The entry as it was recorded and its acts in order, as they are linked; canonical.
    fn history(&self, hub: &Hub) -> String {
        let entry = &self.entry;
        let mut xml = Writer::with_namespaces(NAMESPACES);
        let key = &entry.key;
        xml.open("ist:History", &[("Id", &format!("ist-{}-{}-{}", printable(&key.register), key.year, key.number))]);
        xml.leaf("ist:Service", &printable(&hub.seal.issuer.name));
        xml.leaf("ist:Party", &key.party);
        let (year, number) = (key.year.to_string(), key.number.to_string());
        let of = [("number", number.as_str()), ("register", key.register.as_str()), ("year", year.as_str())];
        xml.leaf_with("ist:Entry", &of, &printable(&entry.shown));
        xml.leaf("ist:RecordedAt", &entry.recorded_at.to_utc());
        xml.leaf("ist:Status", entry.state.status.as_str());
        if let Some((salt, document)) = &entry.recorded {
            xml.leaf_with("ist:Recorded", &[("salt", &hex::encode(salt))], &printable(document));
        }
        if let Some(link) = &entry.link {
            xml.leaf("ist:Link", &hex::encode(link));
        }
        for act in self.acts() {
            let number = act.act_number.to_string();
            let about = [("act", act.act.as_str()), ("at", act.at.as_str()), ("number", number.as_str())];
            let told = serde_json::json!({"author": act.author, "content": act.content}).to_string();
            xml.leaf_with("ist:Act", &about, &printable(&told));
        }
        xml.close();
        xml.finish().expect("what was opened is closed, and every text is printable")
    }

    /// The record of an original that is on paper: what it is and where it lies.
    fn paper(&self) -> String {
        let (entry, facts) = (&self.entry, &self.facts);
        let particulars = &entry.state.particulars;
        let count = |value: Option<u32>| value.map_or_else(|| "nespecificat".to_owned(), |value| value.to_string());
        let place = facts.on_paper.as_deref().unwrap_or_default();
        format!(
            "Fișa unui document pe hârtie\n\nInstituția: {}\nÎnregistrarea: nr. {} din {}, registrul {}\n\
             Emitentul: {}\nConținutul pe scurt: {}\nFile: {}; anexe: {}\nLocul originalului: {place}\n\n\
             Conținutul nu este în arhiva electronică; originalul pe hârtie face parte din dosar.\n",
            facts.owner,
            entry.shown,
            entry.recorded_at.romanian_date().strftime("%d.%m.%Y"),
            entry.key.register,
            facts.issuer,
            particulars.subject,
            count(particulars.pages),
            count(particulars.annexes),
        )
    }
}

/// Name of the record of a paper.
const PAPER: &str = "original-pe-hartie.txt";

/// What the record sheets of an entry have in common.
async fn sheet(hub: &Hub, due: &Due, entry: &Entry) -> Result<SheetFacts, ArchivistError> {
    let directory = hub.directory();
    let owner = directory.party(&due.party).map_or_else(|| due.party.clone(), |party| party.name.clone());
    let particulars = &entry.state.particulars;
    let other = match particulars.correspondent {
        Some(id) => registration::correspondent(&hub.db, &due.party, id).await?.and_then(|known| known.name),
        None => None,
    };
    let outside = || other.clone().unwrap_or_else(|| "nespecificat".to_owned());
    let incoming = entry.direction == registration::Direction::In;
    let register = directory.register(&due.party, &entry.key.register);
    let title = register.map_or_else(|| entry.key.register.clone(), |held| held.entry.title);
    let mut history =
        vec![format!("înregistrat cu nr. {} la {} în {title}", entry.shown, entry.recorded_at.to_romanian())];
    history.extend(entry.acts.iter().map(|act| format!("{}: {}", act.at, act.act)));
    let unit = particulars.unit.clone().unwrap_or_else(|| "registratură".to_owned());
    let electronic = particulars.way.as_deref().is_some_and(|way| ["e-mail", "punte"].contains(&way));
    let place = due.place.clone().unwrap_or_else(|| format!("original pe hârtie, compartimentul {unit}"));
    let issued = particulars.external_date.unwrap_or_else(|| entry.recorded_at.romanian_date());
    Ok(SheetFacts {
        issuer: if incoming { outside() } else { owner.clone() },
        history,
        document_type: title,
        keywords: vec![particulars.subject.clone(), entry.shown.clone()],
        issued_on: issued.to_string(),
        owner,
        on_paper: (!electronic || due.place.is_some()).then_some(place),
    })
}
