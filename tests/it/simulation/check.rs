//! What must be true in the end, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params};
use vigie_core::document::Document;
use vigie_core::features::FEATURES;
use vigie_core::person::scope;
use vigie_core::sync::receipt;
use vigie_core::{Id, Moment};

use super::trouble::FORGED;
use super::world::World;

/// A document as the server has it.
struct Kept {
    kind: String,
    body: Vec<u8>,
    heads: Vec<u8>,
    scopes: BTreeSet<String>,
}

/// Everything that the server has.
struct Server {
    documents: BTreeMap<Id, Kept>,
    /// Refused changes, end to end, by person; and why.
    refused: Vec<(Id, Vec<u8>, String)>,
    receipts: BTreeSet<Id>,
}

impl Server {
    /// Without what forgers tried, and what was written to documents whose author is forgotten.
    fn read(
        db: &Connection,
        forgers: &[(Id, Id)],
        disowned: &BTreeSet<Id>,
    ) -> rusqlite::Result<Self> {
        let mut documents = BTreeMap::new();
        let mut statement = db.prepare("SELECT id, kind, body, heads FROM document")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kept = Kept {
                kind: row.get(1)?,
                body: row.get(2)?,
                heads: row.get(3)?,
                scopes: BTreeSet::new(),
            };
            documents.insert(row.get(0)?, kept);
        }
        let mut statement = db.prepare("SELECT document, scope FROM placement WHERE gone = 0")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(kept) = documents.get_mut(&row.get::<_, Id>(0)?) {
                kept.scopes.insert(row.get(1)?);
            }
        }
        let mut refused = Vec::new();
        let mut statement = db.prepare(
            "SELECT device, person, changes, kind || ' ' || code || ' ' || detail, document
             FROM quarantine",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let device: Id = row.get(0)?;
            let forged = forgers.iter().any(|(forger, _)| *forger == device);
            if !forged && !disowned.contains(&row.get(4)?) {
                refused.push((row.get(1)?, row.get(2)?, row.get(3)?));
            }
        }
        let receipts = db
            .prepare("SELECT push FROM outcome WHERE receipt IS NOT NULL")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            documents,
            refused,
            receipts,
        })
    }
}

fn contains(bytes: &[u8], mark: &str) -> bool {
    let mark = mark.as_bytes();
    bytes.windows(mark.len()).any(|window| window == mark)
}

impl World {
    pub(super) fn check(&mut self) {
        let db = Connection::open(self.hub.path()).expect("the store");
        let whole: String = db
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a check");
        assert_eq!(whole, "ok", "the server's file");
        let server =
            Server::read(&db, &self.forgers, &self.gone.disowned).expect("what the server has");
        self.tally.insert("documents", server.documents.len());
        self.tally.insert("refused", server.refused.len());
        self.check_history(&db, &server);
        self.check_placements(&server);
        self.check_texts(&server);
        for (id, kept) in &server.documents {
            if contains(&kept.body, FORGED) {
                self.problem(format!("a forged change is in {} {id}", kept.kind));
            }
        }
        self.check_reports(&server);
        self.check_erased(&db);
        for phone in 0..self.phones.len() {
            self.check_quiet(phone);
            self.check_documents(phone, &server);
            self.check_receipts(phone, &server);
            self.check_search(phone);
            self.check_rebuild(phone);
        }
    }

    /// A document's body is just what its accepted changes say.
    fn check_history(&mut self, db: &Connection, server: &Server) {
        let mut hashes: BTreeMap<Id, BTreeSet<[u8; 32]>> = BTreeMap::new();
        let mut statement = db
            .prepare("SELECT document, hash FROM change")
            .expect("changes");
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let document = row.get(0).expect("an id");
            hashes
                .entry(document)
                .or_default()
                .insert(row.get(1).expect("a hash"));
        }
        for (id, kept) in &server.documents {
            let known = hashes.remove(id).unwrap_or_default();
            let mut heads = kept.heads.chunks_exact(32);
            let all_known = heads.all(|head| known.iter().any(|hash| hash.as_slice() == head));
            if kept.heads.is_empty() || !all_known {
                self.problem(format!(
                    "the heads of {} {id} are no kept changes",
                    kept.kind
                ));
            }
        }
        if !hashes.is_empty() {
            self.problem(format!("changes of no document: {:?}", hashes.keys()));
        }
    }

    /// A document lies in the scopes that its kind names for what it says, and in no other.
    fn check_placements(&mut self, server: &Server) {
        for (id, kept) in &server.documents {
            let stored = self.hub.document(*id).expect("the store");
            let stored = stored.expect("the document");
            let view = Document::load(&stored.body, [0; 8]).and_then(|document| document.view());
            let kind = vigie_core::feature::kind(&kept.kind).expect("a kind");
            let scopes = (kind.scopes)(&view.expect("a document"), &stored.origin);
            // What is nobody's is in nobody's own scope, which nobody follows.
            let nobodys = scope::person(Id::NOBODY);
            let of_somebody = |scopes: &BTreeSet<String>| {
                let somebodys = scopes.iter().filter(|scope| **scope != nobodys);
                somebodys.cloned().collect::<BTreeSet<String>>()
            };
            if of_somebody(&scopes.expect("scopes")) != of_somebody(&kept.scopes) {
                self.problem(format!("{} {id} lies in {:?}", kept.kind, kept.scopes));
            }
        }
    }

    /// Whether a phone of this person keeps the text among what was refused.
    fn refused_on_device(&self, person: usize, mark: &str) -> bool {
        let theirs = self.phones.iter().filter(|phone| phone.person == person);
        theirs.into_iter().any(|phone| {
            let db = phone.device.db();
            let mut statement = db.prepare("SELECT change FROM refused").expect("refused");
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0));
            rows.expect("rows")
                .any(|change| contains(&change.expect("a change"), mark))
        })
    }

    /// Every text that was said to be saved is on the server; in quarantine only when its author's
    /// rights had changed.
    fn check_texts(&mut self, server: &Server) {
        let mut all: Vec<u8> = Vec::new();
        for kept in server.documents.values() {
            all.extend(&kept.body);
        }
        let texts = std::mem::take(&mut self.texts);
        for text in &texts {
            let (mark, person) = (&text.mark, &text.person);
            let here = contains(&all, mark);
            let erased = |id| self.gone.erased.contains(id);
            if !text.documents.is_empty() && text.documents.iter().all(erased) {
                if here {
                    self.problem(format!("`{mark}` is here, and all that held it was erased"));
                }
                continue;
            }
            if here || text.documents.iter().any(erased) {
                continue;
            }
            let (id, changed) = (self.people[*person].id, self.people[*person].changed);
            // A server that was restored may not have it any more: its author's device shows it.
            let restored = self.tally.contains_key("restored");
            // Nobody is the author of what was theirs: they may not write there any more.
            let disowned = |id| self.gone.disowned.contains(id);
            if text.documents.iter().any(disowned) {
                continue;
            }
            let kept_apart = server
                .refused
                .iter()
                .any(|(author, changes, _)| *author == id && contains(changes, mark))
                || (restored && self.refused_on_device(*person, mark));
            if !(kept_apart && changed) {
                let how = if kept_apart { "was refused" } else { "is lost" };
                self.problem(format!("`{mark}` of person {person} {how}"));
            }
        }
        self.tally.insert("texts", texts.len());
        for (author, _, why) in &server.refused {
            let changed = self
                .people
                .iter()
                .any(|person| person.id == *author && person.changed);
            if !changed {
                self.problem(format!("a change of {author} was refused: {why}"));
            }
        }
    }

    /// Each sealed report is there once, whole, with one document that says who made it.
    fn check_reports(&mut self, server: &Server) {
        let reports: BTreeSet<Id> = server
            .documents
            .iter()
            .filter(|(_, kept)| kept.kind == "report")
            .map(|(id, _)| *id)
            .collect();
        let reporters = server
            .documents
            .values()
            .filter(|kept| kept.kind == "reporter")
            .count();
        let nobodys = reports.intersection(&self.gone.disowned).count();
        if reports.len() != reporters + nobodys {
            self.problem(format!(
                "{} reports, {nobodys} of them nobody's, but {reporters} reporters",
                reports.len()
            ));
        }
        let sealed = self.sealed.clone();
        for report in &reports {
            if !sealed.contains_key(report) {
                self.problem(format!("report {report}: nobody sealed it"));
            }
        }
        for (report, (_, person)) in &sealed {
            let erased = self.gone.erased.contains(report);
            if !erased && !reports.contains(report) && !self.people[*person].changed {
                self.problem(format!(
                    "report {report} of person {person} is not on the server"
                ));
            }
        }
        let photos = std::mem::take(&mut self.photos);
        for (photo, documents) in &photos {
            let arrived = self.hub.blobs.keys().any(|hash| {
                hash.iter()
                    .map(|byte| format!("{byte:02X}"))
                    .collect::<String>()
                    == *photo
            });
            let refused = self.people.iter().any(|person| person.changed);
            if documents.is_subset(&self.gone.erased) {
                if arrived {
                    self.problem(format!("photo {photo} of what was erased is here"));
                }
                continue;
            }
            // With a draft goes a photo that no other device than the draft's has.
            let gone = |id| self.gone.erased.contains(id) || self.gone.disowned.contains(id);
            if !arrived && !refused && !documents.iter().any(gone) {
                self.problem(format!("photo {photo} never arrived"));
            }
        }
    }

    /// Of what was erased nothing is left, on the server and on devices.
    fn check_erased(&mut self, db: &Connection) {
        let server = ["document", "change", "quarantine", "blob_ref", "actor"];
        let device = [
            "document",
            "outbox",
            "refused",
            "give_back",
            "blob_use",
            "receipt",
        ];
        let devices = self
            .phones
            .iter()
            .map(|phone| (phone.device.db(), &device[..]));
        let mut left = Vec::new();
        for (db, tables) in devices.chain([(db, &server[..])]) {
            for table in tables {
                let id = if *table == "document" {
                    "id"
                } else {
                    "document"
                };
                let mut statement = db
                    .prepare(&format!("SELECT DISTINCT {id} FROM {table}"))
                    .expect("a table");
                let ids = statement.query_map([], |row| row.get(0)).expect("rows");
                let ids: BTreeSet<Id> = ids.collect::<Result<_, _>>().expect("ids");
                left.extend(ids.intersection(&self.gone.erased).map(|id| (*table, *id)));
            }
        }
        for (table, id) in left {
            self.problem(format!("{id} was erased, and `{table}` names it"));
        }
    }

    /// Nothing waits.
    fn check_quiet(&mut self, phone: usize) {
        let waiting = self.phones[phone].device.waiting().expect("a count");
        if waiting != 0 || self.phones[phone].machine.is_busy() {
            self.problem(format!("{waiting} changes still wait on phone {phone}"));
        }
    }

    /// What lies on a device is what its scopes hold on the server, to the byte.
    fn check_documents(&mut self, phone: usize, server: &Server) {
        let person = &self.people[self.phones[phone].person];
        let sites: Vec<Id> = self.sites.iter().map(|site| site.id).collect();
        let year = Moment::utc(self.now).year();
        let mut seat = self.phones[phone].device.seat().expect("a seat");
        seat.site = Some(person.site);
        let granted = match person.active {
            true => scope::granted(&seat, &sites, year),
            false => BTreeSet::new(),
        };
        let mut wanted: BTreeMap<Id, &Kept> = server
            .documents
            .iter()
            .filter(|(_, kept)| !kept.scopes.is_disjoint(&granted))
            .map(|(id, kept)| (*id, kept))
            .collect();
        let db = self.phones[phone].device.db();
        let mut statement = db
            .prepare(
                "SELECT id, kind, body, heads, readable,
                    EXISTS(SELECT 1 FROM refused WHERE refused.document = document.id)
                 FROM document",
            )
            .expect("documents");
        let mut wrong = Vec::new();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let id: Id = row.get(0).expect("an id");
            let kind: String = row.get(1).expect("a kind");
            let refused: bool = row.get(5).expect("refused");
            let Some(kept) = wanted.remove(&id) else {
                if !refused || self.gone.erased.contains(&id) {
                    wrong.push(format!("{kind} {id} has no business here"));
                }
                continue;
            };
            let (body, heads): (Vec<u8>, Vec<u8>) =
                (row.get(2).expect("a body"), row.get(3).expect("heads"));
            if heads != kept.heads {
                wrong.push(format!("{kind} {id} has other heads than on the server"));
            } else if body != kept.body && heads_of(&body) != heads {
                wrong.push(format!("{kind} {id} does not hold what its heads say"));
            }
            if !row.get::<_, bool>(4).expect("readable") {
                wrong.push(format!("{kind} {id} is not readable"));
            }
        }
        drop(rows);
        drop(statement);
        wrong.extend(
            wanted
                .iter()
                .map(|(id, kept)| format!("{} {id} is missing", kept.kind)),
        );
        for problem in wrong {
            self.problem(format!("phone {phone}: {problem}"));
        }
    }

    /// Every receipt is the server's, and the server remembers it.
    fn check_receipts(&mut self, phone: usize, server: &Server) {
        let key = self.hub.public();
        let rows: Vec<(Vec<u8>, Vec<u8>)> = self.phones[phone]
            .device
            .db()
            .prepare("SELECT body, signature FROM receipt")
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .expect("receipts");
        for (body, signature) in rows {
            match receipt::verify(&key, &body, &signature) {
                Ok(receipt) if server.receipts.contains(&receipt.push) => {
                    let other = self.numbers.insert(receipt.position, receipt.push);
                    if other.is_some_and(|other| other != receipt.push) {
                        self.problem(format!("two receipts have the number {}", receipt.position));
                    }
                }
                // Who sent it is forgotten.
                Ok(receipt) if self.gone.disowned.contains(&receipt.document) => {}
                Ok(_) => self.problem(format!("phone {phone}: a receipt that nobody gave")),
                Err(error) => self.problem(format!("phone {phone}: {error}")),
            }
        }
    }

    /// A report that is here is found by a word of it.
    fn check_search(&mut self, phone: usize) {
        let mut missing = Vec::new();
        for (report, (said, _)) in &self.sealed {
            let Some(said) = said else { continue };
            let (here, found): (bool, bool) = self.phones[phone]
                .device
                .db()
                .query_row(
                    "SELECT EXISTS(SELECT 1 FROM report WHERE id = ?1),
                        EXISTS(SELECT 1 FROM report JOIN report_search
                            ON report_search.rowid = report.row
                            WHERE report.id = ?1 AND report_search MATCH ?2)",
                    params![report, said],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .expect("a search");
            if here && !found {
                missing.push(format!(
                    "phone {phone}: report {report} is not found by `{said}`"
                ));
            }
        }
        missing
            .into_iter()
            .for_each(|problem| self.problem(problem));
    }

    /// The read model is what the documents say.
    fn check_rebuild(&mut self, phone: usize) {
        let kept = read_model(self.phones[phone].device.db());
        self.phones[phone].device.rebuild().expect("rebuilds");
        let made = read_model(self.phones[phone].device.db());
        for (table, rows) in &kept {
            if let Some(again) = made.get(table).filter(|again| *again != rows) {
                let odd: Vec<_> = rows
                    .iter()
                    .filter(|row| !again.contains(row))
                    .take(2)
                    .collect();
                let new: Vec<_> = again
                    .iter()
                    .filter(|row| !rows.contains(row))
                    .take(2)
                    .collect();
                let text = format!("phone {phone}: `{table}` kept {odd:?}, rebuilt {new:?}");
                self.problem(text);
            }
        }
        self.check_search(phone);
    }
}

fn heads_of(body: &[u8]) -> Vec<u8> {
    let mut document = Document::load(body, [0; 8]).expect("a document");
    document.heads().concat()
}

/// The rows of the read model, sorted.
fn read_model(db: &Connection) -> BTreeMap<String, Vec<String>> {
    let tables = FEATURES
        .iter()
        .flat_map(|feature| feature.tables.iter().copied());
    let mut all = BTreeMap::new();
    for table in tables.chain(["person", "site", "place", "form_release"]) {
        if table == "report_search" {
            continue;
        }
        let mut statement = db
            .prepare(&format!("SELECT * FROM {table}"))
            .expect("a table");
        // The number of a row is the file's own business.
        let columns: Vec<usize> = statement
            .column_names()
            .enumerate()
            .filter(|(_, name)| *name != "row")
            .map(|(index, _)| index)
            .collect();
        let mut lines = Vec::new();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            let cells: Vec<Cell> = columns
                .iter()
                .map(|column| row.get(*column).expect("a cell"))
                .collect();
            lines.push(format!("{cells:?}"));
        }
        lines.sort();
        all.insert(table.to_owned(), lines);
    }
    all
}
