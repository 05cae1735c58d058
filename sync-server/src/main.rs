//! `vigie-server`: serves, and does from the command line what an organisation needs to begin.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(code) => code,
        Err(error) => {
            command::complain(&format!("vigie-server: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
