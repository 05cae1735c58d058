//! The daily reminder: at nine on this device's clock, when something is due, once a day at most,
//! made on the device. The system asks the person's leave on phones; the setting `reminder` turns it
//! off.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tauri::AppHandle;
use tokio::time::sleep;
use vigie_core::Moment;
use vigie_core::error::Result;
use vigie_core::store::setting;

use crate::clock;
use crate::shell::Shell;

/// Begin of the day's reminder: milliseconds after midnight.
const NINE: i64 = 9 * 3_600_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How often the clock is looked at; a sleeping computer makes longer pauses.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Off when this is `false`.
const ENABLED: &str = "reminder";
/// The day of the last one.
const LAST: &str = "reminded_on";

/// What is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Questions to recall.
    pub reviews: u64,
    /// Capsules to finish.
    pub capsules: u64,
}

/// Reminds for as long as the application runs.
pub async fn run(shell: Arc<Shell>, app: AppHandle) {
    loop {
        if let Err(error) = look(&shell, &app).await {
            tracing::debug!(message = error.message(), "no reminder");
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(shell: &Arc<Shell>, app: &AppHandle) -> Result<()> {
    if shell.live_session().is_err() {
        return Ok(());
    }
    let moment = clock::moment(shell.now());
    let last: Option<String> = shell
        .device(|device| setting::get(device.db(), LAST))
        .await?;
    let Some(at) = reminds_at(moment, last.as_deref(), cfg!(mobile)) else {
        return Ok(());
    };
    let enabled: Option<bool> = shell
        .device(|device| setting::get(device.db(), ENABLED))
        .await?;
    let Some(text) = text_at(shell, at)
        .await?
        .filter(|_| enabled.unwrap_or(true))
    else {
        return Ok(());
    };
    let day = at.day();
    shell
        .device(move |device| setting::set(device.db(), LAST, &day))
        .await?;
    show(app, at, &text);
    Ok(())
}

/// When to remind: now, between nine and ten, where the application runs all day; on phones, which
/// put it to sleep, the next nine o'clock is told to the system beforehand.
#[must_use]
pub fn reminds_at(now: Moment, last: Option<&str>, beforehand: bool) -> Option<Moment> {
    let local = now
        .ms
        .saturating_add(i64::from(now.offset_minutes).saturating_mul(60_000));
    let of_day = local.checked_rem_euclid(DAY)?;
    let nine = now.ms.saturating_sub(of_day).saturating_add(NINE);
    let at = if !beforehand {
        (NINE..NINE.saturating_add(HOUR))
            .contains(&of_day)
            .then_some(now)?
    } else if of_day < NINE {
        Moment { ms: nine, ..now }
    } else {
        Moment {
            ms: nine.saturating_add(DAY),
            ..now
        }
    };
    (last != Some(at.day().as_str())).then_some(at)
}

/// The reminder's text, or `None` when nothing is due then.
async fn text_at(shell: &Arc<Shell>, at: Moment) -> Result<Option<String>> {
    shell
        .device(move |device| {
            let mut ask = |name| {
                device
                    .call(at, None, name, json!({}))
                    .map(|reply| reply.output)
            };
            let (due, list, me) = (ask("learn.due")?, ask("learn.list")?, ask("directory.me")?);
            let language = me.pointer("/person/language").and_then(Value::as_str);
            Ok(text(
                language.unwrap_or("fr"),
                what_is_due(&due, &list, &at.day()),
            ))
        })
        .await
}

/// What is due on that day, out of what `learn.due` and `learn.list` answer.
#[must_use]
pub fn what_is_due(due: &Value, list: &Value, day: &str) -> Due {
    let open = |row: &&Value| {
        row.get("state").and_then(Value::as_str) != Some("done")
            && row
                .get("due_on")
                .and_then(Value::as_str)
                .is_some_and(|due| due <= day)
    };
    let rows = list.as_array().map(Vec::as_slice).unwrap_or_default();
    Due {
        reviews: due.get("total").and_then(Value::as_u64).unwrap_or(0),
        capsules: u64::try_from(rows.iter().filter(open).count()).unwrap_or(0),
    }
}

/// What the reminder says, in one of the two languages that the shell speaks.
#[must_use]
pub fn text(language: &str, due: Due) -> Option<String> {
    let french = language == "fr";
    let reviews = match due.reviews {
        0 => None,
        1 if french => Some("1 rappel t’attend.".to_owned()),
        1 => Some("1 review is waiting for you.".to_owned()),
        many if french => Some(format!("{many} rappels t’attendent.")),
        many => Some(format!("{many} reviews are waiting for you.")),
    };
    let capsules = match due.capsules {
        0 => None,
        1 if french => Some("1 capsule est à finir.".to_owned()),
        1 => Some("1 capsule is to be finished.".to_owned()),
        many if french => Some(format!("{many} capsules sont à finir.")),
        many => Some(format!("{many} capsules are to be finished.")),
    };
    let said: Vec<String> = [reviews, capsules].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

#[cfg(desktop)]
fn show(app: &AppHandle, _at: Moment, text: &str) {
    use tauri_plugin_notification::NotificationExt as _;
    if let Err(error) = app
        .notification()
        .builder()
        .title("Vigie")
        .body(text)
        .show()
    {
        tracing::warn!(%error, "the system shows no reminder");
    }
}

#[cfg(mobile)]
use crate::mobile::remind as show;

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T00:00:00 in Paris.
    const MIDNIGHT: i64 = 1_795_302_000_000;

    fn paris(after_midnight: i64) -> Moment {
        Moment {
            ms: MIDNIGHT.saturating_add(after_midnight),
            offset_minutes: 60,
        }
    }

    #[test]
    fn a_computer_reminds_between_nine_and_ten_once_a_day() {
        assert_eq!(
            reminds_at(paris(NINE - 1), None, false),
            None,
            "just before nine"
        );
        let now = paris(NINE + 60_000);
        assert_eq!(
            reminds_at(now, Some("2026-11-21"), false),
            Some(now),
            "yesterday's was another"
        );
        assert_eq!(
            reminds_at(now, Some("2026-11-22"), false),
            None,
            "once a day"
        );
        assert_eq!(
            reminds_at(paris(NINE + HOUR), None, false),
            None,
            "too late for today"
        );
    }

    #[test]
    fn a_phone_is_told_of_the_next_nine_o_clock() {
        assert_eq!(
            reminds_at(paris(0), None, true),
            Some(paris(NINE)),
            "at midnight"
        );
        assert_eq!(
            reminds_at(paris(NINE), None, true),
            Some(paris(NINE + DAY)),
            "at nine"
        );
        let told = reminds_at(paris(NINE + HOUR), Some("2026-11-23"), true);
        assert_eq!(told, None, "tomorrow's has been told");
    }

    #[test]
    fn what_is_due_is_counted() {
        let list = json!([
            { "state": "new", "due_on": "2026-11-22" },
            { "state": "done", "due_on": "2026-11-20" },
            { "state": "open", "due_on": "2026-11-23" },
            { "state": "new", "due_on": null },
        ]);
        let due = what_is_due(&json!({ "total": 3 }), &list, "2026-11-22");
        assert_eq!(
            due,
            Due {
                reviews: 3,
                capsules: 1
            }
        );
    }

    #[test]
    fn the_reminder_is_silent_when_nothing_is_due() {
        assert_eq!(text("fr", Due::default()), None);
        let said = text(
            "fr",
            Due {
                reviews: 1,
                capsules: 2,
            },
        );
        assert_eq!(
            said.as_deref(),
            Some("1 rappel t’attend. 2 capsules sont à finir.")
        );
        let said = text(
            "en",
            Due {
                reviews: 2,
                capsules: 0,
            },
        );
        assert_eq!(said.as_deref(), Some("2 reviews are waiting for you."));
    }
}
