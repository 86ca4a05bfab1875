//! The record of `PlatitorTvaRest`, in its present shape and in the one of version 8 and older.

use serde_json::{Map, Value, json};

use super::firms::Firm;
use super::question::within;
use super::settings::Settings;

/// What is known of a taxpayer on a day.
pub(crate) fn record(firm: &Firm, day: &str, settings: &Settings) -> Value {
    let empty = if firm.space_for_empty { " " } else { "" };
    let mut general = json!({
        "cui": firm.cui, "data": day, "denumire": firm.name, "adresa": firm.address(),
        "nrRegCom": firm.number(settings.new_trade_numbers), "telefon": empty, "fax": empty, "codPostal": firm.postal,
        "act": empty, "stare_inregistrare": firm.state,
    });
    let more = json!({
        "data_inregistrare": firm.since, "cod_CAEN": firm.caen(), "iban": empty,
        "statusRO_e_Factura": !firm.efactura.is_empty(), "data_inreg_Reg_RO_e_Factura": firm.efactura,
        "organFiscalCompetent": format!("Administraţia Inventată a Finanţelor Publice {}", firm.county.2),
        "forma_de_proprietate": "PROPR.PRIVATA-CAPITAL PRIVAT AUTOHTON", "forma_organizare": "PERSOANA JURIDICA",
        "forma_juridica": firm.form,
    });
    append(&mut general, more);
    let vat = if settings.old_shape { flat_vat(firm, day) } else { vat(firm, day) };
    json!({
        "date_generale": general,
        "inregistrare_scop_Tva": vat,
        "inregistrare_RTVAI": on_collection(firm, day),
        "stare_inactiv": inactive(firm, day),
        "inregistrare_SplitTVA": split(firm, day),
        "adresa_sediu_social": address(firm, "s", empty),
        "adresa_domiciliu_fiscal": address(firm, "d", empty),
    })
}

/// What version 8 and older said of a code nobody has: a record with an empty name.
pub(crate) fn nobody(cui: u64, day: &str) -> Value {
    json!({
        "date_generale": { "cui": cui, "data": day, "denumire": "", "adresa": "", "nrRegCom": "", "telefon": "",
            "fax": "", "codPostal": "", "act": "", "stare_inregistrare": "" },
        "inregistrare_scop_Tva": { "scpTVA": false, "data_inceput_ScpTVA": "", "data_sfarsit_ScpTVA": "",
            "data_anul_imp_ScpTVA": "", "mesaj_ScpTVA": "" },
    })
}

fn append(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn period((from, until): (&str, &str)) -> Value {
    let message = if until.is_empty() { "" } else { "ANULARE INREGISTRARE IN SCOPURI DE TVA" };
    json!({ "data_inceput_ScpTVA": from, "data_sfarsit_ScpTVA": until, "data_anul_imp_ScpTVA": until,
        "mesaj_ScpTVA": message })
}

fn vat(firm: &Firm, day: &str) -> Value {
    let periods: Vec<_> = firm.vat.iter().filter(|period| period.0 <= day).map(|one| period(*one)).collect();
    json!({ "scpTVA": firm.vat.iter().any(|period| within(day, *period)), "perioade_TVA": periods })
}

fn flat_vat(firm: &Firm, day: &str) -> Value {
    let last = firm.vat.iter().rfind(|period| period.0 <= day).copied().unwrap_or(("", ""));
    let mut flat = json!({ "scpTVA": firm.vat.iter().any(|period| within(day, *period)) });
    append(&mut flat, period(last));
    flat
}

fn on_collection(firm: &Firm, day: &str) -> Value {
    let (from, until) = firm.on_collection.unwrap_or_default();
    let kind = match (from, until) {
        ("", _) => "",
        (_, "") => "Inregistrare",
        _ => "Radiere",
    };
    json!({ "dataInceputTvaInc": from, "dataSfarsitTvaInc": until, "dataActualizareTvaInc": from,
        "dataPublicareTvaInc": from, "tipActTvaInc": kind,
        "statusTvaIncasare": firm.on_collection.is_some_and(|period| within(day, period)) })
}

fn inactive(firm: &Firm, day: &str) -> Value {
    let (from, until) = firm.inactive.unwrap_or_default();
    let struck = if firm.state.starts_with("RADIERE") { "2021-03-12" } else { "" };
    json!({ "dataInactivare": from, "dataReactivare": until, "dataPublicare": from, "dataRadiere": struck,
        "statusInactivi": firm.inactive.is_some_and(|period| within(day, period)) })
}

fn split(firm: &Firm, day: &str) -> Value {
    let (from, until) = firm.split.unwrap_or_default();
    json!({ "dataInceputSplitTVA": from, "dataAnulareSplitTVA": until,
        "statusSplitTVA": firm.split.is_some_and(|period| within(day, period)) })
}

fn address(firm: &Firm, prefix: &str, empty: &str) -> Value {
    let fields = [
        ("denumire_Strada", "Str. Inventată"),
        ("numar_Strada", "7"),
        ("denumire_Localitate", firm.locality.0),
        ("cod_Localitate", firm.locality.1),
        ("denumire_Judet", firm.county.0),
        ("cod_Judet", firm.county.1),
        ("cod_JudetAuto", firm.county.2),
        ("tara", empty),
        ("detalii_Adresa", empty),
        ("cod_Postal", firm.postal),
    ];
    let named = fields.into_iter().map(|(name, value)| (format!("{prefix}{name}"), Value::from(value)));
    Value::Object(named.collect::<Map<_, _>>())
}
