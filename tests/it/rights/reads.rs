//! Every cell of "What sync delivers": a new device of each seat exchanges until nothing is new, and
//! has these documents and no others.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::Id;
use vigie_core::features::FEATURES;

use super::cast::{Cast, SEATS};
use super::table::chapter;

/// What the tables call each document that the server has.
fn labels(cast: &Cast) -> BTreeMap<Id, String> {
    let mut labels: BTreeMap<Id, String> = cast
        .named
        .iter()
        .map(|(name, id)| (*id, (*name).to_owned()))
        .collect();
    for kind in FEATURES.iter().flat_map(|feature| feature.kinds) {
        for id in cast.hub.documents_of(kind.name).expect("the store") {
            // Another of which nothing special is to be said is like the first of its kind.
            labels.entry(id).or_insert_with(|| kind.name.to_owned());
        }
    }
    labels
}

/// The documents on a new device of somebody after it has synced.
fn delivered(cast: &mut Cast, seat: &str) -> BTreeSet<Id> {
    let (id, mut device) = cast.enrolled(seat);
    let (now, person) = (cast.now, cast.people.get(seat).copied());
    cast.hub.sync(&mut device, id, person, now).expect("syncs");
    let all = vigie_core::store::document::all(device.db()).expect("documents");
    all.into_iter().map(|(id, _)| id).collect()
}

#[test]
fn sync_delivers_what_the_table_says_and_nothing_else() {
    let rows = chapter("What sync delivers").remove("").expect("a table");
    let mut cast = Cast::new();
    let labels = labels(&cast);
    let mut here: BTreeMap<&str, BTreeSet<Id>> = BTreeMap::new();
    for seat in SEATS.into_iter().chain(["inactive"]) {
        here.insert(seat, delivered(&mut cast, seat));
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for (id, label) in &labels {
        let Some(row) = rows.iter().find(|row| row.label.replace('`', "") == *label) else {
            wrong.push(format!("`{label}` has no row"));
            continue;
        };
        for (seat, here) in &here {
            let expected = row.cells[*seat] == "yes";
            assert!(expected || row.cells[*seat] == "–", "yes or –");
            count += 1;
            if here.contains(id) != expected {
                wrong.push(format!("{seat}: `{label}`: expected {expected}"));
            }
        }
    }
    let known: BTreeSet<&String> = labels.values().collect();
    for row in &rows {
        let label = row.label.replace('`', "");
        if !known.contains(&label) {
            wrong.push(format!("there is no `{label}`"));
        }
    }
    for (seat, here) in &here {
        let unknown: Vec<&Id> = here.iter().filter(|id| !labels.contains_key(id)).collect();
        assert!(
            unknown.is_empty(),
            "{seat} has {unknown:?}, which the server has not"
        );
    }
    println!("{count} cases");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 300, "{count} cases");
}

#[test]
fn asking_for_a_scope_by_name_brings_nothing_of_it() {
    use vigie_core::sync::frame::{encode, read_all};
    use vigie_core::sync::message::{Cursor, PROTOCOL, Request, Response};
    use vigie_core::sync::push::Pusher;
    let cast = Cast::new();
    let every = cast.hub.scopes().expect("the store");
    assert!(every.len() > 12, "scopes were found: {every:?}");
    for seat in [
        "guest",
        "author",
        "colleague",
        "manager",
        "relay",
        "lead",
        "admin",
        "inactive",
    ] {
        let persons = [cast.person(seat)];
        for epoch in [0, 1, u32::MAX] {
            let cursors = every
                .iter()
                .map(|scope| Cursor {
                    scope: scope.clone(),
                    epoch,
                    position: 0,
                })
                .collect();
            let hello = Request::Hello {
                protocol: PROTOCOL,
                clock_ms: cast.now,
                cursors: 0,
                epoch: 1,
            };
            let request = encode(&[hello, Request::Cursors(cursors)]).expect("frames");
            let pusher = Pusher {
                device: cast.id(),
                persons: &persons,
                system: false,
                now_ms: cast.now,
            };
            let mut answer = Vec::new();
            let told = cast.hub.exchange(&pusher, &request, None, &mut answer);
            told.expect("an answer");
            let frames: Vec<Response> = read_all(&answer, 64 << 20, 10_000).expect("frames");
            let granted = granted(&cast, seat);
            let mut left = BTreeSet::new();
            for frame in frames {
                match frame {
                    Response::Document { scope, .. } | Response::Gone { scope, .. } => {
                        assert!(granted.contains(&scope), "{seat} reads `{scope}`");
                    }
                    Response::Page { cursors, .. } => {
                        let read = cursors.iter().find(|one| !granted.contains(&one.scope));
                        assert_eq!(read, None, "{seat} follows no other scope");
                    }
                    Response::Left { scope } => left.extend([scope]),
                    Response::Welcome { .. }
                    | Response::ResendCursors
                    | Response::Received { .. }
                    | Response::Refused { .. }
                    | Response::Erased { .. } => {}
                }
            }
            let others: BTreeSet<String> = every.difference(&granted).cloned().collect();
            assert_eq!(
                left, others,
                "{seat} is told that the others are not theirs"
            );
        }
    }
}

/// The scopes of each seat, by hand.
fn granted(cast: &Cast, seat: &str) -> BTreeSet<String> {
    let [lyon, brest] = cast.sites;
    let triage = |site: Id| {
        let years = [2025, 2026].into_iter();
        years.flat_map(move |year| {
            ["reports", "actions", "progress"].map(|what| format!("{what}/{site}/{year}"))
        })
    };
    // Bare ids; whoever left may still hold what was refused to them.
    let mut scopes = BTreeSet::from(["erased".to_owned()]);
    if seat != "inactive" {
        scopes.extend(["directory", "content"].map(str::to_owned));
        scopes.insert(format!("person/{}", cast.person(seat)));
    }
    if ["guest", "author", "colleague", "manager", "relay"].contains(&seat) {
        scopes.insert(format!("content/{lyon}"));
    }
    if ["manager", "relay"].contains(&seat) {
        scopes.extend(triage(lyon));
    }
    if seat == "lead" {
        scopes.extend([lyon, brest].map(|site| format!("content/{site}")));
        scopes.extend(triage(lyon).chain(triage(brest)));
        scopes.extend(["studio", "restricted/2025", "restricted/2026"].map(str::to_owned));
    }
    scopes
}
