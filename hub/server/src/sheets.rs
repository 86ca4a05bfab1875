//! Record sheets of archived documents as XML: one form, in packages and at the door, with the schema of `hub-eark`.

use anyhow::Context as _;
use hub_eark::DossierSheet;
use hub_flow::archive::dossier::Dossier;
use hub_flow::archive::filing::Sheet;

/// The head of a dossier's sheets, with no sheet in it yet.
///
/// # Errors
/// The dossier has a year or volume that none can have.
pub fn head(dossier: &Dossier) -> anyhow::Result<DossierSheet> {
    Ok(DossierSheet {
        code: dossier.code.clone(),
        year: i16::try_from(dossier.year).context("the year of the dossier is none")?,
        volume: u32::try_from(dossier.volume).context("the volume of the dossier is none")?,
        title: dossier.title.clone(),
        nomenclator: format!("versiunea {}", dossier.nomenclator),
        sheets: Vec::new(),
    })
}

/// The 13 elements of a document (Law 135/2007), with the files it is in.
#[must_use]
pub fn sheet(dossier: &Dossier, sheet: Sheet, files: Vec<String>) -> hub_eark::Sheet {
    // The schema wants words in every element; nobody knew of an empty one.
    let said = |text: String| if text.trim().is_empty() { "nespecificat".to_owned() } else { text };
    let words = |list: Vec<String>| list.into_iter().filter(|text| !text.trim().is_empty()).collect();
    hub_eark::Sheet {
        owner: said(sheet.owner),
        issuer: said(sheet.issuer),
        holder: said(sheet.holder),
        history: words(sheet.history),
        document_type: said(sheet.document_type),
        classification: said(sheet.classification),
        format: said(sheet.format),
        keywords: words(sheet.keywords),
        physical_location: Some(sheet.physical_location).filter(|place| !place.is_empty()),
        identifier: sheet.identifier,
        issued: sheet.issued_on,
        archived: sheet.archived_on,
        retention: dossier.years.map_or_else(|| "permanent".to_owned(), |years| years.to_string()),
        files,
    }
}
