//! People of the demo county, who sign in to the console. All of them are invented, and everybody knows their password.

use anyhow::{Context as _, bail};
use hub_flow::authorization::Grant;
use hub_flow::hub::Hub;

use crate::sign_in::managing::{Desk, NewAccount, NotManaged};

/// For the demo alone: whoever reads this knows it.
pub(super) const PASSWORD: &str = "podul peste Motru 2026";
/// The directorate and the commune whose people are played.
const DIRECTORATE: &str = "dgaspc-mehedinti";
const COMMUNE: &str = "uat-110571";

/// Somebody who signs in: login, name, institution, units, roles, and what they come for.
pub(super) struct Played {
    pub(super) login: &'static str,
    name: &'static str,
    party: &'static str,
    units: &'static [&'static str],
    roles: &'static [&'static str],
    pub(super) comes_for: &'static str,
}

/// The people, one of each kind.
pub(super) const PEOPLE: [Played; 7] = [
    Played {
        login: "primarie@bacles.example",
        name: "Ana Podaru (inventată)",
        party: COMMUNE,
        units: &["Registratura", "Compartiment de asistență socială"],
        roles: &["clerk"],
        comes_for: "registrator la Comuna Bâcleș: documente sosite, petiția greșit îndreptată, trimiteri în grup",
    },
    Played {
        login: "secretar@bacles.example",
        name: "Vasile Punte (inventat)",
        party: COMMUNE,
        units: &["Registratura", "Compartiment de asistență socială"],
        roles: &["head-of-unit"],
        comes_for: "șef de compartiment la Comuna Bâcleș: repartizare, aprobări, livrarea oprită",
    },
    Played {
        login: "registratura@dgaspc.example",
        name: "Maria Arcadă (inventată)",
        party: DIRECTORATE,
        units: &["Registratura", "SECPAH"],
        roles: &["clerk", "archivist"],
        comes_for: "registrator și arhivar la DGASPC Mehedinți: registre, termene, dosare",
    },
    Played {
        login: "conformitate@dgaspc.example",
        name: "Elena Cheson (inventată)",
        party: DIRECTORATE,
        units: &["Registratura"],
        roles: &["compliance-officer"],
        comes_for: "responsabil cu conformitatea: recipise, verificare, jurnal, rapoarte",
    },
    Played {
        login: "integrator@dgaspc.example",
        name: "Radu Grindă (inventat)",
        party: DIRECTORATE,
        units: &["Registratura"],
        roles: &["integrator"],
        comes_for: "integrator: sisteme, mesaje, rute, replici",
    },
    Played {
        login: "administrator@dgaspc.example",
        name: "Ioana Pilon (inventată)",
        party: DIRECTORATE,
        units: &["Registratura"],
        roles: &["administrator"],
        comes_for: "administratorul instituției: conturi, roluri, acorduri, chei",
    },
    Played {
        login: "operator@hub.example",
        name: "Dan Cablu (inventat)",
        party: DIRECTORATE,
        units: &["Registratura"],
        roles: &["operator"],
        comes_for: "operatorul hubului: stare, sisteme, scrisori moarte, sigiliu",
    },
];

/// Makes the accounts that are not there yet, each with the password everybody knows.
///
/// # Errors
/// The hub refuses one.
pub(super) async fn settle(hub: &Hub, url: &str) -> anyhow::Result<()> {
    for played in &PEOPLE {
        let new = NewAccount {
            party: played.party.to_owned(),
            login: played.login.to_owned(),
            display_name: played.name.to_owned(),
            pseudonym: format!("f-{}", played.login.replace(['@', '.'], "-")),
            units: played.units.iter().map(|unit| (*unit).to_owned()).collect(),
            grants: played.roles.iter().map(|role| Grant::of(role, played.party)).collect(),
        };
        let desk = Desk { hub, by: "demo", link_hours: 1 };
        match desk.invite(new).await {
            Ok((_, token, _)) => accept(url, &token.to_text()).await.with_context(|| played.login.to_owned())?,
            // The data folder of an earlier demo.
            Err(NotManaged::Taken) => {}
            Err(error) => return Err(error).context(played.login),
        }
    }
    Ok(())
}

/// Uses a one-time link as its person would, in a browser.
async fn accept(url: &str, token: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("token", token), ("password", PASSWORD)])
        .finish();
    let request = client
        .post(format!("{url}/sign-in/invitation"))
        .header("origin", url)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(body).send().await?;
    if !answer.status().is_redirection() {
        bail!("the one-time link was not taken: {}", answer.status());
    }
    Ok(())
}
