//! A sign-out while something is under way, and what comes of it for whoever is here next.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;
use vigie_app_lib::sync;
use vigie_core::store::blob;

use crate::server::Server;
use crate::story::{Phone, anywhere, soon};

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_an_answer_does_not_go_into_the_file_of_the_next_person() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let gate = Arc::new(Notify::new());
    server.facts().answer_after = Some(Arc::clone(&gate));
    let phone = Phone::enrolled(&listening).await;
    soon("the first exchange", || {
        !server.facts().exchanges.is_empty()
    })
    .await;
    phone
        .call("account.sign_out", json!({}))
        .await
        .expect("signed out");
    server.facts().person = Some([8; 16]);
    phone.enrol(listening.address).await.expect("somebody else");
    gate.notify_one();
    soon("the next person's exchange", || {
        server.facts().exchanges.len() > 1
    })
    .await;
    phone
        .call("sync.now", json!({}))
        .await
        .expect("what was ended stops nothing");
    let cursors = phone.shell.device(|device| {
        let count = "SELECT count(*) FROM cursor";
        Ok(device
            .db()
            .query_row(count, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(
        cursors.await.expect("readable"),
        0,
        "the next person begins at the beginning"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_session_that_is_revoked_erases_nothing_of_the_new_one() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::enrolled(&listening).await;
    phone.call("sync.now", json!({})).await.expect("in contact");
    let gate = Arc::new(Notify::new());
    server.facts().revoke_after = Some(Arc::clone(&gate));
    let content = vec![5; 4096];
    phone
        .names_blob(Some(content.clone()), blob::hash(&content), content.len())
        .await;
    phone.write().await;
    soon("the upload", || !server.facts().offsets.is_empty()).await;
    phone
        .call("account.sign_out", json!({}))
        .await
        .expect("signed out");
    phone
        .enrol(listening.address)
        .await
        .expect("the same person");
    let before = server.facts().exchanges.len();
    gate.notify_one();
    soon("an exchange of the new session", || {
        server.facts().exchanges.len() > before
    })
    .await;
    assert!(
        phone.shell.live_session().is_ok(),
        "it was the old session that was revoked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_no_longer_there_does_not_stop_sync_with_another() {
    let (old, new) = (Server::new(), Server::new());
    let listening = old.listen(anywhere());
    let phone = Phone::new();
    phone.enrol(listening.address).await.expect("enrolled");
    phone.write().await;
    let new_listening = new.listen(anywhere());
    drop(listening);
    phone
        .call("account.sign_out", json!({}))
        .await
        .expect("signed out, without network");
    phone
        .enrol(new_listening.address)
        .await
        .expect("at the new address");
    tokio::spawn(sync::run(Arc::clone(&phone.shell)));
    soon("what waited is sent", || new.facts().received == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_that_the_server_will_not_hear_does_not_stop_sync() {
    let server = Server::new();
    let listening = server.listen(anywhere());
    let phone = Phone::new();
    phone.enrol(listening.address).await.expect("enrolled");
    phone.write().await;
    {
        let mut facts = server.facts();
        (facts.failures, facts.failure) = (usize::MAX, Some("device-quarantined"));
    }
    phone
        .call("account.sign_out", json!({}))
        .await
        .expect("signed out, though it is not heard");
    phone.enrol(listening.address).await.expect("a new device");
    tokio::spawn(sync::run(Arc::clone(&phone.shell)));
    soon("what waited is sent", || server.facts().received == 1).await;
}
