//! The European evidence of registration of a company, DE4A CompanyRegistration 0.6 (contract sheet sections 9 and 10.6).

use serde_json::{Value, json};

/// The members of `LegalEntity` that a record can fill; none where a mandatory one is missing. The names are the
/// schema's, `BranchRegistredAddress` included.
#[must_use]
pub fn registration_evidence(record: &Value) -> Option<Value> {
    let status = record["stare"]["bris"].as_str()?;
    let seat = &record["sediu"];
    let codes: Vec<&Value> = match &record["activitate_principala"]["caen"] {
        Value::Null => {
            record["activitati_autorizate"].as_array().into_iter().flatten().map(|one| &one["caen"]).collect()
        }
        main => vec![main],
    };
    let branches = record["sucursale_ue"].as_array().into_iter().flatten().map(|branch| {
        json!({ "BranchName": branch["denumire"], "BranchEUID": branch["euid"], "BranchRegistredAddress": branch["tara"] })
    });
    Some(json!({ "LegalEntity": {
        "CompanyName": [{ "LegalEntityLegalName": record["denumire"].as_str()? }],
        "CompanyType": record["forma_juridica"]["cod"].as_str()?,
        "CompanyStatus": status,
        "CompanyActivity": { "NaceCode": codes },
        "RegistrationDate": record["data_inmatriculare"].as_str()?,
        "CompanyEndDate": record["data_radiere"],
        "CompanyEUID": record["euid"].as_str()?,
        // The register's own sample holds the bare CUI here.
        "VatNumber": record["cui"].as_str().map(|cui| vec![cui]),
        "RegisteredAddress": [{
            "Thoroughfare": seat["strada"], "LocationDesignator": seat["numar"], "PostCode": seat["cod_postal"],
            "PostName": seat["localitate"], "AdminUnitL1": seat["tara"], "AdminUnitL2": seat["judet"],
        }],
        "HasBranch": branches.collect::<Vec<_>>(),
    }}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_fills_the_evidence_and_an_unknown_state_or_date_fills_none() {
        let record = json!({
            "denumire": "DEMO MESTEACĂNUL SRL", "cui": "90000006", "euid": "ROONRC.J2025900001003",
            "forma_juridica": { "cod": "SRL" }, "data_inmatriculare": "2025-03-14", "stare": { "bris": "economically active" },
            "sediu": { "tara": "RO", "judet": "Maramureș", "strada": "Victoriei", "numar": "12" },
            "activitati_autorizate": [{ "caen": "0111" }, { "caen": "1071" }],
        });
        let evidence = registration_evidence(&record).unwrap();
        let entity = &evidence["LegalEntity"];
        assert_eq!(entity["CompanyStatus"], "economically active");
        assert_eq!(entity["CompanyActivity"]["NaceCode"], json!(["0111", "1071"]));
        assert_eq!(entity["VatNumber"], json!(["90000006"]));
        assert_eq!(entity["RegisteredAddress"][0]["LocationDesignator"], "12");
        for missing in ["stare", "data_inmatriculare", "euid", "denumire", "forma_juridica"] {
            let mut without = record.clone();
            without[missing] = Value::Null;
            assert_eq!(registration_evidence(&without), None, "{missing}");
        }
    }
}
