//! A demonstration organisation: a mechanical engineering company on three sites, with somebody in
//! every role.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use vigie_core::account::AccountInvitation;
use vigie_core::error::{Error, Result};
use vigie_core::id::Id;
use vigie_core::moment::Moment;

use crate::app::App;
use crate::system::Person;
use crate::{account, content, entropy};

/// Name of the demonstration organisation.
pub const ORG: &str = "Ateliers Rhône Mécanique";

struct Site {
    name: &'static str,
    city: &'static str,
    teams: &'static [&'static str],
    /// Area, then its places.
    places: &'static [(&'static str, &'static [&'static str])],
}

const SITES: &[Site] = &[
    Site {
        name: "Vénissieux",
        city: "Vénissieux",
        teams: &[
            "Usinage matin",
            "Usinage après-midi",
            "Maintenance",
            "Logistique",
        ],
        places: &[
            (
                "Atelier usinage",
                &["Tour CN 1", "Tour CN 2", "Fraiseuse 5 axes", "Rectifieuse"],
            ),
            ("Presses", &["Presse 250 t", "Presse 400 t"]),
            (
                "Logistique",
                &["Quai 1", "Quai 2", "Rayonnages", "Charge des chariots"],
            ),
            ("Extérieur", &["Parking", "Benne à copeaux"]),
        ],
    },
    Site {
        name: "Saint-Nazaire",
        city: "Saint-Nazaire",
        teams: &["Soudage", "Chaudronnerie", "Peinture"],
        places: &[
            (
                "Chaudronnerie",
                &["Plieuse", "Cisaille", "Pont roulant 10 t"],
            ),
            ("Soudage", &["Cabine MIG 1", "Cabine MIG 2", "Cabine TIG"]),
            ("Peinture", &["Cabine de peinture", "Stock de solvants"]),
            ("Quai", &["Portail nord", "Aire de levage"]),
        ],
    },
    Site {
        name: "Valenciennes",
        city: "Valenciennes",
        teams: &["Montage jour", "Montage nuit", "Contrôle"],
        places: &[
            ("Montage", &["Ligne 1", "Ligne 2", "Banc d’essai"]),
            ("Contrôle", &["Salle de métrologie", "Zone de quarantaine"]),
            ("Logistique", &["Quai d’expédition", "Magasin"]),
            ("Locaux", &["Vestiaires", "Réfectoire", "Local déchets"]),
        ],
    },
];

/// Name, short name, roles, site, team, trade, language.
type Someone = (
    &'static str,
    &'static str,
    &'static [&'static str],
    usize,
    Option<&'static str>,
    &'static str,
    &'static str,
);

const PEOPLE: &[Someone] = &[
    (
        "Claire Fontaine",
        "claire",
        &["lead"],
        0,
        None,
        "Responsable QSE",
        "fr",
    ),
    (
        "Hugues Marchand",
        "hugues",
        &["admin", "lead"],
        0,
        None,
        "Directeur des opérations",
        "fr",
    ),
    (
        "Nadia Benali",
        "nadia",
        &["manager"],
        0,
        Some("Usinage matin"),
        "Cheffe d’atelier",
        "fr",
    ),
    (
        "Thomas Girard",
        "thomas",
        &["relay", "operator"],
        0,
        Some("Maintenance"),
        "Mécanicien",
        "fr",
    ),
    (
        "Karim Haddad",
        "karim",
        &["operator"],
        0,
        Some("Usinage matin"),
        "Tourneur",
        "fr",
    ),
    (
        "Sophie Lambert",
        "sophie",
        &["operator"],
        0,
        Some("Logistique"),
        "Cariste",
        "fr",
    ),
    (
        "Yann Le Goff",
        "yann",
        &["manager"],
        1,
        Some("Chaudronnerie"),
        "Chef d’équipe",
        "fr",
    ),
    (
        "Gaëlle Rivoal",
        "gaelle",
        &["relay", "operator"],
        1,
        Some("Peinture"),
        "Peintre",
        "fr",
    ),
    (
        "Erwan Tanguy",
        "erwan",
        &["operator"],
        1,
        Some("Soudage"),
        "Soudeur",
        "fr",
    ),
    (
        "Fatou Diallo",
        "fatou",
        &["operator"],
        1,
        Some("Chaudronnerie"),
        "Chaudronnière",
        "fr",
    ),
    (
        "Michel Delattre",
        "michel",
        &["manager"],
        2,
        Some("Montage jour"),
        "Chef de ligne",
        "fr",
    ),
    (
        "Émilie Dubois",
        "emilie",
        &["relay", "operator"],
        2,
        Some("Contrôle"),
        "Contrôleuse",
        "fr",
    ),
    (
        "Piotr Nowak",
        "piotr",
        &["operator"],
        2,
        Some("Montage nuit"),
        "Monteur",
        "en",
    ),
    ("Inès Caron", "ines", &["guest"], 2, None, "Visiteuse", "fr"),
];

/// Somebody of the demonstration, and how they sign in.
pub struct Invited {
    /// The person.
    pub person: Person,
    /// Their site's name.
    pub site: String,
    /// Their fresh code.
    pub invitation: AccountInvitation,
}

/// Capsules that everybody is asked to take, and within how many days of the first start.
const ASKED: [(&str, i64); 2] = [("signaux-faibles", 7), ("etiquettes-chimiques", 21)];

/// Makes the organisation where there is none yet, publishes the content folder, and invites
/// everybody.
///
/// # Errors
/// When the store cannot be written, the content has problems, or another organisation is here.
pub fn prepare(app: &App, content: Option<&Path>) -> Result<Vec<Invited>> {
    let new = app.system.people(app)?.is_empty();
    if new {
        app.store.rename(ORG)?;
        let sites = SITES
            .iter()
            .map(|site| save_site(app, site))
            .collect::<Result<Vec<_>>>()?;
        for someone in PEOPLE {
            save_person(app, someone, &sites)?;
        }
    } else if app.store.org()?.name != ORG {
        return Err(Error::invalid("the data folder holds another organisation"));
    }
    if let Some(folder) = content {
        content::publish(app, folder)?;
        if new {
            ask(app)?;
        }
    }
    let sites: BTreeMap<Id, String> = app
        .system
        .sites(app)?
        .into_iter()
        .map(|site| (site.id, site.name))
        .collect();
    app.system
        .people(app)?
        .into_iter()
        .filter(|person| person.active)
        .map(|person| {
            Ok(Invited {
                invitation: account::invite_as(app, "command-line", person.id)?,
                site: person
                    .site
                    .and_then(|site| sites.get(&site).cloned())
                    .unwrap_or_default(),
                person,
            })
        })
        .collect()
}

/// Asks everybody to take a few capsules, so that the first screen has something to say.
fn ask(app: &App) -> Result<()> {
    let capsules = app.system.call(app, "learn.list", json!({}))?;
    let text = |row: &serde_json::Value, key: &str| {
        row.get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    for row in capsules.as_array().into_iter().flatten() {
        let slug = text(row, "slug");
        let Some((_, days)) = ASKED.iter().find(|(asked, _)| *asked == slug) else {
            continue;
        };
        let due = Moment::utc(app.now().saturating_add(days.saturating_mul(86_400_000))).day();
        app.system.call(
            app,
            "studio.assign",
            json!({ "id": text(row, "module"), "sites": null, "due_on": due, "required": true }),
        )?;
    }
    Ok(())
}

fn save_site(app: &App, site: &Site) -> Result<Id> {
    let places: Vec<_> = site
        .places
        .iter()
        .flat_map(|(area, names)| names.iter().map(move |name| (area, name)))
        .map(|(area, name)| json!({ "id": entropy::id(app.now()), "name": name, "area": area }))
        .collect();
    saved(&app.system.call(
        app,
        "directory.save_site",
        json!({
            "id": null, "name": site.name, "city": site.city, "teams": site.teams,
            "places": places,
        }),
    )?)
}

fn save_person(app: &App, someone: &Someone, sites: &[Id]) -> Result<Id> {
    let (name, login, roles, site, team, trade, language) = *someone;
    saved(&app.system.call(
        app,
        "directory.save_person",
        json!({
            "id": null, "name": name, "login": login, "roles": roles, "site": sites.get(site),
            "team": team, "trade": trade, "language": language, "active": true,
        }),
    )?)
}

/// The id that saving answered.
///
/// # Errors
/// When it answered none.
pub fn saved(output: &serde_json::Value) -> Result<Id> {
    let id = output.get("id").and_then(serde_json::Value::as_str);
    id.ok_or_else(|| Error::unexpected("saved without an id"))?
        .parse()
}
