//! The taxpayers of the twin. Every one is invented; the codes are the synthetic ones with a right check digit.

/// One invented taxpayer, as the ministry's registers know it.
pub(crate) struct Firm {
    /// The fiscal code.
    pub(crate) cui: u64,
    /// The name, in the cedilla letters that the registers use.
    pub(crate) name: &'static str,
    /// The trade-register number in its old form; empty for those who are in no trade register.
    pub(crate) trade_number: &'static str,
    /// Registered after the switch of July 2024: only the new form of the number exists, without a county.
    pub(crate) only_new_number: bool,
    /// The registration date, `yyyy-MM-dd`.
    pub(crate) since: &'static str,
    /// The free text of the registration state.
    pub(crate) state: &'static str,
    /// The class of activity with its leading zero.
    pub(crate) caen: &'static str,
    /// The legal form.
    pub(crate) form: &'static str,
    /// County: its name in cedilla letters, its number, its letters.
    pub(crate) county: (&'static str, &'static str, &'static str),
    /// Locality: its name and the ministry's own code inside the county, which is not a SIRUTA code.
    pub(crate) locality: (&'static str, &'static str),
    /// The postal code.
    pub(crate) postal: &'static str,
    /// Periods of VAT registration: first day, and the day from which it no longer counts.
    pub(crate) vat: &'static [(&'static str, &'static str)],
    /// VAT on collection: from, until.
    pub(crate) on_collection: Option<(&'static str, &'static str)>,
    /// Split VAT: from, until.
    pub(crate) split: Option<(&'static str, &'static str)>,
    /// Inactive: from, until.
    pub(crate) inactive: Option<(&'static str, &'static str)>,
    /// Member of the opt-in register RO e-Factura since that day.
    pub(crate) efactura: &'static str,
    /// In the register of farmers: from, until.
    pub(crate) agric: Option<(&'static str, &'static str)>,
    /// In the register of cult entities: from, until.
    pub(crate) cult: Option<(&'static str, &'static str)>,
    /// Writes a single space where others write nothing.
    pub(crate) space_for_empty: bool,
    /// Files a yearly statement.
    pub(crate) statements: bool,
}

/// A quiet taxpayer; the others differ from it.
const QUIET: Firm = Firm {
    cui: 0,
    name: "",
    trade_number: "",
    only_new_number: false,
    since: "2012-05-14",
    state: "INREGISTRAT din data 14.05.2012",
    caen: "4120",
    form: "SOCIETATE COMERCIALĂ CU RĂSPUNDERE LIMITATĂ",
    county: ("PRAHOVA", "29", "PH"),
    locality: ("Mun. Ploieşti", "1"),
    postal: "100001",
    vat: &[],
    on_collection: None,
    split: None,
    inactive: None,
    efactura: "",
    agric: None,
    cult: None,
    space_for_empty: false,
    statements: true,
};

static FIRMS: [Firm; 9] = [
    Firm {
        cui: 90_000_006,
        name: "ŞANTIERUL INVENTAT S.R.L.",
        trade_number: "J29/750/2012",
        vat: &[("2012-06-01", "2015-01-01"), ("2016-03-01", "")],
        efactura: "2022-03-01",
        ..QUIET
    },
    Firm {
        cui: 90_000_014,
        name: "FERMA ŢINUTUL INVENTAT S.R.L.",
        trade_number: "J25/101/2009",
        since: "2009-02-03",
        state: "INREGISTRAT din data 03.02.2009",
        caen: "0111",
        county: ("MEHEDINŢI", "25", "MH"),
        locality: ("Sat Inventat Com. Inventată", "170"),
        postal: "227001",
        agric: Some(("2019-01-01", "")),
        ..QUIET
    },
    Firm {
        cui: 90_000_022,
        name: "PAROHIA INVENTATĂ",
        caen: "9491",
        form: "UNITATE DE CULT",
        cult: Some(("2019-04-01", "")),
        statements: false,
        ..QUIET
    },
    Firm {
        cui: 90_000_030,
        name: "FOSTA FIRMĂ INVENTATĂ S.R.L.",
        trade_number: "J29/12/1998",
        since: "1998-01-20",
        state: "RADIERE din data 12.03.2021",
        vat: &[("1999-07-01", "2021-03-12")],
        inactive: None,
        ..QUIET
    },
    Firm {
        cui: 90_000_049,
        name: "ADORMITA INVENTATĂ S.A.",
        trade_number: "J40/8302/1997",
        since: "1997-09-01",
        state: "SUSPENDARE ACTIVITATE din data 01.02.2023",
        form: "SOCIETATE COMERCIALĂ PE ACŢIUNI",
        county: ("MUNICIPIUL BUCUREŞTI", "40", "B"),
        locality: ("Sector 1 Mun. Bucureşti", "1"),
        postal: "010001",
        vat: &[("1997-10-01", "2023-02-01")],
        inactive: Some(("2023-02-01", "")),
        ..QUIET
    },
    Firm {
        cui: 90_000_057,
        name: "ÎNCASATOR INVENTAT S.R.L.",
        trade_number: "J29/1701/2016",
        since: "2016-10-16",
        state: "INREGISTRAT din data 16.10.2016",
        caen: "0610",
        vat: &[("2016-11-01", "")],
        on_collection: Some(("2017-01-01", "")),
        split: Some(("2018-03-01", "2020-02-01")),
        space_for_empty: true,
        ..QUIET
    },
    Firm {
        cui: 90_000_065,
        name: "NOUA FIRMĂ INVENTATĂ S.R.L.",
        trade_number: "J00/3214/2025",
        only_new_number: true,
        since: "2025-02-10",
        state: "INREGISTRAT din data 10.02.2025",
        caen: "6210",
        statements: false,
        ..QUIET
    },
    Firm {
        cui: 12_345_674,
        name: "COMUNA INVENTATĂ",
        state: "INREGISTRAT din data 01.01.1993",
        since: "1993-01-01",
        caen: "8411",
        form: "INSTITUŢIE PUBLICĂ",
        statements: false,
        ..QUIET
    },
    Firm {
        cui: 8_000_000_000,
        name: "CONTRIBUABILUL INVENTAT S.R.L.",
        trade_number: "J29/372/2002",
        since: "2002-01-15",
        state: "TRANSFER(SOSIRE) din data 01.07.2015",
        vat: &[("2002-02-01", "")],
        efactura: "2024-01-01",
        ..QUIET
    },
];

/// The taxpayer with that code.
pub(crate) fn find(cui: u64) -> Option<&'static Firm> {
    FIRMS.iter().find(|firm| firm.cui == cui)
}

impl Firm {
    /// The number in the trade register, in the old form where there is one and it is asked for.
    pub(crate) fn number(&self, new_form: bool) -> String {
        if self.trade_number.is_empty() || !(new_form || self.only_new_number) {
            return self.trade_number.to_owned();
        }
        new_form_of(self.trade_number).unwrap_or_default()
    }

    /// The class of activity without its leading zeros, as the registers print it.
    pub(crate) fn caen(&self) -> &'static str {
        self.caen.trim_start_matches('0')
    }

    /// The address on one line.
    pub(crate) fn address(&self) -> String {
        let (county, locality) = (self.county.0, self.locality.0.to_uppercase());
        format!("JUD. {county}, {locality}, STR. INVENTATĂ, NR.7")
    }
}

/// `J29/750/2012` as `J2012000750292`: year, serial of six digits, county of two, check digit.
fn new_form_of(old: &str) -> Option<String> {
    let letter = old.chars().next()?;
    let mut fields = old.get(1..)?.split('/').map(str::parse::<u32>);
    let (county, serial, year) = (fields.next()?.ok()?, fields.next()?.ok()?, fields.next()?.ok()?);
    let body = format!("{year}{serial:06}{county:02}");
    let sum: u32 = body.chars().filter_map(|digit| digit.to_digit(10)).sum();
    Some(format!("{letter}{body}{}", (sum + u32::from(letter) % 10) % 10))
}

#[cfg(test)]
mod tests {
    use super::new_form_of;

    #[test]
    fn an_old_number_has_one_new_form() {
        assert_eq!(new_form_of("J52/750/2012").as_deref(), Some("J2012000750528"));
        assert_eq!(new_form_of("J40/8302/1997").as_deref(), Some("J1997008302407"));
    }
}
