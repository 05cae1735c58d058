//! Revocation: what the server has is erased from this device; what it never received stays,
//! readable. Lost: everything goes.

use std::sync::Arc;

use vigie_core::Device;
use vigie_core::error::{Code, Result};
use vigie_core::store::setting;

use crate::account;
use crate::files::Files;
use crate::shell::{Changed, Shell, locked};

/// Empties the device after its revocation. When nothing is left that was never sent, the file goes
/// and nobody is signed in any more.
///
/// # Errors
/// When the file cannot be written.
pub async fn revoked(shell: &Arc<Shell>) -> Result<()> {
    let Some(mut session) = shell.session() else {
        return Ok(());
    };
    let look = |device: &mut Device| {
        if device.unsent()? == 0 {
            return Ok(Some(()));
        }
        device.erase_received()?;
        Ok(None)
    };
    if leave(shell, Code::Revoked, look, Files::remove).await? {
        return Ok(());
    }
    *locked(&shell.partial) = None;
    session.token = String::new();
    session.revoked = true;
    shell.set_session(Some(session)).await?;
    shell.tell(&everything());
    Ok(())
}

/// Empties the device wholly, with what was never sent: whoever holds it may be a thief. Nobody is
/// signed in any more.
///
/// # Errors
/// When a file cannot be removed.
pub async fn lost(shell: &Arc<Shell>) -> Result<()> {
    leave(shell, Code::Lost, |_device| Ok(Some(())), Files::remove_all)
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
    why: Code,
    look: impl FnOnce(&mut Device) -> Result<Option<()>> + Send + 'static,
    remove: impl FnOnce(&Files) -> Result<()> + Send + 'static,
) -> Result<bool> {
    let server = shell.session().map(|session| session.server);
    if !shell.reopen(look, |(), files| remove(files)).await? {
        return Ok(false);
    }
    *locked(&shell.partial) = None;
    shell.set_session(None).await?;
    shell
        .device(move |device| {
            if let Some(server) = server {
                setting::set(device.db(), account::SERVER, &server)?;
            }
            setting::set(device.db(), account::ENDED, &why.as_str())
        })
        .await?;
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
