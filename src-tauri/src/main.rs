//! The desktop application; phones enter by the library.

// No console window beside the application on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

/// Documents are many small pieces: the system's allocator took a quarter of a first sync.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    vigie_app_lib::run();
}
