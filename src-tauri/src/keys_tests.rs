//! Where the key goes, and what happens when it is not there any more.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use super::*;

/// A keystore in memory, which can be out of reach.
#[derive(Default)]
struct Memory {
    secrets: Mutex<BTreeMap<String, Vec<u8>>>,
    out_of_reach: Mutex<bool>,
}

impl Memory {
    fn set_out_of_reach(&self, value: bool) {
        *self.out_of_reach.lock().expect("no panic") = value;
    }

    fn check(&self) -> Result<()> {
        if *self.out_of_reach.lock().expect("no panic") {
            Err(Error::new(Code::Storage, "no secret service"))
        } else {
            Ok(())
        }
    }
}

impl Keystore for Memory {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.check()?;
        Ok(self.secrets.lock().expect("no panic").get(name).cloned())
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<()> {
        self.check()?;
        self.secrets
            .lock()
            .expect("no panic")
            .insert(name.to_owned(), secret.to_vec());
        Ok(())
    }
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = entropy::bytes::<8>()
            .iter()
            .fold(String::new(), |t, b| format!("{t}{b:02x}"));
        let folder = std::env::temp_dir().join(format!("vigie-keys-{name}"));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("the folder goes");
    }
}

#[test]
fn the_key_goes_into_the_keystore_and_comes_back() {
    let folder = Folder::new();
    let keystore: Arc<dyn Keystore> = Arc::new(Memory::default());
    let first = file_key(&folder.0, &keystore, false).expect("a key");
    assert!(first.in_keystore, "there is a keystore");
    assert!(!folder.0.join(KEY_FILE).exists(), "no key in a file then");
    let again = file_key(&folder.0, &keystore, true).expect("the same key");
    assert_eq!(again.key, first.key, "the key of the file");
    assert!(!again.lost, "nothing is lost");
}

#[test]
fn without_a_keystore_the_key_lies_in_a_file_that_its_owner_alone_may_read() {
    let folder = Folder::new();
    let memory = Arc::new(Memory::default());
    memory.set_out_of_reach(true);
    let keystore: Arc<dyn Keystore> = memory.clone();
    let first = file_key(&folder.0, &keystore, false).expect("a key all the same");
    assert!(!first.in_keystore, "the screens warn of it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.0.join(KEY_FILE))
            .expect("the file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "readable by its owner alone");
    }
    memory.set_out_of_reach(false);
    let again = file_key(&folder.0, &keystore, true).expect("the same key");
    assert_eq!(
        again.key, first.key,
        "a keystore that appears later changes nothing"
    );
}

#[test]
fn a_keystore_that_is_locked_is_not_taken_for_an_empty_one() {
    let folder = Folder::new();
    let memory = Arc::new(Memory::default());
    let keystore: Arc<dyn Keystore> = memory.clone();
    let first = file_key(&folder.0, &keystore, false).expect("a key");
    memory.set_out_of_reach(true);
    assert!(
        file_key(&folder.0, &keystore, true).is_err(),
        "it asks to be unlocked"
    );
    memory.set_out_of_reach(false);
    let again = file_key(&folder.0, &keystore, true).expect("the same key");
    assert_eq!(again.key, first.key, "nothing was replaced meanwhile");
}

#[test]
fn a_key_that_is_gone_is_said_to_be_lost() {
    let folder = Folder::new();
    let memory = Arc::new(Memory::default());
    let keystore: Arc<dyn Keystore> = memory.clone();
    let first = file_key(&folder.0, &keystore, false).expect("a key");
    memory.secrets.lock().expect("no panic").clear();
    let next = file_key(&folder.0, &keystore, true).expect("a new key");
    assert!(next.lost, "the old file can no longer be read");
    assert_ne!(next.key, first.key, "a new key");
}
