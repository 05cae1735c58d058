//! Checks the configuration and the capabilities; the page may call one command, `call`.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(&["call"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        // Cargo shows what follows this prefix.
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}
