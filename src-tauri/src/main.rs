//! The desktop application; phones enter by the library.

// No console window beside the application on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    vigie_app_lib::run();
}
