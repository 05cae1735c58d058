//! A server with the demonstration company, for programs that ask it things from outside: it says where
//! it listens and who may ask, and lasts until its input ends. Nobody meets its limits on how often.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde_json::json;
use vigie_core::account::ShellKind;
use vigie_server::limit::{LIMITS, Limits};
use vigie_server::session::ABSOLUTE_MS;
use vigie_server::store::sqlite::invitation::Credential;
use vigie_server::{App, Config, clock, demo, enrol, server, token};

fn main() -> Result<()> {
    let data = std::env::args_os()
        .nth(1)
        .context("a folder for its data")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let listen = listener.local_addr()?;
        let public_url = format!("http://{listen}");
        let config = Config {
            data: PathBuf::from(data),
            listen,
            public_url: public_url.clone(),
            limits: Limits {
                address_requests: u32::MAX,
                address_guesses: u32::MAX,
                account_guesses: u32::MAX,
                device_requests: u32::MAX,
                ..LIMITS
            },
            ..Config::default()
        };
        let app = App::open(config, clock::system())?;
        let invited = demo::prepare(&app, None)?;
        let code = |login: &str| {
            let one = invited.iter().find(|one| one.person.login == login);
            one.map(|one| one.invitation.code.clone())
                .context("somebody of the demonstration")
        };
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (device, hash) = token::fresh();
        let credential = Credential::Token(hash);
        let name = "Essai".to_owned();
        enrol::redeem(
            &app,
            here,
            &code("claire")?,
            &credential,
            ShellKind::App,
            name,
        )?;
        let (session, hash) = token::fresh();
        let expires_at = app.now().saturating_add(ABSOLUTE_MS);
        let credential = Credential::Session { hash, expires_at };
        let name = "Essai".to_owned();
        enrol::redeem(
            &app,
            here,
            &code("hugues")?,
            &credential,
            ShellKind::Web,
            name,
        )?;
        let told = json!({ "url": public_url, "token": device, "session": session });
        writeln!(std::io::stdout(), "{told}")?;
        let stopping = Arc::clone(&app);
        std::thread::spawn(move || {
            // Whoever started it is gone.
            drop(std::io::stdin().read_to_end(&mut Vec::new()));
            server::stop(&stopping);
        });
        Ok(server::serve(app, listener).await?)
    })
}
