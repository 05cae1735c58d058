//! Packs: same capsule, same bytes; nothing harmful comes out of them.

use std::collections::BTreeMap;

use super::super::Capsule;
use super::super::pack::{PACK_BYTES_MAX, PackError, pack, unpack};
use super::{SOURCE, checked};

fn capsules() -> BTreeMap<String, Capsule> {
    let capsule = checked(SOURCE).publishable().expect("publishable");
    BTreeMap::from([("en".to_owned(), capsule)])
}

#[test]
fn a_pack_gives_back_its_capsules() {
    assert_eq!(unpack(&pack(&capsules())), Ok(capsules()), "round trip");
}

#[test]
fn the_bytes_are_canonical() {
    let bytes = pack(&capsules());
    assert_eq!(
        bytes,
        pack(&unpack(&bytes).expect("a pack")),
        "same bytes again"
    );
    let text = String::from_utf8(bytes).expect("text");
    let start = r#"{"capsules":{"en":{"apply":"weak-signal","apply_label":"Report a missing padlock","cards":[{"html":"#;
    assert!(text.starts_with(start), "keys are sorted: {text}");
    assert!(
        text.ends_with(r#"},"format":"vigie-capsule","version":1}"#),
        "envelope: {text}"
    );
}

#[test]
fn other_bytes_are_refused_with_a_reason() {
    let text = String::from_utf8(pack(&capsules())).expect("text");
    let newer = text.replace("\"version\":1}", "\"version\":2}");
    assert_eq!(
        unpack(newer.as_bytes()),
        Err(PackError::Newer(2)),
        "later version"
    );
    let moved = text.replace("{\"en\":{", "{\"fr\":{");
    assert_eq!(
        unpack(moved.as_bytes()),
        Err(PackError::Languages("fr".into())),
        "misfiled"
    );
    assert_eq!(
        unpack(&pack(&BTreeMap::new())),
        Err(PackError::Languages(String::new())),
        "empty"
    );
    assert!(
        matches!(unpack(b"{}"), Err(PackError::Broken(_))),
        "not a pack"
    );
    assert!(matches!(unpack(b""), Err(PackError::Broken(_))), "nothing");
    let other = text.replace("vigie-capsule", "other");
    assert!(
        matches!(unpack(other.as_bytes()), Err(PackError::Broken(_))),
        "other format"
    );
    let long = vec![b' '; PACK_BYTES_MAX + 1];
    assert_eq!(
        unpack(&long),
        Err(PackError::TooLong(PACK_BYTES_MAX + 1)),
        "too long"
    );
    let deep = "[".repeat(100_000);
    assert!(
        matches!(unpack(deep.as_bytes()), Err(PackError::Broken(_))),
        "deep nesting"
    );
}

#[test]
fn harmful_content_is_refused() {
    let spoil = |change: fn(&mut Capsule)| {
        let mut capsules = capsules();
        capsules.values_mut().for_each(change);
        unpack(&pack(&capsules))
    };
    let changes: [fn(&mut Capsule); 6] = [
        |capsule| capsule.cards[0].html.push_str("<script>"),
        |capsule| capsule.quiz[0].prompt.push_str("<img src=x onerror=y>"),
        |capsule| capsule.quiz[1].explanation.push_str("<p onclick=\"x\">"),
        |capsule| capsule.sources[0].url = "javascript:x".into(),
        |capsule| {
            drop(
                capsule
                    .media
                    .insert("a.svg".into(), "<svg onload=\"x\"/>".into()),
            )
        },
        |capsule| {
            drop(
                capsule
                    .media
                    .insert("../a.svg".into(), super::PICTURE.into()),
            )
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        assert!(
            matches!(spoil(change), Err(PackError::Unsafe(_))),
            "change {index} is refused"
        );
    }
}
