//! A server's folder with reports that came through the gate, and devices enrolled there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use vigie_core::context::Context;
use vigie_core::form::FormProgram;
use vigie_core::sync::message::Push;
use vigie_core::{Device, Id};
use vigie_server::app::Shared;
use vigie_server::entropy::OsEntropy;
use vigie_server::{App, Config, clock};
use vigie_tests::bulk::{self, Sealed};
use vigie_tests::chance::Chance;

use crate::corpus::{FORM, Line, read};
use crate::crew::{Crew, Enrolled, enrol, moment, now};

/// Of so many people of the crowd, one is in charge of the site.
const PER_MANAGER: usize = 40;

/// What to fill a folder with.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// The new folder.
    #[arg(long)]
    folder: PathBuf,
    /// Reports of the corpus, one a line.
    #[arg(long)]
    reports: Option<PathBuf>,
    /// How many of them.
    #[arg(long, default_value_t = 0)]
    count: usize,
    /// Reports that wait on the writer's device; an editor's device then has everything.
    #[arg(long)]
    new: Option<PathBuf>,
    /// How many of them.
    #[arg(long, default_value_t = 0)]
    waiting: usize,
    /// Leads with a fresh device each.
    #[arg(long, default_value_t = 1)]
    readers: usize,
    /// Sites besides those of the corpus.
    #[arg(long, default_value_t = 0)]
    sites: usize,
    /// People of these sites, with a device each.
    #[arg(long, default_value_t = 0)]
    crowd: usize,
}

/// A server that is being filled.
struct Filling {
    app: Shared,
    chance: Chance,
    program: FormProgram,
    logins: usize,
}

impl Seed {
    /// Fills it.
    ///
    /// # Errors
    /// When something is refused.
    pub(crate) fn run(&self) -> Result<Value> {
        let lines = self.lines(self.reports.as_deref(), self.count)?;
        let new = self.lines(self.new.as_deref(), self.waiting)?;
        let mut filling = Filling::open(&self.folder.join("data"))?;
        filling.directory(lines.iter().chain(&new))?;
        let mut crew = Crew::default();
        self.crowd(&mut filling, &mut crew)?;
        let begun = Instant::now();
        let changes = filling.reports(&lines)?;
        let took = begun.elapsed().as_secs_f64();
        filling.app.system.sync(&filling.app)?;
        for _ in 0..self.readers {
            let lead = filling.person(None, &["lead"], None)?;
            crew.readers.push(enrol(&filling.app, lead)?);
        }
        if !new.is_empty() {
            crew.editor = Some(filling.editor(&self.folder.join("editor.db"))?);
            crew.writer = Some(filling.writer(&self.folder.join("writer.db"), &new)?);
        }
        crew.form = Some(filling.program.form.parse()?);
        let text = serde_json::to_vec_pretty(&crew)?;
        std::fs::write(self.folder.join("crew.json"), text)?;
        Ok(json!({ "docs": lines.len(), "changes": changes, "wall_s": took }))
    }

    fn lines(&self, path: Option<&Path>, count: usize) -> Result<Vec<Line>> {
        path.map_or_else(|| Ok(Vec::new()), |path| read(path, count))
    }

    fn crowd(&self, filling: &mut Filling, crew: &mut Crew) -> Result<()> {
        let sites: Vec<Id> = (0..self.sites)
            .map(|number| {
                let id = filling.chance.id(now());
                filling.site(id, &format!("Usine {number}"))?;
                Ok(id)
            })
            .collect::<Result<_>>()?;
        for (number, site) in (0..self.crowd).zip(sites.iter().cycle()) {
            let manages = number.checked_rem(PER_MANAGER) == Some(0);
            let role = if manages { "manager" } else { "operator" };
            let person = filling.person(None, &[role], Some(*site))?;
            crew.crowd.push(enrol(&filling.app, person)?);
        }
        Ok(())
    }
}

impl Filling {
    fn open(data: &Path) -> Result<Self> {
        std::fs::create_dir_all(data)?;
        let config = Config {
            data: data.to_owned(),
            listen: "127.0.0.1:0".parse()?,
            public_url: "http://127.0.0.1".to_owned(),
            org: "Mesure".to_owned(),
            ..Config::default()
        };
        let app = App::open(config, clock::system())?;
        let input = json!({ "slug": "measured", "source": FORM });
        let form = app.system.call(&app, "form.publish", input)?;
        let input = json!({ "form": form.get("form"), "release": null });
        let program = serde_json::from_value(app.system.call(&app, "form.open", input)?)?;
        Ok(Self {
            app,
            chance: Chance::new(3),
            program,
            logins: 0,
        })
    }

    fn call(&self, name: &str, input: Value) -> Result<Value> {
        Ok(self.app.system.call(&self.app, name, input)?)
    }

    fn site(&self, id: Id, name: &str) -> Result<()> {
        let input = json!({ "id": id, "name": name, "city": "Brest", "teams": [], "places": [] });
        self.call("directory.save_site", input)?;
        Ok(())
    }

    fn person(&mut self, id: Option<Id>, roles: &[&str], site: Option<Id>) -> Result<Id> {
        self.logins = self.logins.saturating_add(1);
        let id = id.unwrap_or_else(|| self.chance.id(now()));
        let login = format!("p{}", self.logins);
        let input = json!({
            "id": id, "name": format!("Personne {}", self.logins), "login": login, "roles": roles,
            "site": site, "team": null, "trade": null, "language": "fr", "active": true,
        });
        self.call("directory.save_person", input)?;
        Ok(id)
    }

    /// The sites and people that reports name.
    fn directory<'a>(&mut self, lines: impl Iterator<Item = &'a Line>) -> Result<()> {
        let named: BTreeSet<(Id, Id)> = lines.map(|line| (line.site, line.reporter)).collect();
        let sites: BTreeSet<Id> = named.iter().map(|(site, _)| *site).collect();
        for (number, site) in sites.into_iter().enumerate() {
            self.site(site, &format!("Site {number}"))?;
        }
        for (site, person) in named {
            self.person(Some(person), &["operator"], Some(site))?;
        }
        Ok(())
    }

    /// Pushes reports through the gate, a thousand after the other as they were made over the months,
    /// each in the name of who made it; how many changes.
    fn reports(&mut self, lines: &[Line]) -> Result<usize> {
        let mut ordered: Vec<&Line> = lines.iter().collect();
        ordered.sort_by_key(|line| line.id);
        let mut changes = 0_usize;
        for some in ordered.chunks(1000) {
            changes = changes.saturating_add(self.report(some)?);
        }
        Ok(changes)
    }

    fn report(&mut self, lines: &[&Line]) -> Result<usize> {
        let mut people: BTreeMap<Id, Vec<&Line>> = BTreeMap::new();
        for line in lines {
            people.entry(line.reporter).or_default().push(line);
        }
        let mut changes = 0_usize;
        for (person, lines) in people {
            let device = self.chance.id(now());
            for some in lines.chunks(bulk::BATCH) {
                let mut pushes: Vec<Push> = Vec::new();
                for line in some {
                    let sealed = line.sealed(&mut self.chance, &self.program)?;
                    pushes.extend(sealed.pushes(&mut self.chance, &self.program)?);
                }
                changes = changes.saturating_add(pushes.len());
                bulk::send(&self.app, device, person, pushes)?;
            }
        }
        Ok(changes)
    }

    /// A lead's device that has everything.
    fn editor(&mut self, file: &Path) -> Result<Enrolled> {
        let lead = self.person(None, &["lead"], None)?;
        let editor = enrol(&self.app, lead)?;
        editor.settle(&self.app, &mut editor.open(file)?)?;
        Ok(editor)
    }

    /// A device on which reports were made that nobody has received.
    fn writer(&mut self, file: &Path, lines: &[Line]) -> Result<Enrolled> {
        let site = lines.first().context("no new reports")?.site;
        let person = self.person(None, &["operator"], Some(site))?;
        let writer = enrol(&self.app, person)?;
        let mut device = writer.open(file)?;
        writer.settle(&self.app, &mut device)?;
        // Prepared, not measured: no need to wait for the disk.
        device.db().execute_batch("PRAGMA synchronous = OFF")?;
        for line in lines {
            let mut sealed = line.sealed(&mut self.chance, &self.program)?;
            (sealed.person, sealed.site) = (person, site);
            keep(&device, &self.program, &sealed)?;
        }
        let waiting = device.waiting()?;
        ensure!(
            waiting == u64::try_from(lines.len().saturating_mul(2))?,
            "{waiting} wait"
        );
        Ok(writer)
    }
}

/// Writes a report and who made it on a device, as sealing does with a draft.
///
/// # Errors
/// When the kinds' rules say no.
pub(crate) fn keep(device: &Device, program: &FormProgram, sealed: &Sealed) -> Result<()> {
    let [body, whose] = sealed.bodies(program)?;
    let tx = device.db().unchecked_transaction()?;
    let mut entropy = OsEntropy;
    let mut context = Context::new(&tx, device.seat()?, moment(), &mut entropy);
    context.create("report", sealed.report, &body)?;
    context.create_beside(sealed.report, "reporter", sealed.reporter, &whose)?;
    tx.commit()?;
    Ok(())
}
