//! A seat: a person as they act on a device, with the rights of their roles.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::id::Id;

/// What a person may do. A person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reports, learns, follows their own reports.
    Operator,
    /// Triages and animates one site.
    Manager,
    /// Relays QSE messages on one site; triages like a manager.
    Relay,
    /// Leads QSE for the organisation: every site, restricted names, the studio.
    Lead,
    /// Keeps people and sites.
    Admin,
    /// Sees published content only.
    Guest,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The person.
    pub person: Id,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Their site; leads and admins act on all.
    pub site: Option<Id>,
    /// The server's own device: may do what the command line does.
    #[serde(default)]
    pub system: bool,
}

impl Seat {
    /// The server's own seat.
    #[must_use]
    pub const fn system() -> Self {
        Self {
            person: Id::from_bytes([0; 16]),
            roles: BTreeSet::new(),
            site: None,
            system: true,
        }
    }

    /// Whether the person holds one of these roles.
    #[must_use]
    pub fn has(&self, roles: &[Role]) -> bool {
        self.system || roles.iter().any(|role| self.roles.contains(role))
    }

    /// Leads QSE for all sites.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.has(&[Role::Lead])
    }

    /// May triage reports and follow actions of this site.
    #[must_use]
    pub fn triages(&self, site: Id) -> bool {
        self.leads() || (self.has(&[Role::Manager, Role::Relay]) && self.site == Some(site))
    }

    /// May take part: everyone but a guest.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        self.system || self.roles.iter().any(|role| *role != Role::Guest)
    }

    /// The seat that a `person` document grants, or `None` when it is not active or not readable.
    #[must_use]
    pub fn of(view: &Value) -> Option<Self> {
        #[derive(Deserialize)]
        struct Person {
            id: Id,
            roles: BTreeSet<Role>,
            site: Option<Id>,
            active: bool,
        }
        let person = Person::deserialize(view).ok()?;
        person.active.then_some(Self {
            person: person.id,
            roles: person.roles,
            site: person.site,
            system: false,
        })
    }
}
