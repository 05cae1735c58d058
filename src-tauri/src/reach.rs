//! Whether the server can be reached: asked every second while it could not be.
//!
//! Also while an exchange hangs. The moment it can, what hangs on a dead connection is given up and
//! the machine tries at once: a sealed report is received within two seconds of the network's return.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use vigie_core::error::Code;

use crate::entropy::jitter;
use crate::server::Address;
use crate::shell::{Shell, Word, locked};

/// An exchange that takes longer than this may hang.
const MAY_HANG: Duration = Duration::from_secs(2);
/// How long a server may take to take a connection.
const TRY_WITHIN: Duration = Duration::from_secs(1);

/// Between two tries at least.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// Watches for as long as the application runs.
pub async fn watch(shell: Arc<Shell>) {
    let mut reached = true;
    let mut busy_since: Option<Instant> = None;
    let mut asked = Instant::now();
    loop {
        // A fleet does not come back as one: 0.7 to 1 s. A try that nobody answered counts as pause.
        let pace = Duration::from_millis(700_u64.saturating_add(u64::from(jitter())));
        sleep(pace.saturating_sub(asked.elapsed()).max(PAUSE_MIN)).await;
        asked = Instant::now();
        let (failing, busy) = {
            let machine = locked(&shell.machine);
            (machine.failure() == Some(Code::Offline), machine.is_busy())
        };
        busy_since = if busy {
            busy_since.or_else(|| Some(Instant::now()))
        } else {
            None
        };
        let hangs = busy_since.is_some_and(|since| since.elapsed() > MAY_HANG);
        if !failing && !hangs {
            reached = true;
            continue;
        }
        let Ok(session) = shell.live_session() else {
            continue;
        };
        let reachable = can_reach(&session.server).await;
        if reachable && !reached {
            tracing::info!("the server can be reached again");
            busy_since = None;
            shell.word(Word::Reachable);
        }
        reached = reachable;
    }
}

/// Whether the server takes a connection.
async fn can_reach(server: &str) -> bool {
    let Some((host, port)) = Address::parse(server)
        .ok()
        .and_then(|it| it.host_and_port())
    else {
        return false;
    };
    matches!(
        timeout(TRY_WITHIN, TcpStream::connect((host, port))).await,
        Ok(Ok(_connection))
    )
}
