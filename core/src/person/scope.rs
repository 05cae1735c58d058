//! Scopes: the unit of access and of subscription. A document lies in one or more; a seat is
//! granted a set of them, computed at every exchange.

use std::collections::BTreeSet;

use crate::id::Id;
use crate::person::Seat;

/// The path of a scope, for example `reports/<site>/2026`. At most 100 bytes.
pub type Scope = String;

/// Sites, workshops, teams, people: everyone in the organisation.
pub const DIRECTORY: &str = "directory";
/// Forms, releases and assignments for every site.
pub const CONTENT: &str = "content";
/// What was erased, for everybody: ids, and nothing else.
pub const ERASED: &str = "erased";
/// Modules being written: leads.
pub const STUDIO: &str = "studio";

/// Content for one site.
#[must_use]
pub fn content(site: Id) -> Scope {
    format!("content/{site}")
}

/// What belongs to one person alone, and their own reports.
#[must_use]
pub fn person(person: Id) -> Scope {
    format!("person/{person}")
}

/// The reports of a site received in a year.
#[must_use]
pub fn reports(site: Id, year: i16) -> Scope {
    format!("reports/{site}/{year}")
}

/// Who made the confidential reports of a year: leads.
#[must_use]
pub fn restricted(year: i16) -> Scope {
    format!("restricted/{year}")
}

/// The actions of a site begun in a year.
#[must_use]
pub fn actions(site: Id, year: i16) -> Scope {
    format!("actions/{site}/{year}")
}

/// The learning progress of the people of a site in a year.
#[must_use]
pub fn progress(site: Id, year: i16) -> Scope {
    format!("progress/{site}/{year}")
}

/// Whether what lies in a scope comes day by day, rather than being what everybody works with: the
/// latter is told first.
#[must_use]
pub fn is_stream(scope: &str) -> bool {
    let streams = [
        "actions/",
        "person/",
        "progress/",
        "reports/",
        "restricted/",
    ];
    streams.iter().any(|stream| scope.starts_with(stream))
}

/// Every scope that a seat is granted. `sites` are all sites of the organisation, `year` is the
/// server's: a device holds this year and the one before.
#[must_use]
pub fn granted(seat: &Seat, sites: &[Id], year: i16) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::from([DIRECTORY, CONTENT, ERASED].map(str::to_owned));
    let years = [year.saturating_sub(1), year];
    if !seat.system {
        scopes.insert(person(seat.person));
    }
    for site in sites {
        if seat.leads() || seat.site == Some(*site) {
            scopes.insert(content(*site));
        }
        if seat.triages(*site) {
            for year in years {
                scopes.extend([
                    reports(*site, year),
                    actions(*site, year),
                    progress(*site, year),
                ]);
            }
        }
    }
    if seat.leads() {
        scopes.insert(STUDIO.to_owned());
        scopes.extend(years.map(restricted));
    }
    scopes
}
