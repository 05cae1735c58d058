//! The device's file: put aside, taken back, removed, and encrypted where the build can.

use std::path::PathBuf;

use vigie_core::error::{Code, Error};
use vigie_core::store::setting;

use super::*;
use crate::entropy;

/// No keystore at all.
struct Nowhere;

impl Keystore for Nowhere {
    fn get(&self, _name: &str) -> Result<Option<Vec<u8>>> {
        Err(Error::new(Code::Storage, "no secret service"))
    }

    fn set(&self, _name: &str, _secret: &[u8]) -> Result<()> {
        Err(Error::new(Code::Storage, "no secret service"))
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = entropy::bytes::<8>()
            .iter()
            .fold(String::new(), |t, b| format!("{t}{b:02x}"));
        Self(std::env::temp_dir().join(format!("vigie-files-{name}")))
    }

    fn files(&self) -> Files {
        let keystore: Arc<dyn Keystore> = Arc::new(Nowhere);
        Files::open(&self.0, &keystore, 0).expect("a folder")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("the folder goes");
    }
}

fn person(number: u8) -> Id {
    Id::from_bytes([number; 16])
}

#[test]
fn what_a_person_left_is_there_again_when_they_come_back() {
    let folder = Folder::new();
    let files = folder.files();
    let device = files.device().expect("a device");
    setting::set(device.db(), "mark", &"of the first").expect("written");
    drop(device);
    files.put_aside(person(1)).expect("put aside");
    let device = files.device().expect("a device of their own");
    let mark: Option<String> = setting::get(device.db(), "mark").expect("readable");
    assert_eq!(mark, None, "the next person sees nothing of it");
    drop(device);
    files.remove().expect("removed");
    assert!(
        !files.take_back(person(2)).expect("looked for"),
        "nothing of a third person"
    );
    assert!(
        files.take_back(person(1)).expect("taken back"),
        "the first person's file"
    );
    let device = files.device().expect("the same device");
    let mark: Option<String> = setting::get(device.db(), "mark").expect("readable");
    assert_eq!(mark.as_deref(), Some("of the first"), "nothing was lost");
}

#[test]
fn the_file_itself_goes_last() {
    let folder = Folder::new();
    let files = folder.files();
    drop(files.device().expect("a device"));
    files.put_aside(person(1)).expect("put aside");
    drop(files.device().expect("another"));
    let stuck = folder.0.join("kept-stuck.db");
    fs::create_dir(&stuck).expect("what cannot be removed as a file is");
    assert!(files.remove_all().is_err(), "one is left");
    assert!(files.main().exists(), "who was here is still known");
    assert!(
        !files.take_back(person(1)).expect("looked for"),
        "the others are gone"
    );
    fs::remove_dir(&stuck).expect("it goes");
    files.remove_all().expect("nothing is in the way");
    assert!(!files.main().exists(), "now everything is gone");
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let device = folder.files().device().expect("a device");
    setting::set(device.db(), "mark", &1).expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700, "the folder");
    for entry in fs::read_dir(&folder.0).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[cfg(feature = "encrypted")]
#[test]
fn an_encrypted_file_holds_no_plain_text_and_opens_with_its_key_only() {
    let folder = Folder::new();
    let files = folder.files();
    let device = files.device().expect("a device");
    assert!(
        Files::is_encrypted(&device).expect("readable"),
        "SQLCipher is there"
    );
    let canary = "the-canary-that-must-not-be-found";
    setting::set(device.db(), "mark", &canary).expect("written");
    // While it is open: the journal counts too.
    let mut files_seen = 0;
    for entry in fs::read_dir(&folder.0).expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("readable");
        let found = bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes());
        assert!(!found, "plain text in {}", path.display());
        assert!(
            !bytes.starts_with(b"SQLite format 3"),
            "a plain header in {}",
            path.display()
        );
        files_seen += 1;
    }
    assert!(
        files_seen >= 3,
        "the file, its journal and the key were looked at"
    );
    drop(device);
    let wrong = Device::open(&files.main(), Some(&[7; 32]), Box::new(OsEntropy));
    assert_eq!(
        wrong.err().map(|error| error.code()),
        Some(Code::Storage),
        "a wrong key"
    );
    let device = files.device().expect("the right key");
    let mark: Option<String> = setting::get(device.db(), "mark").expect("readable");
    assert_eq!(mark.as_deref(), Some(canary), "it is all there");
}

#[cfg(feature = "encrypted")]
#[test]
fn a_file_whose_key_is_lost_is_put_aside_not_deleted() {
    let folder = Folder::new();
    drop(folder.files().device().expect("a device"));
    fs::remove_file(folder.0.join("vigie.key")).expect("the key goes");
    let keystore: Arc<dyn Keystore> = Arc::new(Nowhere);
    let files = Files::open(&folder.0, &keystore, 42).expect("a new key");
    files.device().expect("a new device");
    assert!(
        folder.0.join("unreadable-42.db").exists(),
        "the old file is still there"
    );
}
