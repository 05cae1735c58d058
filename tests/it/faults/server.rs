//! What the server does, on a disk that fails.

use std::path::Path;

use serde_json::json;
use vigie_core::account::ShellKind;
use vigie_core::error::{Code, Result};
use vigie_core::feature::BlobRef;
use vigie_core::person::Role;
use vigie_core::store::blob;
use vigie_core::sync::desk::Clerk;
use vigie_core::sync::exchange::exchange;
use vigie_core::sync::push::Pusher;
use vigie_core::sync::receipt::Signer;
use vigie_core::sync::store::Store as _;
use vigie_core::{Entropy as _, Id};
use vigie_server::backup;
use vigie_server::blobs::Blobs;
use vigie_server::store::sqlite::Sqlite;
use vigie_server::store::sqlite::blob::Upload;
use vigie_server::store::sqlite::device::DeviceRow;
use vigie_server::store::sqlite::exchange::Exchange;
use vigie_server::store::sqlite::invitation::{Credential, Invitation};
use vigie_tests::faults::{self, Cause, Fault};
use vigie_tests::faulty::Faulty;

use super::device::{Prepared, Town, call};
use super::{Bench, Case, Run, integrity, shares, try_all};
use crate::support::{Folder, START, picture};
use vigie_core::sync::machine::Cursors;

#[test]
fn whatever_of_the_server_s_disk_fails_all_or_nothing_is_done_and_nothing_is_lost() {
    let (share, compound) = shares();
    let bench = Bench {
        open,
        read,
        cases: cases(),
    };
    try_all(&bench, "server", share, compound);
}

pub(super) fn open(path: &Path) -> Result<Sqlite> {
    Sqlite::open(path, "Essai", START)
}

pub(super) fn read(store: &mut Sqlite) -> Result<()> {
    store.counts()?;
    Ok(())
}

fn cases() -> Vec<Case<Sqlite>> {
    let mut town = Town::new();
    let mut one = town.device(Role::Operator);
    town.sync(&mut one);
    town.report(&mut one);
    town.sync(&mut one);
    let mut lead = town.device(Role::Lead);
    town.sync(&mut lead);
    let mut cases = vec![Case {
        name: "a new store",
        before: None,
        opens: true,
        run: Box::new(|_, _| Ok(())),
    }];
    cases.extend(exchanges(&mut town, &mut one, &mut lead));
    cases.extend(accounts(&mut town, &one));
    cases.extend(blobs(&mut town, &one));
    cases
}

/// The store's file as it is now.
pub(super) fn stored(town: &mut Town) -> Vec<u8> {
    let path = town.hub.path().with_extension("copy");
    drop(std::fs::remove_file(&path));
    let db = rusqlite::Connection::open(town.hub.path()).expect("the store");
    let to = path.to_str().expect("a path");
    db.execute("VACUUM INTO ?1", [to]).expect("a copy");
    // As the store opens it.
    drop(open(&path).expect("a store"));
    std::fs::read(&path).expect("a copy")
}

fn case(name: &'static str, before: &[u8], run: Run<Sqlite>) -> Case<Sqlite> {
    Case {
        name,
        before: Some(before.to_vec()),
        opens: false,
        run,
    }
}

/// A device asks; the answer is taken for sent when the exchange ends.
fn exchanged(name: &'static str, before: &[u8], one: &Prepared, all: bool) -> Case<Sqlite> {
    let request = one
        .device
        .request(START, Cursors::after(all))
        .expect("a request");
    let (device, person) = (one.id, one.person);
    case(
        name,
        before,
        Box::new(move |store, note| {
            let pusher = Pusher {
                device,
                persons: &[person],
                system: false,
                now_ms: START,
            };
            let signer = Signer::new(&[7; 32]);
            let mut store = Faulty::new(Exchange::new(store), None, None).telling(note);
            exchange(
                &mut store,
                &pusher,
                &Clerk::alone(&signer),
                &request,
                Vec::new(),
            )?;
            Ok(())
        }),
    )
}

fn exchanges(town: &mut Town, one: &mut Prepared, lead: &mut Prepared) -> Vec<Case<Sqlite>> {
    let report = town.report(one);
    town.draft(one);
    let before = stored(town);
    let mut found = vec![exchanged("take pushes", &before, one, false)];
    let fresh = town.device(Role::Operator);
    found.push(exchanged("a first page", &before, &fresh, true));
    town.sync(one);
    town.sync(lead);
    let after = stored(town);
    found.push(exchanged("the same pushes again", &after, one, true));
    call(
        lead,
        "report.assign",
        json!({ "id": report, "person": lead.person, "assigned": true }),
    );
    call(
        lead,
        "report.close",
        json!({ "id": report, "outcome": "done", "answer": "Nettoyé" }),
    );
    found.push(exchanged("take a lead's acts", &after, lead, false));
    // In the operator's name, what only leads may do.
    let mut forged = town.device(Role::Lead);
    forged.person = lead.person;
    town.sync(&mut forged);
    call(
        &mut forged,
        "report.close",
        json!({ "id": report, "outcome": "done", "answer": "Rien" }),
    );
    forged.person = one.person;
    found.push(exchanged("refuse", &stored(town), &forged, false));
    found
}

fn row(id: Id, person: Id) -> DeviceRow {
    DeviceRow {
        id,
        person,
        name: "Essai".to_owned(),
        kind: ShellKind::App,
        created_at: START,
        last_contact_at: Some(START),
        revoked_at: None,
        lost_at: None,
        told_at: None,
    }
}

/// A person's way in, and their device's tokens.
#[derive(Clone, Copy)]
struct Account {
    person: Id,
    device: Id,
    invitation: Id,
    code: [u8; 32],
    secret: [u8; 32],
    token: [u8; 32],
    next: [u8; 32],
}

impl Account {
    fn new(town: &mut Town, person: Id) -> Self {
        let mut hash = || {
            let mut hash = [0; 32];
            town.chance.fill(&mut hash);
            hash
        };
        Self {
            code: hash(),
            secret: hash(),
            token: hash(),
            next: hash(),
            device: town.chance.id(START),
            invitation: town.chance.id(START),
            person,
        }
    }

    fn invite(&self, store: &Sqlite) -> Result<()> {
        let invitation = Invitation {
            id: self.invitation,
            code: self.code,
            secret: self.secret,
            person: self.person,
            created_at: START,
            expires_at: START + 1,
        };
        store.invite(&invitation, "tests")
    }

    /// What may be done once is done: for whoever asks again, that is an answer too.
    fn redeem(&self, store: &Sqlite) -> Result<()> {
        let credential = Credential::Token(self.token);
        let done = store.redeem(&self.code, &credential, START, |person| {
            row(self.device, person)
        });
        match done {
            Err(error) if error.code() == Code::CodeUsed => Ok(()),
            done => done.map(drop),
        }
    }

    fn rotate(&self, store: &Sqlite) -> Result<()> {
        store.put_next_token(self.device, &self.next, START)
    }

    fn password(&self, store: &Sqlite) -> Result<()> {
        match store.password(self.person)? {
            Some(_) => Ok(()),
            None => store.put_password(self.person, "hash", self.device, START),
        }
    }
}

fn accounts(town: &mut Town, one: &Prepared) -> Vec<Case<Sqlite>> {
    let account = Account::new(town, one.person);
    let path = town.hub.path().with_extension("accounts");
    std::fs::write(&path, stored(town)).expect("a file");
    let after = |act: fn(&Account, &Sqlite) -> Result<()>| {
        act(&account, &open(&path).expect("a store")).expect("done");
        std::fs::read(&path).expect("a file")
    };
    let invited = after(Account::invite);
    let enrolled = after(Account::redeem);
    let rotated = after(Account::rotate);
    let acted = |name, before: &[u8], act: fn(&Account, &Sqlite) -> Result<()>| {
        case(name, before, Box::new(move |store, _| act(&account, store)))
    };
    vec![
        acted("enrol", &invited, Account::redeem),
        acted("rotate a token", &enrolled, Account::rotate),
        acted("first use of a token", &rotated, |account, store| {
            store.device_of_token(&account.next, START).map(drop)
        }),
        acted("revoke", &rotated, |account, store| {
            let done = store.revoke(account.device, "tests", "revoke", START);
            done.map(drop)
        }),
        acted("set a password", &rotated, Account::password),
        // Of the clock: twice is two.
        acted("another epoch", &rotated, |_, store| {
            match store.epoch()? {
                1 => store.next_epoch(START).map(drop),
                _ => Ok(()),
            }
        }),
    ]
}

fn begin(store: &Sqlite, upload: &Upload) -> Result<()> {
    store
        .begin_upload(upload, u64::MAX, START, || Ok(()))
        .map(drop)
}

fn blobs(town: &mut Town, one: &Prepared) -> Vec<Case<Sqlite>> {
    let device = one.id;
    let blob = BlobRef {
        hash: blob::hash(b"a photo"),
        media_type: "image/png".to_owned(),
        size: 7,
    };
    let upload = Upload {
        id: town.chance.id(START),
        device,
        blob: blob.clone(),
    };
    let before = stored(town);
    let path = town.hub.path().with_extension("blobs");
    std::fs::write(&path, &before).expect("a file");
    let store = open(&path).expect("a store");
    name_blob(&store, &blob);
    begin(&store, &upload).expect("begun");
    drop(store);
    let begun = std::fs::read(&path).expect("a file");
    let id = upload.id;
    vec![
        case(
            "begin an upload",
            &before,
            Box::new(move |store, _| begin(store, &upload)),
        ),
        case(
            "a blob has arrived",
            &begun,
            Box::new(move |store, _| store.put_blob(&blob, device, START).map(drop)),
        ),
        case(
            "forget old uploads",
            &begun,
            Box::new(move |store, _| {
                store.live_uploads(START + 1)?;
                store.end_upload(id)
            }),
        ),
    ]
}

/// A data folder with one photo in it.
fn data_folder(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("data");
    let blobs = Blobs::open(&data).expect("a folder");
    std::fs::write(data.join("server.key"), [7; 32]).expect("a key");
    let mut town = Town::new();
    let mut one = town.device(Role::Operator);
    town.sync(&mut one);
    town.report(&mut one);
    town.sync(&mut one);
    std::fs::write(data.join("vigie.db"), stored(&mut town)).expect("a store");
    let photo = picture(7, 20_000);
    let blob = BlobRef {
        hash: blob::hash(&photo),
        media_type: "image/png".to_owned(),
        size: u64::try_from(photo.len()).expect("small"),
    };
    blobs
        .put(&blob, &photo, town.chance.id(START))
        .expect("a photo");
    let store = open(&data.join("vigie.db")).expect("a store");
    name_blob(&store, &blob);
    assert!(store.put_blob(&blob, one.id, START).expect("noted"));
    data
}

/// Some document names a photo.
fn name_blob(store: &Sqlite, blob: &BlobRef) {
    let mut store = Exchange::new(store);
    let report = store.documents_of("report").expect("a list")[0];
    store.begin(1).expect("begins");
    let named = store.put_blob_refs(report, std::slice::from_ref(blob));
    named.and_then(|()| store.commit()).expect("named");
}

#[test]
fn whatever_fails_a_backup_is_whole_or_not_there_and_so_is_what_is_restored() {
    faults::install();
    let folder = Folder::in_memory();
    let data = data_folder(folder.path());
    let (to, again) = (folder.path().join("copy"), folder.path().join("again"));
    let kinds = [
        Fault::Once(Cause::Broken),
        Fault::Once(Cause::Full),
        Fault::Forever(Cause::Full),
        Fault::Torn,
        Fault::Unreadable,
    ];
    let (mut runs, mut failed) = (0, 0);
    for fault in kinds {
        for at in 1.. {
            faults::arm(at, fault);
            let copied = backup::backup(&data, &to, START);
            let struck = faults::struck();
            faults::heal().expect("the plain disk");
            if let Err(error) = copied {
                failed += 1;
                assert!(
                    matches!(error.code(), Code::Storage | Code::DiskFull),
                    "{fault:?} at {at}: {error}"
                );
                assert!(!to.exists(), "{fault:?} at {at}: no half backup");
                backup::backup(&data, &to, START).expect("with the plain disk");
            }
            faults::arm(at, fault);
            let restored = backup::restore(&to, &again, &[], START);
            let struck_again = faults::struck();
            faults::heal().expect("the plain disk");
            if restored.is_err() {
                failed += 1;
                assert!(
                    !again.join("vigie.db").exists(),
                    "{fault:?} at {at}: no half restore"
                );
                assert_eq!(
                    backup::whole(&again).is_ok(),
                    !again.join("vigie.db.part").exists(),
                    "and the server says so"
                );
                std::fs::remove_dir_all(&again).expect("emptied");
                backup::restore(&to, &again, &[], START).expect("with the plain disk");
            }
            let found = integrity(&again.join("vigie.db"));
            assert_eq!(found, "ok", "{fault:?} at {at}: the restored store");
            let store = open(&again.join("vigie.db")).expect("a store");
            assert!(store.epoch().expect("an epoch") > 1, "of another epoch");
            assert_eq!(store.blobs().expect("a list").len(), 1, "with its photo");
            drop(store);
            for path in [&to, &again] {
                std::fs::remove_dir_all(path).expect("removed");
            }
            runs += 1;
            if !struck && !struck_again {
                break;
            }
        }
    }
    println!("backup and restore: {runs} runs, {failed} failed and were whole");
    assert!(failed > 20, "faults were met: {failed}");
    assert_eq!(integrity(&data.join("vigie.db")), "ok", "the store itself");
}
