//! Revocation: what the server has is erased from this device; what it never received stays,
//! readable. Lost: everything goes.

use std::sync::Arc;

use vigie_core::error::{Code, Result};
use vigie_core::store::setting;

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
    *locked(&shell.partial) = None;
    let left = shell
        .device(|device| {
            let left = device.unsent()?;
            if left > 0 {
                device.erase_received()?;
            }
            Ok(left)
        })
        .await?;
    if left > 0 {
        session.token = String::new();
        session.revoked = true;
        shell.set_session(Some(session)).await?;
        shell.tell(&everything());
        Ok(())
    } else {
        leave(shell, Code::Revoked, crate::files::Files::remove).await
    }
}

/// Empties the device wholly, with what was never sent: whoever holds it may be a thief. Nobody is
/// signed in any more.
///
/// # Errors
/// When the file cannot be removed.
pub async fn lost(shell: &Arc<Shell>) -> Result<()> {
    leave(shell, Code::Lost, crate::files::Files::remove_all).await
}

/// Begins anew with an empty file; where the server is and why nobody is here stay known.
async fn leave(
    shell: &Arc<Shell>,
    why: Code,
    remove: impl FnOnce(&crate::files::Files) -> Result<()> + Send + 'static,
) -> Result<()> {
    let server = shell.session().map(|session| session.server);
    *locked(&shell.partial) = None;
    shell.set_session(None).await?;
    shell.reopen(remove).await?;
    shell
        .device(move |device| {
            if let Some(server) = server {
                setting::set(device.db(), "server", &server)?;
            }
            setting::set(device.db(), crate::account::ENDED, &why.as_str())
        })
        .await?;
    shell.tell(&everything());
    Ok(())
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
