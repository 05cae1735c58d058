//! Every capsule of the product passes its own lint, in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::super::languages::check_languages;
use super::super::lint::check;

fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../content")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn every_capsule_passes() {
    let forms: BTreeSet<String> = entries(&content().join("forms"))
        .iter()
        .map(|path| stem(path))
        .collect();
    let folders = entries(&content().join("capsules"));
    assert!(
        folders.len() >= 10,
        "the capsules are where they are looked for"
    );
    let mut said = Vec::new();
    for folder in folders {
        let media: BTreeMap<String, String> = entries(&folder.join("media"))
            .iter()
            .map(|path| {
                let name = path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                (name, fs::read_to_string(path).expect("a picture"))
            })
            .collect();
        let mut capsules = BTreeMap::new();
        for path in entries(&folder).iter().filter(|path| path.is_file()) {
            let source = fs::read_to_string(path).expect("a source");
            let checked = check(&source, &stem(path), &media, None, &forms);
            let place = path.display();
            said.extend(
                checked
                    .problems
                    .iter()
                    .map(|problem| format!("{place}: {problem:?}")),
            );
            capsules.extend(checked.publishable().map(|capsule| (stem(path), capsule)));
        }
        assert!(
            capsules.contains_key("fr") && capsules.contains_key("en"),
            "{}: {said:#?}",
            folder.display()
        );
        said.extend(
            check_languages(&capsules)
                .iter()
                .map(|problem| format!("{problem:?}")),
        );
    }
    assert_eq!(
        said, [""; 0],
        "nothing is said about the capsules of the product"
    );
}
