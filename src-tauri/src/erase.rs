//! Revocation: what the server has is erased from this device; what it never received stays,
//! readable. Lost: everything goes.

use std::sync::Arc;

use vigie_core::Device;
use vigie_core::error::{Code, Result};
use vigie_core::store::setting;

use crate::account;
use crate::files::Files;
use crate::shell::{Changed, Session, Shell, locked};

/// Empties the device after the server revoked it, as it told this session. When nothing is left that
/// was never sent, the file goes and nobody is signed in any more.
///
/// # Errors
/// [`Code::SignedOut`] when the session has ended since: nothing is erased then. Or when the file cannot
/// be written.
pub async fn revoked(shell: &Arc<Shell>, session: &Session) -> Result<()> {
    let look = |device: &mut Device| {
        if device.unsent()? == 0 {
            return Ok(Some(()));
        }
        device.erase_received()?;
        Ok(None)
    };
    if leave(shell, session, Code::Revoked, look, Files::remove).await? {
        return Ok(());
    }
    *locked(&shell.partial) = None;
    let shut = Session {
        token: String::new(),
        revoked: true,
        ..session.clone()
    };
    shell.renew_session(session, shut).await?;
    shell.tell(&everything());
    Ok(())
}

/// Empties the device wholly, with what was never sent: whoever holds it may be a thief. Nobody is
/// signed in any more.
///
/// # Errors
/// [`Code::SignedOut`] when the session has ended since: nothing is erased then. Or when a file cannot
/// be removed.
pub async fn lost(shell: &Arc<Shell>, session: &Session) -> Result<()> {
    let look = |_device: &mut Device| Ok(Some(()));
    leave(shell, session, Code::Lost, look, Files::remove_all)
        .await
        .map(drop)
}

/// Begins anew with an empty file, where `look` finds that it may; where the server is and why nobody
/// is here stay known.
///
/// The file goes first, and the session lies in it: where it could not be removed, or the machine
/// stopped before, the server is asked again and gives the same answer.
async fn leave(
    shell: &Arc<Shell>,
    session: &Session,
    why: Code,
    look: impl FnOnce(&mut Device) -> Result<Option<()>> + Send + 'static,
    remove: impl FnOnce(&Files) -> Result<()> + Send + 'static,
) -> Result<bool> {
    let (asked, told) = (Arc::clone(shell), session.clone());
    let look = move |device: &mut Device| {
        asked.still(&told)?;
        look(device)
    };
    let server = session.server.clone();
    let begin = move |device: &Device| {
        setting::set(device.db(), account::SERVER, &server)?;
        setting::set(device.db(), account::ENDED, &why.as_str())
    };
    let left = shell.reopen(look, |(), files| remove(files), begin).await?;
    if !left {
        return Ok(false);
    }
    *locked(&shell.partial) = None;
    shell.tell(&everything());
    Ok(true)
}

/// Every topic there is.
pub(crate) fn everything() -> Changed {
    vigie_core::features::FEATURES
        .iter()
        .flat_map(|feature| feature.kinds)
        .map(|kind| kind.topic)
        .chain(["account", "directory", "sync"])
        .collect()
}
