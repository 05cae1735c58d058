//! The document says what the doors are.

use std::collections::BTreeSet;

use serde_json::Value;
use vigie_core::error::Code;
use vigie_core::features::FEATURES;
use vigie_server::openapi::DOCUMENT;
use vigie_server::routes::{For, routes};

use super::World;
use crate::support::client;

fn document() -> Value {
    serde_json::from_str(DOCUMENT).expect("JSON")
}

#[test]
fn the_document_is_served() {
    let world = World::new();
    let answer = client()
        .get(format!("{}/openapi.json", world.server.url))
        .send()
        .expect("an answer");
    let served: Value = answer.json().expect("JSON");
    assert_eq!(served, document(), "as it lies here");
    assert_eq!(
        served["info"]["version"],
        env!("CARGO_PKG_VERSION"),
        "of now"
    );
}

/// Method and path of everything in the document.
fn documented() -> BTreeSet<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, doors)| {
            let doors = doors.as_object().expect("doors");
            let methods = doors.keys().filter(|name| *name != "parameters");
            methods.map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect()
}

#[test]
fn every_door_is_in_the_document_and_nothing_else() {
    let doors: BTreeSet<(String, String)> = routes()
        .iter()
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(documented(), doors, "method and path");
}

#[test]
fn who_may_come_in_is_in_the_document() {
    let document = document();
    for route in routes() {
        let door = &document["paths"][route.path][route.method.to_lowercase()];
        let keys: Vec<&String> = door["security"]
            .as_array()
            .unwrap_or_else(|| panic!("{}: who may", route.path))
            .iter()
            .filter_map(Value::as_object)
            .flat_map(|keys| keys.keys())
            .collect();
        let expected: &[&str] = match route.whom {
            For::Device => &["device"],
            For::Browser => &["session"],
            // The door of browsers lets in those who sign in.
            For::Anyone if route.path == "/app/call" => &["session"],
            For::Anyone | For::Operator => &[],
        };
        assert_eq!(keys, expected, "{} {}", route.method, route.path);
    }
}

#[test]
fn every_command_is_in_the_document() {
    let document = document();
    let named: BTreeSet<&str> =
        document["components"]["schemas"]["Call"]["properties"]["name"]["anyOf"][0]["enum"]
            .as_array()
            .expect("names")
            .iter()
            .filter_map(Value::as_str)
            .collect();
    let commands: BTreeSet<&str> = FEATURES
        .iter()
        .flat_map(|feature| feature.commands)
        .map(|command| command.name)
        .collect();
    let missing: Vec<&&str> = commands.difference(&named).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // The shell's own: what signs out would end the session of who tries everything.
    let own: Vec<&&str> = named.difference(&commands).collect();
    assert!(
        own.iter().all(|name| {
            name.starts_with("account.") && **name != "account.sign_out" || **name == "sync.now"
        }),
        "{own:?}"
    );
}

#[test]
fn every_error_has_a_status_and_a_place_in_the_document() {
    let document = document();
    let answers = document["components"]["responses"]
        .as_object()
        .expect("answers");
    for code in Code::ALL {
        let named = format!("`{}`", code.as_str());
        let status = code.status().to_string();
        let used: BTreeSet<&str> = document["paths"]
            .as_object()
            .expect("paths")
            .values()
            .filter_map(Value::as_object)
            .flat_map(|doors| doors.values())
            .filter_map(|door| door["responses"][&status]["$ref"].as_str())
            .collect();
        let told = answers.iter().any(|(name, answer)| {
            let words = answer["description"].as_str().unwrap_or_default();
            used.contains(format!("#/components/responses/{name}").as_str())
                && words.contains(&named)
        });
        assert!(told, "{named} with {status}");
    }
}
