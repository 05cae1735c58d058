//! `vigie-server`: serves, and does from the command line what an organisation needs to begin.

use std::process::ExitCode;

use vigie_server::{command, memory};

/// Documents are many small pieces: the system's allocator took a quarter of a first sync.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    memory::small_pages();
    match command::run(std::env::args_os()) {
        Ok(code) => code,
        Err(error) => {
            command::complain(&format!("vigie-server: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
