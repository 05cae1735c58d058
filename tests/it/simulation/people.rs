//! What people do.

use serde_json::{Value, json};
use vigie_core::person::Role;
use vigie_core::sync::machine::Event;
use vigie_core::{Code, Id, Moment};
use vigie_tests::words::story;

use super::world::{Happening, SECOND, Typed, World};

const FORM: &str = include_str!("../../../content/forms/near-miss.toml");
const CAPSULE: &str = include_str!("../../../content/capsules/signaler-presquaccident/fr.md");

impl World {
    pub(super) fn publish_form(&mut self) {
        self.releases += 1;
        let text = format!("Où, version {}", self.releases);
        let source = FORM.replace("C’était où", &text);
        let output = self.office(
            "form.publish",
            json!({ "slug": "near-miss", "source": source }),
        );
        self.form = named(&output["form"]);
        assert_eq!(
            output["release"], self.releases,
            "each change is another release"
        );
    }

    pub(super) fn publish_capsule(&mut self) {
        let edition = self.chance.below(1000);
        let source = CAPSULE.replacen("title = \"", &format!("title = \"{edition} "), 1);
        let media: Value = media("signaler-presquaccident");
        let output = self.office(
            "studio.import",
            json!({ "slug": "signaler-presquaccident", "source": { "fr": source }, "media": media }),
        );
        let id = named(&output["id"]);
        if !self.modules.contains(&id) {
            self.modules.push(id);
        }
    }

    /// What the command line does now and then.
    pub(super) fn office_work(&mut self) {
        match self.chance.below(6) {
            0 => self.publish_form(),
            1 => self.publish_capsule(),
            2 | 3 => {
                // Somebody moves to another site.
                let number = self.chance.below(self.people.len());
                let site = self.chance.below(self.sites.len());
                self.tell(|| format!("person {number} moves"));
                self.count("moved");
                self.people[number].site = self.sites[site].id;
                self.people[number].changed = true;
                self.save_person(number);
            }
            4 => {
                let number = self.chance.below(self.people.len());
                if self.people[number].role == Role::Operator {
                    self.tell(|| format!("person {number} leaves"));
                    self.count("left");
                    self.people[number].active = false;
                    self.people[number].changed = true;
                    self.save_person(number);
                }
            }
            _ => {
                let site = self.chance.below(self.sites.len());
                let places: Vec<Value> = self.sites[site]
                    .places
                    .iter()
                    .map(|id| json!({ "id": id, "name": format!("Hall {id}"), "area": "Nord" }))
                    .collect();
                let (id, name) = (self.sites[site].id, self.sites[site].name.clone());
                self.office(
                    "directory.save_site",
                    json!({ "id": id, "name": name, "city": "Brest", "teams": ["A"], "places": places }),
                );
            }
        }
    }

    /// Somebody asks that a document be erased, and the command line does it.
    pub(super) fn erase(&mut self) {
        if self.server_down_until > self.now {
            return;
        }
        let kinds = ["report", "report", "reporter", "draft", "action", "module"];
        let kind = *self.chance.pick(&kinds).expect("a kind");
        let mut ids = self.hub.documents_of(kind).expect("the store");
        ids.retain(|id| !self.modules.contains(id));
        let Some(id) = self.chance.pick(&ids).copied() else {
            return;
        };
        self.erase_document(id);
    }

    /// It goes from the server with what is part of it; now and then the server is killed first.
    pub(super) fn erase_document(&mut self, id: Id) {
        let killed = !self.calm && self.chance.one_in(8);
        let (plan, scopes) = self
            .hub
            .erase(id, self.now, killed)
            .expect("what is here may be erased");
        if killed {
            self.server_crash();
        }
        self.count("erased");
        self.tell(|| format!("{id} is erased: {plan:?}"));
        // Nobody could give back what has no author any more.
        if !plan.disowned.is_empty() && self.hub.has_backup() {
            self.hub.back_up().expect("a copy");
        }
        self.gone.erased.extend(plan.erased);
        self.gone.disowned.extend(plan.disowned);
        self.news(&scopes, usize::MAX);
    }

    fn call(&mut self, phone: usize, name: &'static str, input: Value) -> Option<Value> {
        let now = self.now + self.phones[phone].clock_off;
        let moment = Moment {
            ms: now,
            offset_minutes: 60,
        };
        let id = self.chance.id(now);
        let device = &mut self.phones[phone].device;
        let reply = match device.call(moment, Some(id), name, input.clone()) {
            Ok(reply) => reply,
            Err(error) if error.code() == Code::NotHereYet => return None,
            Err(error) if self.is_full(phone, &error) => return None,
            Err(error) => {
                self.problem(format!("`{name}` on phone {phone}: {error}; {input}"));
                return None;
            }
        };
        self.tell(|| format!("phone {phone}: {name} {input}"));
        self.count("calls");
        if !reply.changed.is_empty() && self.chance.one_in(8) {
            // The screen was not told and asks again.
            let again = self.phones[phone]
                .device
                .call(moment, Some(id), name, input);
            let full = again
                .as_ref()
                .is_err_and(|error| self.is_full(phone, error));
            if !full && again.as_ref().map(|again| &again.output) != Ok(&reply.output) {
                self.problem(format!("`{name}` again: {again:?}, not {:?}", reply.output));
            }
        }
        Some(reply.output)
    }

    fn text(&mut self) -> String {
        let mark = self.chance.bits();
        format!("{} mot{mark:016x}", story(&mut self.chance))
    }

    fn typed(&mut self, phone: usize, document: Id, text: &str) {
        self.texts.push(Typed {
            mark: text.rsplit(' ').next().unwrap_or_default().to_owned(),
            person: self.phones[phone].person,
            documents: vec![document],
        });
    }

    /// Somebody does something on a device.
    pub(super) fn act(&mut self, phone: usize) {
        if self.chance.one_in(7) {
            let back = self.now + self.chance.between(5 * SECOND, 400 * SECOND);
            self.phones[phone].offline_until = back;
            self.plan(back, Happening::Online { phone });
        }
        let known = self.phones[phone].device.db();
        let forms: i64 = known
            .query_row("SELECT count(*) FROM form_release", [], |row| row.get(0))
            .expect("a count");
        let places: i64 = known
            .query_row("SELECT count(*) FROM place", [], |row| row.get(0))
            .expect("a count");
        if forms == 0 || places == 0 {
            return;
        }
        let role = self.people[self.phones[phone].person].role;
        match (role, self.chance.below(10)) {
            (Role::Guest, _) => {}
            (_, 0 | 1) => self.learn(phone),
            (Role::Operator, 2) => self.comment_own(phone),
            (Role::Operator, _) => self.report(phone),
            (Role::Lead, 2) => self.write_capsule(phone),
            (_, 3) => self.decide_action(phone),
            (_, 4) => self.report(phone),
            _ => self.triage(phone),
        }
        self.handle(phone, Event::Written);
    }

    fn ids(&self, phone: usize, sql: &str) -> Vec<Id> {
        let db = self.phones[phone].device.db();
        let mut statement = db.prepare_cached(sql).expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("ids")
    }

    fn one(&mut self, phone: usize, sql: &str) -> Option<Id> {
        let ids = self.ids(phone, sql);
        self.chance.pick(&ids).copied()
    }

    /// Goes on with a draft or begins one, and seals it in the end.
    fn report(&mut self, phone: usize) {
        let open = self.one(phone, "SELECT id FROM draft ORDER BY id");
        let draft = match open.filter(|_| !self.chance.one_in(3)) {
            Some(open) => open,
            None => {
                let id = self.chance.id(self.now);
                let practice = self.chance.one_in(10);
                let release: u32 = self.phones[phone]
                    .device
                    .db()
                    .query_row("SELECT max(release) FROM form_release", [], |row| {
                        row.get(0)
                    })
                    .expect("a release");
                let form = self.form;
                let input =
                    json!({ "id": id, "form": form, "release": release, "practice": practice });
                if self.call(phone, "draft.start", input).is_none() {
                    return;
                }
                id
            }
        };
        let place = self.one(phone, "SELECT id FROM place ORDER BY id");
        let answers = [
            (
                "what",
                json!(self.chance.pick(&["fall", "machine", "vehicle"])),
            ),
            ("place", json!(place)),
            (
                "severity",
                json!(
                    self.chance
                        .pick(&["low", "moderate", "serious", "critical"])
                ),
            ),
            ("urgency", json!(self.chance.pick(&["now", "later"]))),
            (
                "openness",
                json!(self.chance.pick(&["open", "open", "confidential"])),
            ),
        ];
        let words = self.text();
        let mut whole = !self.chance.one_in(4);
        for (field, value) in answers {
            if whole || self.chance.one_in(2) {
                let input = json!({ "id": draft, "field": field, "value": value });
                // With a full disk it is not there to be sealed.
                whole &= self.call(phone, "draft.save", input).is_some();
            }
        }
        let mut said = None;
        if self.chance.one_in(2) {
            let input = json!({ "id": draft, "field": "words", "value": words });
            if self.call(phone, "draft.save", input).is_some() {
                self.typed(phone, draft, &words);
                said = words.rsplit(' ').next().map(str::to_owned);
            }
        }
        if self.chance.one_in(6) {
            self.photo(phone, draft);
        }
        if self.chance.one_in(25) {
            self.call(phone, "draft.discard", json!({ "id": draft }));
        } else if whole && self.chance.one_in(2) {
            self.seal(phone, draft, said);
        }
    }

    fn photo(&mut self, phone: usize, draft: Id) {
        use base64::Engine as _;
        let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
        bytes.extend(self.chance.bits().to_le_bytes());
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        let input = json!({
            "id": draft, "field": "photos", "media_type": "image/png", "base64": base64,
        });
        self.call(phone, "draft.attach", input);
    }

    fn seal(&mut self, phone: usize, draft: Id, said: Option<String>) {
        let report = self.chance.id(self.now);
        let input = json!({ "draft": draft, "report": report });
        let Some(output) = self.call(phone, "report.seal", input) else {
            return;
        };
        if output["practice"] == true {
            return;
        }
        self.count("sealed");
        let sealed = named(&output["report"]);
        for text in &mut self.texts {
            if text.documents.contains(&draft) {
                text.documents.push(sealed);
            }
        }
        self.sealed
            .insert(sealed, (said, self.phones[phone].person));
        let photos = self.phones[phone]
            .device
            .db()
            .prepare("SELECT hex(hash) FROM blob_use WHERE document = ?1")
            .and_then(|mut statement| {
                statement
                    .query_map([sealed], |row| row.get(0))?
                    .collect::<Result<Vec<String>, _>>()
            })
            .expect("photos");
        for photo in photos {
            let names = self.photos.entry(photo).or_default();
            names.extend([draft, sealed]);
        }
    }

    fn comment_own(&mut self, phone: usize) {
        let me = self.people[self.phones[phone].person].id;
        let sql = format!(
            "SELECT report.id FROM report JOIN reporter ON reporter.report = report.id
             WHERE hex(reporter.person) = '{}' ORDER BY report.id",
            hex(me)
        );
        if let Some(report) = self.one(phone, &sql) {
            let text = self.text();
            let input = json!({ "id": report, "text": text });
            if self.call(phone, "report.comment", input).is_some() {
                self.typed(phone, report, &text);
            }
        }
    }

    /// A report that the device's person may triage, as far as the device knows.
    fn mine_to_triage(&mut self, phone: usize) -> Option<Id> {
        let seat = self.phones[phone].device.seat().expect("a seat");
        let sites: Vec<String> = self
            .sites
            .iter()
            .filter(|site| seat.triages(site.id))
            .map(|site| format!("'{}'", hex(site.id)))
            .collect();
        let sql = format!(
            "SELECT id FROM report WHERE hex(site) IN ({}) ORDER BY id",
            sites.join(",")
        );
        self.one(phone, &sql)
    }

    fn triage(&mut self, phone: usize) {
        let Some(report) = self.mine_to_triage(phone) else {
            return;
        };
        let text = self.text();
        let (name, input, says) = match self.chance.below(8) {
            0 => ("report.read", json!({ "id": report }), false),
            1 => ("report.take", json!({ "id": report }), false),
            2 => {
                let severity = self
                    .chance
                    .pick(&["low", "moderate", "serious", "critical"]);
                let input = json!({ "id": report, "severity": severity, "reason": text });
                ("report.severity", input, true)
            }
            3 => {
                let person = self.one(phone, "SELECT id FROM person ORDER BY id");
                let assigned = !self.chance.one_in(3);
                let input = json!({ "id": report, "person": person, "assigned": assigned });
                ("report.assign", input, false)
            }
            4 => {
                let outcome = self.chance.pick(&["done", "not_retained"]);
                let input = json!({ "id": report, "outcome": outcome, "answer": text });
                ("report.close", input, true)
            }
            5 => (
                "report.reopen",
                json!({ "id": report, "reason": text }),
                true,
            ),
            _ => (
                "report.comment",
                json!({ "id": report, "text": text }),
                true,
            ),
        };
        if self.call(phone, name, input).is_some() && says {
            self.typed(phone, report, &text);
        }
    }

    fn decide_action(&mut self, phone: usize) {
        if self.chance.one_in(2)
            && let Some(action) = self.own_action(phone)
        {
            let text = self.text();
            let input = json!({ "id": action, "evidence": text });
            if self.call(phone, "action.done", input).is_some() {
                self.typed(phone, action, &text);
            }
            return;
        }
        let seat = self.phones[phone].device.seat().expect("a seat");
        let sites: Vec<Id> = self
            .sites
            .iter()
            .map(|site| site.id)
            .filter(|site| seat.triages(*site))
            .collect();
        let Some(site) = self.chance.pick(&sites).copied() else {
            return;
        };
        let owner = self.one(phone, "SELECT id FROM person WHERE active ORDER BY id");
        let text = self.text();
        let report = self.mine_to_triage(phone);
        let input = json!({
            "title": "Remplacer la lisse", "details": text, "report": report, "site": site,
            "owner": owner, "due_on": "2027-01-15",
        });
        let Some(output) = self.call(phone, "action.create", input) else {
            return;
        };
        self.typed(phone, named(&output["id"]), &text);
        if let Some(report) = report {
            let input = json!({ "id": report, "action": output["id"] });
            self.call(phone, "report.link", input);
        }
    }

    fn own_action(&mut self, phone: usize) -> Option<Id> {
        let me = self.people[self.phones[phone].person].id;
        self.one(
            phone,
            &format!(
                "SELECT id FROM action WHERE hex(owner) = '{}' ORDER BY id",
                hex(me)
            ),
        )
    }

    fn learn(&mut self, phone: usize) {
        let Some(module) = self.one(phone, "SELECT DISTINCT module FROM release ORDER BY module")
        else {
            return;
        };
        let attempt = self.chance.id(self.now);
        let input = json!({ "module": module, "attempt": attempt });
        let Some(opened) = self.call(phone, "learn.open", input) else {
            return;
        };
        let attempt = opened["attempt"]["id"]
            .as_str()
            .expect("an attempt")
            .to_owned();
        let person = self.phones[phone].person;
        self.texts.push(Typed {
            mark: attempt.clone(),
            person,
            documents: Vec::new(),
        });
        let step = self.chance.below(8);
        let input = json!({
            "attempt": attempt, "module": module, "release": opened["attempt"]["release"],
            "step": step, "answers": {},
        });
        // On two devices at once, an attempt that ends on one refuses a step saved on the other.
        let alone = self
            .phones
            .iter()
            .filter(|other| other.person == person)
            .count()
            == 1;
        let ends = self.chance.one_in(3) && alone;
        let name = if ends { "learn.finish" } else { "learn.save" };
        self.call(phone, name, input);
    }

    /// A lead adds a line to a capsule that is being written; two may do so at once.
    fn write_capsule(&mut self, phone: usize) {
        let mut modules = self.ids(phone, "SELECT id FROM module ORDER BY id");
        modules.retain(|module| !self.modules.contains(module));
        let text = self.text();
        let known = self.chance.pick(&modules).copied();
        let Some(module) = known.filter(|_| !self.chance.one_in(4)) else {
            let id = self.chance.id(self.now);
            let input = json!({ "id": id, "language": "fr", "source": text });
            if self.call(phone, "studio.create", input).is_some() {
                self.typed(phone, id, &text);
            }
            return;
        };
        let Some(view) = self.call(phone, "studio.open", json!({ "id": module })) else {
            return;
        };
        let source = format!(
            "{}\n{text}",
            view["source"]["fr"].as_str().unwrap_or_default()
        );
        let input = json!({ "id": module, "language": "fr", "source": source });
        if self.call(phone, "studio.save", input).is_some() {
            self.typed(phone, module, &text);
        }
    }
}

/// An id that a command answered.
fn named(id: &Value) -> Id {
    id.as_str().expect("a text").parse().expect("an id")
}

fn hex(id: Id) -> String {
    id.as_bytes()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

fn media(slug: &str) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../content/capsules")
        .join(slug)
        .join("media");
    let mut media = serde_json::Map::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        media.insert(
            name,
            json!(std::fs::read_to_string(entry.path()).expect("a picture")),
        );
    }
    Value::Object(media)
}
