//! Is killed.
fn main() {}
