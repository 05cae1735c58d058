//! The shell without its window, against a server that fails when told to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_app_lib::account;
use vigie_app_lib::door;
use vigie_app_lib::entropy;
use vigie_app_lib::keys::Keystore;
use vigie_app_lib::shell::{Setup, Shell};
use vigie_app_lib::{reach, sync};
use vigie_core::Id;
use vigie_core::account::AccountEnrol;
use vigie_core::error::{Code, Error, Result};
use vigie_core::store::blob;

use crate::relay::Relay;
use crate::server::{Listening, PERSON, Server};

struct Nowhere;

impl Keystore for Nowhere {
    fn get(&self, _name: &str) -> Result<Option<Vec<u8>>> {
        Err(Error::new(Code::Storage, "no secret service"))
    }

    fn set(&self, _name: &str, _secret: &[u8]) -> Result<()> {
        Err(Error::new(Code::Storage, "no secret service"))
    }
}

/// A shell in a folder of its own, and its clock.
pub(crate) struct Phone {
    pub(crate) shell: Arc<Shell>,
    folder: PathBuf,
    clock: Arc<AtomicI64>,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let name = entropy::bytes::<8>()
            .iter()
            .fold(String::new(), |t, b| format!("{t}{b:02x}"));
        let folder = std::env::temp_dir().join(format!("vigie-network-{name}"));
        let clock = Arc::new(AtomicI64::new(1_795_000_000_000));
        let told = Arc::clone(&clock);
        let shell = Arc::new(Shell::open(Setup {
            folder: folder.clone(),
            clock: Arc::new(move || told.load(Ordering::SeqCst)),
            keystore: Arc::new(Nowhere),
            emit: Box::new(|_changed| {}),
        }));
        Self {
            shell,
            folder,
            clock,
        }
    }

    /// Enrols and runs the loops.
    pub(crate) async fn enrolled(listening: &Listening) -> Self {
        let phone = Self::new();
        phone.enrol(listening.address).await.expect("enrolled");
        tokio::spawn(sync::run(Arc::clone(&phone.shell)));
        tokio::spawn(reach::watch(Arc::clone(&phone.shell)));
        phone
    }

    pub(crate) async fn enrol(&self, address: SocketAddr) -> Result<()> {
        let input = AccountEnrol {
            server: format!("http://{address}"),
            code: "K7QF2M9XPD".to_owned(),
            device_name: "Phone".to_owned(),
        };
        account::enrol(&self.shell, input).await.map(drop)
    }

    pub(crate) async fn call(&self, name: &str, input: Value) -> Result<Value> {
        let id = entropy::bytes::<10>();
        let id = Id::from_parts(1, id).to_string();
        door::open(&self.shell, &id, name, input, Some(60))
            .await
            .map(|answer| answer.output)
    }

    /// Something to send: a site.
    pub(crate) async fn write(&self) {
        let site =
            json!({ "id": null, "name": "Lille", "city": "Lille", "teams": [], "places": [] });
        self.call("directory.save_site", site)
            .await
            .expect("a lead adds a site");
    }

    /// The content of a blob, once it has come.
    async fn has_blob(&self, hash: [u8; 32]) -> Vec<u8> {
        let begun = Instant::now();
        loop {
            let kept = self
                .shell
                .device(move |device| blob::content(device.db(), &hash))
                .await;
            if let Some((_, kept)) = kept.expect("readable") {
                return kept;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A document of the server's that names a blob.
    pub(crate) async fn names_blob(&self, content: Option<Vec<u8>>, hash: [u8; 32], size: usize) {
        let size = i64::try_from(size).expect("small");
        self.shell
            .device(move |device| {
                let db = device.db();
                let document = [8_u8; 16];
                db.execute(
                    "INSERT INTO document(id, kind, body, heads, mine, received_at)
                     VALUES(?1, 'note', x'', x'', 1, 1)",
                    [document],
                )?;
                // In a scope of the device: what lies in none is swept.
                db.execute(
                    "INSERT INTO placement(document, scope) VALUES(?1, 'directory')",
                    [document],
                )?;
                if let Some(content) = content {
                    blob::keep(db, "image/jpeg", &content, 1)?;
                } else {
                    db.execute(
                        "INSERT INTO blob(hash, media_type, size, content, sent_at, wanted, created_at)
                         VALUES(?1, 'image/jpeg', ?2, NULL, 0, 1, 0)",
                        (hash, size),
                    )?;
                }
                db.execute("INSERT INTO blob_use(document, hash) VALUES(?1, ?2)", (document, hash))?;
                Ok(())
            })
            .await
            .expect("written");
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub(crate) async fn soon(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{what} did not happen"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_received_at_once() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    soon("the first exchange", || {
        !server.facts().exchanges.is_empty()
    })
    .await;
    phone.write().await;
    soon("the receipt", || server.facts().received == 1).await;
    phone
        .call("sync.now", json!({}))
        .await
        .expect("nothing is in the way");
    let health = phone.call("sync.health", json!({})).await.expect("health");
    assert_eq!(health.get("state"), Some(&json!("current")), "{health}");
    assert_eq!(
        server.facts().tokens.first().map(String::as_str),
        Some("Bearer first")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn within_two_seconds_of_the_server_s_return_what_was_written_is_received() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let address = listening.address;
    let phone = Phone::enrolled(&listening).await;
    soon("the first exchange", || {
        !server.facts().exchanges.is_empty()
    })
    .await;
    drop(listening);
    phone.write().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let health = phone.call("sync.health", json!({})).await.expect("health");
    assert_eq!(health.get("state"), Some(&json!("offline")), "{health}");
    assert_eq!(server.facts().received, 0, "it could not be received");
    let _listening = server.listen(address);
    let back = Instant::now();
    soon("the receipt", || server.facts().received == 1).await;
    assert!(
        back.elapsed() < Duration::from_secs(2),
        "after {:?}",
        back.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_died_in_silence_is_given_up_when_the_network_is_back() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let mut relay = Relay::start(listening.address).await;
    let phone = Phone::new();
    phone.enrol(relay.address()).await.expect("enrolled");
    tokio::spawn(sync::run(Arc::clone(&phone.shell)));
    tokio::spawn(reach::watch(Arc::clone(&phone.shell)));
    soon("the first exchange", || {
        !server.facts().exchanges.is_empty()
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // A tunnel: nothing comes through any more, and nobody says so.
    relay.fall_silent();
    phone.write().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(server.facts().received, 0, "nothing comes through");
    relay.come_back().await;
    let back = Instant::now();
    soon("the receipt", || server.facts().received == 1).await;
    assert!(
        back.elapsed() < Duration::from_secs(2),
        "after {:?}",
        back.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_goes_on_where_it_was_cut() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let content: Vec<u8> = (0..1_500_000_u32).map(|i| (i % 251) as u8).collect();
    let hash = blob::hash(&content);
    let phone = Phone::enrolled(&listening).await;
    server.facts().cuts = 2;
    phone
        .names_blob(Some(content.clone()), hash, content.len())
        .await;
    phone.call("sync.now", json!({})).await.expect("sent");
    assert_eq!(
        server.facts().uploads.get(&blob::hex(&hash)),
        Some(&content),
        "whole and right"
    );
    let offsets = server.facts().offsets.clone();
    assert!(
        offsets.contains(&(256 * 1024)),
        "half a piece was kept: {offsets:?}"
    );
    let place = phone
        .shell
        .device(move |device| blob::place(device.db(), &hash))
        .await;
    assert_eq!(
        place.expect("readable"),
        blob::Place::Sent,
        "the device knows it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_comes_on_where_it_was_cut() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let content: Vec<u8> = (0..400_000_u32).map(|i| (i % 253) as u8).collect();
    let hash = blob::hash(&content);
    server
        .facts()
        .blobs
        .insert(blob::hex(&hash), content.clone());
    server.facts().cuts = 1;
    let phone = Phone::enrolled(&listening).await;
    phone.names_blob(None, hash, content.len()).await;
    drop(phone.call("sync.now", json!({})).await);
    let kept = phone.has_blob(hash).await;
    assert_eq!(kept, content, "whole and right");
    let ranges = server.facts().ranges.clone();
    assert_eq!(
        ranges,
        [None, Some("bytes=200000-".to_owned())],
        "the second half alone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_has_not_arrived_at_the_server_comes_once_it_has() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let content = vec![7; 1000];
    let hash = blob::hash(&content);
    let phone = Phone::enrolled(&listening).await;
    phone.names_blob(None, hash, content.len()).await;
    drop(phone.call("sync.now", json!({})).await);
    soon("the photo is asked for", || {
        !server.facts().ranges.is_empty()
    })
    .await;
    server
        .facts()
        .blobs
        .insert(blob::hex(&hash), content.clone());
    // An exchange for another reason, as news of the photo's arrival would be.
    phone.write().await;
    assert_eq!(phone.has_blob(hash).await, content);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_changed_every_day() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    phone
        .call("sync.now", json!({}))
        .await
        .expect("the first token");
    phone.clock.fetch_add(86_400_001, Ordering::SeqCst);
    phone
        .call("sync.now", json!({}))
        .await
        .expect("the second token");
    let tokens = server.facts().tokens.clone();
    assert_eq!(
        tokens.last().map(String::as_str),
        Some("Bearer second"),
        "{tokens:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_emptied() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    phone.write().await;
    phone.call("sync.now", json!({})).await.expect("received");
    server.facts().revoked = true;
    let failed = phone
        .call("sync.now", json!({}))
        .await
        .expect_err("no longer");
    assert_eq!(failed.code(), Code::Revoked);
    let state = phone
        .call("account.state", json!({}))
        .await
        .expect("the state");
    assert_eq!(
        state.get("signed_in"),
        Some(&json!(false)),
        "nothing is left: {state}"
    );
    let left = phone
        .shell
        .device(|device| Ok(device.enrolment()?.is_some()))
        .await;
    assert!(!left.expect("readable"), "not even who it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_loses_also_what_it_could_not_send() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    phone.write().await;
    phone.call("sync.now", json!({})).await.expect("received");
    server.facts().lost = true;
    phone.write().await;
    soon("the wipe", || phone.shell.session().is_none()).await;
    let state = phone
        .call("account.state", json!({}))
        .await
        .expect("the state");
    assert_eq!(state.get("signed_in"), Some(&json!(false)), "{state}");
    let left = phone
        .shell
        .device(|device| Ok((device.enrolment()?.is_some(), device.unsent()?)))
        .await;
    assert_eq!(
        left.expect("readable"),
        (false, 0),
        "nothing is left at all"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_that_cannot_be_emptied_yet_hears_it_again() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    phone.write().await;
    phone.call("sync.now", json!({})).await.expect("received");
    // What cannot be removed as a file is.
    let stuck = phone.folder.join("kept-stuck.db");
    std::fs::create_dir(&stuck).expect("a folder");
    server.facts().lost = true;
    let failed = phone.call("sync.now", json!({})).await;
    assert_eq!(failed.map_err(|error| error.code()), Err(Code::Lost));
    let again = Shell::open(Setup {
        folder: phone.folder.clone(),
        clock: Arc::new(|| 0),
        keystore: Arc::new(Nowhere),
        emit: Box::new(|_changed| {}),
    });
    assert!(
        again.session().is_some() && phone.shell.session().is_some(),
        "here, and after the machine stopped: it is still known whom to ask"
    );
    drop(again);
    std::fs::remove_dir(&stuck).expect("it can be removed now");
    soon("the wipe", || phone.shell.session().is_none()).await;
    let state = phone
        .call("account.state", json!({}))
        .await
        .expect("the state");
    assert_eq!(state.get("ended"), Some(&json!("lost")), "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_keeps_what_it_could_not_send() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    phone.write().await;
    phone.call("sync.now", json!({})).await.expect("received");
    server.facts().revoked = true;
    phone.write().await;
    soon("the revocation", || {
        phone.shell.session().is_some_and(|session| session.revoked)
    })
    .await;
    let health = phone
        .call("sync.health", json!({}))
        .await
        .expect("still readable");
    assert_eq!(health.get("error"), Some(&json!("revoked")), "{health}");
    assert_eq!(
        health.get("texts"),
        Some(&json!(1)),
        "the site that was never sent: {health}"
    );
    assert_eq!(
        health.get("documents"),
        Some(&json!(1)),
        "and nothing else: {health}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_keeps_what_was_not_sent_for_its_author() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::new();
    phone.enrol(listening.address).await.expect("enrolled");
    phone.write().await;
    phone
        .call("account.sign_out", json!({}))
        .await
        .expect("signed out");
    let refused = phone
        .call("sync.health", json!({}))
        .await
        .expect_err("nobody is signed in");
    assert_eq!(refused.code(), Code::SignedOut);
    phone
        .enrol(listening.address)
        .await
        .expect("the same person again");
    let health = phone.call("sync.health", json!({})).await.expect("health");
    assert_eq!(
        health.get("texts"),
        Some(&json!(1)),
        "it is still there: {health}"
    );
    let state = phone
        .call("account.state", json!({}))
        .await
        .expect("the state");
    assert_eq!(state.get("person"), Some(&json!(Id::from_bytes(PERSON))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_that_was_not_told_is_told_before_anything_is_sent() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let address = listening.address;
    let phone = Phone::new();
    phone.enrol(address).await.expect("enrolled");
    phone.write().await;
    drop(listening);
    phone
        .call("account.sign_out", json!({}))
        .await
        .expect("signed out, without network");
    let _listening = server.listen(address);
    server.facts().failures = 1;
    phone.enrol(address).await.expect("the same person again");
    tokio::spawn(sync::run(Arc::clone(&phone.shell)));
    soon("what waited is sent", || server.facts().received == 1).await;
    let asked = server.facts().asked.clone();
    let revoked: Vec<usize> = (0..asked.len())
        .filter(|place| {
            asked
                .get(*place)
                .is_some_and(|one| one == "revoke Bearer first")
        })
        .collect();
    assert_eq!(
        revoked,
        [0, 1],
        "the server failed, was told, and only then was sent anything: {asked:?}"
    );
    phone.call("sync.now", json!({})).await.expect("again");
    let asked = server.facts().asked.clone();
    let told = asked.iter().filter(|one| one.starts_with("revoke")).count();
    assert_eq!(told, 2, "once told is enough: {asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_an_account_is_told_to_the_screens_and_a_question_is_not() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    for (name, told) in [
        ("account.devices", false),
        ("account.held", false),
        ("account.revoke", true),
        ("account.lose", true),
        ("account.invite", true),
        ("account.password", true),
    ] {
        let id = Id::from_parts(1, entropy::bytes::<10>()).to_string();
        let answer = door::open(&phone.shell, &id, name, json!({}), Some(60))
            .await
            .expect("an answer");
        assert_eq!(answer.changed.contains("account"), told, "{name}");
    }
}
