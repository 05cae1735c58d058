//! What a device sent that was not taken, written out for a person to read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use vigie_core::error::Result;
use vigie_core::gate;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::sync::store::Store as _;

use crate::store::sqlite::Sqlite;
use crate::store::sqlite::exchange::Exchange;
use crate::store::sqlite::isolation::KeptPush;

/// Writes what a device sent and was not taken into a new folder; how many pushes there are.
///
/// `list.txt` names them in order. Each document is `<kind>-<id>.json`, as it would be with these
/// changes; what fits nowhere is raw bytes, `<push>.bin`.
///
/// # Errors
/// When the folder is there already or cannot be written.
pub fn hand_over(store: &Sqlite, device: Id, folder: &Path) -> Result<usize> {
    let kept = store.kept_of(device)?;
    fs::create_dir(folder)?;
    let mut list = String::new();
    let mut read: BTreeMap<Id, Vec<u8>> = BTreeMap::new();
    for push in &kept {
        let name = match with(store, read.get(&push.document), push)? {
            Some(admitted) => {
                // The kind is the device's word: it names no file unless it is one of ours.
                let kind =
                    vigie_core::feature::kind(&push.kind).map_or("unknown", |kind| kind.name);
                let name = format!("{kind}-{}.json", push.document);
                let text = serde_json::to_string_pretty(admitted.after.as_ref())?;
                fs::write(folder.join(&name), text)?;
                read.insert(push.document, admitted.body);
                name
            }
            None => {
                let name = format!("{}.bin", push.push);
                fs::write(folder.join(&name), &push.changes)?;
                name
            }
        };
        let moment = Moment::utc(push.at).day();
        list.push_str(&format!("{moment} {} {} {name}\n", push.person, push.code));
    }
    fs::write(folder.join("list.txt"), list)?;
    Ok(kept.len())
}

/// The document with the changes of a push, where the gate would let them in.
fn with(store: &Sqlite, read: Option<&Vec<u8>>, push: &KeptPush) -> Result<Option<gate::Admitted>> {
    let stored = Exchange::new(store).document(push.document)?;
    let before = read.map(Vec::as_slice);
    let before = before.or_else(|| stored.as_ref().map(|stored| stored.body.as_slice()));
    let changes = gate::split(&push.changes).into_iter().map(gate::inspect);
    let changes: std::result::Result<Vec<_>, _> = changes.collect();
    Ok(changes
        .and_then(|changes| gate::admit(before, changes))
        .ok())
}
