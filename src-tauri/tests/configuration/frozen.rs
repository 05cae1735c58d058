//! What the window may do, against a frozen list: loosening it needs a change here, in sight.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn json_of(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_content_security_policy_is_the_frozen_one() {
    let conf = json_of(&folder().join("tauri.conf.json"));
    let policy = conf
        .pointer("/app/security/csp")
        .and_then(Value::as_object)
        .expect("a policy");
    let policy: BTreeMap<&str, &str> = policy
        .iter()
        .map(|(directive, sources)| (directive.as_str(), sources.as_str().expect("sources")))
        .collect();
    let frozen = BTreeMap::from([
        ("base-uri", "'none'"),
        ("connect-src", "'self' ipc: http://ipc.localhost"),
        ("default-src", "'none'"),
        ("font-src", "'self'"),
        ("form-action", "'none'"),
        ("frame-src", "'none'"),
        ("img-src", "'self' data: blob:"),
        ("manifest-src", "'self'"),
        ("media-src", "'self' data: blob:"),
        ("object-src", "'none'"),
        ("script-src", "'self'"),
        ("style-src", "'self'"),
        // Drawings inside capsules carry style attributes; they cannot run anything.
        ("style-src-attr", "'unsafe-inline'"),
        ("worker-src", "'none'"),
    ]);
    assert_eq!(policy, frozen);
}

#[test]
fn the_configuration_opens_nothing_dangerous() {
    let conf = json_of(&folder().join("tauri.conf.json"));
    assert_eq!(conf.pointer("/app/withGlobalTauri"), Some(&json!(false)));
    let security = conf
        .pointer("/app/security")
        .and_then(Value::as_object)
        .expect("security");
    let names: Vec<&str> = security.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["freezePrototype", "capabilities", "csp"],
        "no other setting"
    );
    assert_eq!(
        security.get("capabilities"),
        Some(&json!(["main", "scanner"]))
    );
    let text = conf.to_string();
    for word in [
        "dangerous",
        "macOSPrivateApi",
        "assetProtocol",
        "devtools",
        "isolation",
    ] {
        assert!(!text.contains(word), "`{word}` in tauri.conf.json");
    }
    let windows = conf
        .pointer("/app/windows")
        .and_then(Value::as_array)
        .expect("windows");
    assert_eq!(windows.len(), 1, "one window");
    // Opened by `window.rs`, which refuses to leave the application.
    assert_eq!(
        windows.first().and_then(|window| window.get("create")),
        Some(&json!(false))
    );
}

#[test]
fn the_page_may_call_one_command_and_hear_events() {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder().join("capabilities")).expect("capabilities") {
        let capability = json_of(&entry.expect("an entry").path());
        let text = |key: &str| {
            capability
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        assert_eq!(capability.get("windows"), Some(&json!(["main"])));
        assert_eq!(
            capability.get("remote"),
            None,
            "no address elsewhere has rights"
        );
        let rights = (
            capability.get("platforms").cloned(),
            capability.get("permissions").cloned(),
        );
        found.insert(text("identifier").expect("a name"), rights);
    }
    let frozen = BTreeMap::from([
        (
            "main".to_owned(),
            (
                None,
                Some(json!([
                    "allow-call",
                    "core:event:allow-listen",
                    "core:event:allow-unlisten"
                ])),
            ),
        ),
        (
            "scanner".to_owned(),
            (
                Some(json!(["android", "iOS"])),
                Some(json!([
                    "barcode-scanner:allow-scan",
                    "barcode-scanner:allow-cancel",
                    "barcode-scanner:allow-check-permissions",
                    "barcode-scanner:allow-request-permissions",
                ])),
            ),
        ),
    ]);
    assert_eq!(found, frozen);
}

const ANDROID: &str = "http://schemas.android.com/apk/res/android";

#[test]
fn android_keeps_nothing_in_backups_and_asks_for_what_it_uses() {
    let main = folder().join("gen/android/app/src/main");
    let text = fs::read_to_string(main.join("AndroidManifest.xml")).expect("the manifest");
    let manifest = roxmltree::Document::parse(&text).expect("XML");
    let named = |tag: &'static str| {
        manifest
            .descendants()
            .filter(move |node| node.has_tag_name(tag))
            .collect::<Vec<_>>()
    };
    let mut permissions: Vec<&str> = named("uses-permission")
        .iter()
        .filter_map(|node| node.attribute((ANDROID, "name")))
        .filter_map(|name| name.strip_prefix("android.permission."))
        .collect();
    permissions.sort_unstable();
    assert_eq!(
        permissions,
        [
            "ACCESS_COARSE_LOCATION",
            "CAMERA",
            "INTERNET",
            "POST_NOTIFICATIONS"
        ]
    );

    let application = *named("application").first().expect("an application");
    let says = |key| application.attribute((ANDROID, key));
    assert_eq!(says("allowBackup"), Some("false"), "no backup to a cloud");
    assert_eq!(
        says("fullBackupContent"),
        Some("false"),
        "nor with an older Android"
    );
    assert_eq!(
        says("dataExtractionRules"),
        Some("@xml/data_extraction_rules"),
        "nor to a phone"
    );
    assert_eq!(says("debuggable"), None, "not debuggable");

    let exported: Vec<_> = manifest
        .descendants()
        .filter(|node| node.attribute((ANDROID, "exported")) == Some("true"))
        .filter_map(|node| node.attribute((ANDROID, "name")))
        .collect();
    assert_eq!(
        exported,
        [".MainActivity"],
        "nothing else is open to other applications"
    );

    let links: Vec<_> = named("data")
        .iter()
        .map(|node| {
            (
                node.attribute((ANDROID, "scheme")),
                node.attribute((ANDROID, "host")),
            )
        })
        .collect();
    assert_eq!(links, [(Some("vigie"), Some("enrol"))], "invitations only");
}

#[test]
fn android_moves_nothing_to_a_cloud_nor_to_another_phone() {
    let main = folder().join("gen/android/app/src/main");
    let rules = fs::read_to_string(main.join("res/xml/data_extraction_rules.xml")).expect("rules");
    let rules = roxmltree::Document::parse(&rules).expect("XML");
    for way in ["cloud-backup", "device-transfer"] {
        let way_out = rules
            .descendants()
            .find(|node| node.has_tag_name(way))
            .expect("a way out");
        let excluded = way_out
            .children()
            .filter_map(|node| node.attribute("domain"))
            .count();
        assert_eq!(excluded, 5, "{way} excludes every place");
        assert!(
            !way_out.children().any(|node| node.has_tag_name("include")),
            "{way}"
        );
    }
}

#[test]
fn android_release_builds_speak_tls_only_and_block_screenshots() {
    let app = folder().join("gen/android/app");
    let gradle = fs::read_to_string(app.join("build.gradle.kts")).expect("the build file");
    let (defaults, _) = gradle.split_once("buildTypes").expect("build types");
    assert!(
        defaults.contains("manifestPlaceholders[\"usesCleartextTraffic\"] = \"false\""),
        "clear text is for debug builds"
    );
    let activity = app.join("src/main/java/io/vigie/app/MainActivity.kt");
    let activity = fs::read_to_string(activity).expect("the activity");
    assert!(
        activity.contains("FLAG_SECURE"),
        "no screenshots of reports"
    );
}

#[test]
fn ios_says_why_it_asks_in_both_languages() {
    let plist = fs::read_to_string(folder().join("Info.ios.plist")).expect("Info.ios.plist");
    let document = roxmltree::Document::parse_with_options(
        &plist,
        roxmltree::ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        },
    )
    .expect("XML");
    let asked: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("key"))
        .filter_map(|node| node.text())
        .filter(|key| key.ends_with("UsageDescription"))
        .collect();
    assert_eq!(asked.len(), 3, "camera, photos, place");
    for language in ["fr", "en"] {
        let path = folder().join(format!("ios/{language}.lproj/InfoPlist.strings"));
        let strings = fs::read_to_string(path).expect("strings");
        for key in &asked {
            assert!(
                strings.contains(&format!("{key} = \"")),
                "{key} in {language}"
            );
        }
    }
}

#[test]
fn every_icon_of_the_configuration_is_there() {
    let conf = json_of(&folder().join("tauri.conf.json"));
    let icons = conf
        .pointer("/bundle/icon")
        .and_then(Value::as_array)
        .expect("icons");
    for icon in icons {
        let path = folder().join(icon.as_str().expect("a path"));
        let size = fs::metadata(&path).map_or(0, |file| file.len());
        assert!(size > 200, "{}", path.display());
    }
}
