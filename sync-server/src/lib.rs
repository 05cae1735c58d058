//! Vigie's server.
//!
//! It knows accounts, changes of documents, blobs and the audit; it knows no feature: whether an
//! author may make a change and who sees a document is asked of `vigie_core`.
//!
//! - [`app`]: what every request may need; [`routes`], [`server`]: the doors and
//!   the listener; [`limit`], [`body`]:
//!   how much and how often.
//! - [`sync`], [`upload`], [`download`], [`events`], [`enrol`]: what the app speaks; [`news`], [`heard`]:
//!   who has news, and who needs no answer from the store.
//! - [`door`], [`session`], [`web`], [`assets`]: browsers, each a device whose disk is here.
//! - [`store`], [`blobs`]: what is kept.
//! - [`system`], [`demo`], [`content`], [`backup`]: what the command line ([`command`]) does.
//! - [`erase`], [`retention`], [`ledger`]: what is kept no longer, and what outlives a restore.

pub mod account;
pub mod app;
pub mod assets;
pub mod backup;
pub mod blobs;
pub mod body;
pub mod clock;
pub mod command;
pub mod config;
pub mod content;
pub mod demo;
pub mod door;
pub mod download;
pub mod enrol;
pub mod entropy;
pub mod erase;
pub mod events;
pub mod files;
pub mod handover;
pub mod health;
pub mod heard;
pub mod http;
pub mod inside;
pub mod ledger;
pub mod limit;
pub mod linger;
pub mod memory;
pub mod news;
pub mod openapi;
pub mod password;
pub mod retention;
pub mod routes;
pub mod server;
pub mod session;
pub mod store;
pub mod sync;
pub mod system;
pub mod tls;
pub mod token;
pub mod upload;
pub mod web;

pub use app::App;
pub use config::Config;
