//! A small organisation, and a person who reports in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vigie_core::error::{Error, Result};
use vigie_core::{Device, Entropy as _, Id, Moment};

use crate::chance::Chance;
use crate::words::story;

/// The form that everything here is reported with.
pub const FORM: &str = include_str!("../../content/forms/near-miss.toml");

/// Where and who.
#[derive(Debug, Clone)]
pub struct Floor {
    /// The site.
    pub site: Id,
    /// Its places.
    pub places: Vec<Id>,
    /// Somebody who reports.
    pub operator: Id,
    /// Somebody who leads.
    pub lead: Id,
    /// The near-miss form, first release.
    pub form: Id,
}

/// The id in a command's output.
///
/// # Errors
/// When there is none.
pub fn id(output: &Value, key: &str) -> Result<Id> {
    let text = output.get(key).and_then(Value::as_str);
    text.ok_or_else(|| Error::unexpected(format!("no `{key}` in the answer")))?
        .parse()
}

/// Makes it, by the commands of the server's own device.
///
/// # Errors
/// What the commands say.
pub fn found(
    chance: &mut Chance,
    now_ms: i64,
    mut run: impl FnMut(&str, Value) -> Result<Value>,
) -> Result<Floor> {
    let places: Vec<Id> = (0..12).map(|_| chance.id(now_ms)).collect();
    let listed: Vec<Value> = places
        .iter()
        .enumerate()
        .map(|(number, id)| json!({ "id": id, "name": format!("Quai {number}"), "area": "Nord" }))
        .collect();
    let site = run(
        "directory.save_site",
        json!({ "id": null, "name": "Lorient", "city": "Lorient", "teams": [], "places": listed }),
    )?;
    let site = id(&site, "id")?;
    let mut person = |name: &str, role: &str| {
        let saved = run(
            "directory.save_person",
            json!({
                "id": null, "name": name, "login": name, "roles": [role], "site": site,
                "team": null, "trade": null, "language": "fr", "active": true,
            }),
        )?;
        id(&saved, "id")
    };
    let (operator, lead) = (person("karim", "operator")?, person("claire", "lead")?);
    let form = run(
        "form.publish",
        json!({ "slug": "near-miss", "source": FORM }),
    )?;
    Ok(Floor {
        site,
        places,
        operator,
        lead,
        form: id(&form, "form")?,
    })
}

/// The answers of a near miss, words last.
pub fn answers(chance: &mut Chance, floor: &Floor) -> Vec<(&'static str, Value)> {
    let what = [
        "fall", "height", "object", "machine", "vehicle", "fire", "chemical", "electric",
    ];
    vec![
        ("what", json!(chance.pick(&what))),
        ("place", json!(chance.pick(&floor.places))),
        (
            "severity",
            json!(chance.pick(&["low", "moderate", "serious", "critical"])),
        ),
        ("urgency", json!(chance.pick(&["now", "later", "later"]))),
        (
            "openness",
            json!(chance.pick(&["open", "open", "open", "confidential"])),
        ),
        ("words", json!(story(chance))),
    ]
}

/// Begins a draft and fills it, telling of each answer once it is said to be saved; the draft.
///
/// # Errors
/// What the commands say.
pub fn fill(
    device: &mut Device,
    moment: Moment,
    chance: &mut Chance,
    floor: &Floor,
    mut saved: impl FnMut(Id, &str, &Value) -> Result<()>,
) -> Result<Id> {
    let draft = chance.id(moment.ms);
    let input = json!({ "id": draft, "form": floor.form, "release": 1, "practice": false });
    device.call(moment, None, "draft.start", input)?;
    for (field, value) in answers(chance, floor) {
        let input = json!({ "id": draft, "field": field, "value": value });
        device.call(moment, None, "draft.save", input)?;
        saved(draft, field, &value)?;
    }
    Ok(draft)
}

/// Seals a draft; the report.
///
/// # Errors
/// What the command says.
pub fn seal(device: &mut Device, moment: Moment, chance: &mut Chance, draft: Id) -> Result<Id> {
    let report = chance.id(moment.ms);
    let input = json!({ "draft": draft, "report": report });
    id(
        &device.call(moment, None, "report.seal", input)?.output,
        "report",
    )
}

/// Adds a photo of about this size, mostly noise, to a draft; its content.
///
/// # Errors
/// What the command says.
pub fn photograph(
    device: &mut Device,
    moment: Moment,
    chance: &mut Chance,
    draft: Id,
    size: usize,
) -> Result<Vec<u8>> {
    let mut photo = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut noise = vec![0; size];
    chance.fill(&mut noise);
    photo.extend(noise);
    let input = json!({
        "id": draft, "field": "photos", "media_type": "image/png",
        "base64": STANDARD.encode(&photo),
    });
    device.call(moment, None, "draft.attach", input)?;
    Ok(photo)
}
