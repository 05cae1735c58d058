//! The configuration of the window and of the phones' projects.

#[cfg(test)]
mod frozen;
