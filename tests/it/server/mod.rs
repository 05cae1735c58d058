//! The server over real HTTP.

mod accounts;
mod blobs;
mod erase;
mod feed;
mod forged;
mod heard;
mod hostile;
mod known;
mod limits;
mod lost;
mod openapi;
mod orphans;
mod quarantine;
mod releases;
mod reports;
mod restore;
mod retention;
mod tls;
mod versions;
mod web;

use crate::support::{Folder, START, TestServer};
use vigie_core::Id;

/// A server with one site, a lead, an operator and a form.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) folder: Folder,
    pub(crate) place: Id,
    pub(crate) site: Id,
    pub(crate) lead: Id,
    pub(crate) operator: Id,
    pub(crate) form: Id,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let server = TestServer::start(folder.path(), START);
        Self::on(server, folder)
    }

    /// The same, on a server that has just begun.
    pub(crate) fn on(server: TestServer, folder: Folder) -> Self {
        let (site, place) = server.site("Lyon");
        let lead = server.person("claire", &["lead"], site);
        let operator = server.person("karim", &["operator"], site);
        let form = server.publish_form();
        Self {
            server,
            folder,
            place,
            site,
            lead,
            operator,
            form,
        }
    }
}
