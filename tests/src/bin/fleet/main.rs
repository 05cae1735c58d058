//! Devices for `tests/bench/run`: fills servers' folders, then plays one phase of what devices do
//! and prints one line of JSON. The server itself is another program.

mod corpus;
mod crew;
mod load;
mod phase;
mod seed;
mod usage;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// As in the app and the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Devices for `tests/bench/run`.
#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Fills a new folder: a server's data with reports of the corpus, and devices enrolled there.
    Seed(seed::Seed),
    /// A fresh device pulls everything; then full text finds it.
    Pull(Member),
    /// A device that has everything asks whether there is more, again and again.
    Nothing {
        #[command(flatten)]
        member: Member,
        /// How often.
        #[arg(long, default_value_t = 100)]
        times: usize,
    },
    /// The device of the crew's editor comments on reports, and sends that.
    Change {
        #[command(flatten)]
        member: Member,
        /// On how many.
        #[arg(long, default_value_t = 10)]
        count: usize,
    },
    /// A device that was used before exchanges until nothing waits on either side.
    Sync(Member),
    /// Thousands of finished requests, a few at a time: what the server takes in.
    Ingest(load::Ingest),
    /// Each device sends one new report every period.
    Beat(load::Beat),
}

/// Which device, and where its server listens.
#[derive(Debug, Args)]
pub(crate) struct Member {
    /// `host:port` of the server, or of the proxy in front of it.
    #[arg(long)]
    address: String,
    /// The folder that `seed` filled.
    #[arg(long)]
    folder: PathBuf,
    /// `editor`, `writer`, or the number of a reader.
    #[arg(long)]
    who: String,
    /// The device's file.
    #[arg(long)]
    file: PathBuf,
}

fn main() -> Result<()> {
    let told = match Line::parse().what {
        What::Seed(seed) => seed.run()?,
        What::Pull(member) => phase::pull(&member)?,
        What::Nothing { member, times } => phase::nothing(&member, times)?,
        What::Change { member, count } => phase::change(&member, count)?,
        What::Sync(member) => phase::sync(&member)?,
        What::Ingest(ingest) => ingest.run()?,
        What::Beat(beat) => beat.run()?,
    };
    Ok(writeln!(std::io::stdout(), "{told}")?)
}
