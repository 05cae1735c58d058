//! samod: automerge-repo in Rust, over TCP, with its storage in files.
//!
//! - `samod seed <folder> <corpus> <ids>`: the ids of what it makes go to a file
//! - `samod serve <folder> <port>`
//! - `samod pull <folder> <port> <ids>`: ready when every document is here
//! - `samod again <folder> <port> <ids>`: ready when every document is known to be in step
//! - `samod push <folder> <port> <corpus>`: ready when the server has every document
//! - `samod change <folder> <port> <ids> <how many>`: sets the status of the first ones

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use automerge::transaction::Transactable;
use automerge::{AutoCommit, Automerge, ObjId, ObjType, ROOT, ReadDoc};
use futures::{StreamExt, stream};
use peers::{peak, processor};
use samod::storage::TokioFilesystemStorage;
use samod::tokio_io::TcpDialer;
use samod::{BackoffConfig, ConnectionId, DocHandle, Repo, ShareConfig, Transport};
use serde_json::Value;

/// Documents asked for at once.
const AT_ONCE: usize = 64;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| {
        arguments
            .get(index)
            .context("one more argument")
            .map(String::as_str)
    };
    let storage = TokioFilesystemStorage::new(argument(1)?);
    let repo = Repo::build_tokio().with_storage(storage);
    match argument(0)? {
        "seed" => seed(&repo.load().await, argument(2)?, argument(3)?).await,
        "serve" => {
            let policy = ShareConfig::read_write().with_announce(false);
            serve(
                &repo.with_share_policy(policy).load().await,
                argument(2)?.parse()?,
            )
            .await
        }
        mode => {
            device(
                repo.load().await,
                mode,
                &argument(2)?.parse()?,
                &arguments[3..],
            )
            .await
        }
    }
}

async fn seed(repo: &Repo, corpus: &str, ids: &str) -> Result<()> {
    let mut made = Vec::new();
    for document in documents(corpus)? {
        made.push(repo.create(document).await?.document_id().to_string());
    }
    std::fs::write(ids, made.join("\n"))?;
    repo.stop().await;
    Ok(())
}

async fn serve(repo: &Repo, port: u16) -> Result<()> {
    let acceptor = repo.make_acceptor(url::Url::parse("tcp://127.0.0.1")?)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        drop(acceptor.accept(Transport::from_tokio_io(stream)));
    }
}

async fn device(repo: Repo, mode: &str, port: &u16, rest: &[String]) -> Result<()> {
    let argument = |index: usize| rest.get(index).context("one more argument");
    let dialer = TcpDialer::new_host_port("127.0.0.1".to_owned(), *port);
    let dial = repo.dial(BackoffConfig::default(), Arc::new(dialer))?;
    dial.established().await?;
    let server = dial.connection_id().context("no connection")?;
    let (begun, worked) = (Instant::now(), processor()?);
    let docs = match mode {
        "pull" => pull(&repo, &list(argument(0)?)?, None).await?,
        "again" => pull(&repo, &list(argument(0)?)?, Some(server)).await?,
        "push" => push(&repo, documents(argument(0)?)?, server).await?,
        "change" => {
            let many = argument(1)?.parse()?;
            change(&repo, &list(argument(0)?)?[..many], server).await?
        }
        other => bail!("no mode `{other}`"),
    };
    let (wall, worked) = (begun.elapsed(), processor()? - worked);
    repo.stop().await;
    println!(
        r#"{{"docs":{docs},"wall_s":{},"client_cpu_s":{},"client_peak_mb":{}}}"#,
        wall.as_secs_f64(),
        worked.as_secs_f64(),
        peak()?
    );
    Ok(())
}

fn list(ids: &str) -> Result<Vec<String>> {
    Ok(std::fs::read_to_string(ids)?
        .lines()
        .map(str::to_owned)
        .collect())
}

async fn find(repo: &Repo, id: &str) -> Result<DocHandle> {
    let found = repo.find(id.parse()?).await?;
    found.with_context(|| format!("no document `{id}`"))
}

async fn pull(repo: &Repo, ids: &[String], in_step: Option<ConnectionId>) -> Result<usize> {
    let mut docs = 0;
    let mut all = stream::iter(ids)
        .map(|id| async move {
            let handle = find(repo, id).await?;
            if let Some(server) = in_step {
                handle.we_have_their_changes(server).await;
            }
            let has_id = handle.with_document(|document| document.get(ROOT, "id").is_ok());
            anyhow::ensure!(has_id, "an empty document");
            Ok(())
        })
        .buffer_unordered(AT_ONCE);
    while let Some(done) = all.next().await {
        done?;
        docs += 1;
    }
    Ok(docs)
}

async fn push(repo: &Repo, documents: Vec<Automerge>, server: ConnectionId) -> Result<usize> {
    let mut docs = 0;
    let mut all = stream::iter(documents)
        .map(|document| async move {
            let handle = repo.create(document).await?;
            handle.they_have_our_changes(server).await;
            anyhow::Ok(())
        })
        .buffer_unordered(AT_ONCE);
    while let Some(done) = all.next().await {
        done?;
        docs += 1;
    }
    Ok(docs)
}

async fn change(repo: &Repo, ids: &[String], server: ConnectionId) -> Result<usize> {
    for id in ids {
        let handle = find(repo, id).await?;
        handle.with_document(|document| {
            document
                .transact(|change| change.put(ROOT, "status", "read"))
                .map_err(|failure| failure.error)
        })?;
        handle.they_have_our_changes(server).await;
    }
    Ok(ids.len())
}

/// Each line of the corpus as a document, its texts as single values: the form that loads fastest.
fn documents(corpus: &str) -> Result<Vec<Automerge>> {
    std::fs::read_to_string(corpus)?
        .lines()
        .map(|line| {
            let mut document = AutoCommit::new();
            let report: serde_json::Map<String, Value> = serde_json::from_str(line)?;
            for (key, value) in &report {
                put(&mut document, key, value)?;
            }
            Ok(Automerge::load(&document.save())?)
        })
        .collect()
}

/// A field of a report: a value, or a list of texts.
fn put(document: &mut AutoCommit, key: &str, value: &Value) -> Result<()> {
    match value {
        Value::String(text) => document.put(ROOT, key, text.as_str())?,
        Value::Number(number) => match number.as_i64() {
            Some(whole) => document.put(ROOT, key, whole)?,
            None => document.put(ROOT, key, number.as_f64().context("a number")?)?,
        },
        Value::Array(texts) => {
            let list: ObjId = document.put_object(ROOT, key, ObjType::List)?;
            for (index, text) in texts.iter().enumerate() {
                document.insert(&list, index, text.as_str().context("a text")?)?;
            }
        }
        other => bail!("a report has no {other}"),
    }
    Ok(())
}
