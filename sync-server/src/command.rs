//! The command line.

mod device;
mod keep;
mod serve;

use std::ffi::OsString;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::app::{App, Shared};
use crate::limit::{LIMITS, Limits};
use crate::tls::Files;
use crate::{Config, account, backup, clock, content, demo, system};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use serde_json::json;
use vigie_core::account::AccountInvitation;
use vigie_core::moment::Moment;

/// Bytes.
const GIB: u64 = 1024 * 1024 * 1024;

/// Vigie's server: sync, accounts, photos and the web application, from one folder.
#[derive(Debug, Parser)]
#[command(version)]
struct Line {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Options {
    /// The folder that holds everything.
    #[arg(long, env = "VIGIE_DATA", default_value = "./data", global = true)]
    data: PathBuf,
    /// Where to listen.
    #[arg(
        long,
        env = "VIGIE_LISTEN",
        default_value = "127.0.0.1:8650",
        global = true
    )]
    listen: SocketAddr,
    /// The address that people type; `http://`, or `https://` with a certificate, and where it listens when
    /// left out.
    #[arg(long, env = "VIGIE_PUBLIC_URL", global = true)]
    public_url: Option<String>,
    /// The built screens; `ui/build` here or beside the program when left out.
    #[arg(long, env = "VIGIE_UI", global = true)]
    ui: Option<PathBuf>,
    /// Name of the organisation, when the data folder is new.
    #[arg(long, env = "VIGIE_ORG", default_value = "Vigie", global = true)]
    org: String,
    /// The certificate of TLS and those between it and the root, in PEM; read anew when it changes.
    #[arg(long, env = "VIGIE_TLS_CERT", requires = "tls_key", global = true)]
    tls_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, env = "VIGIE_TLS_KEY", requires = "tls_cert", global = true)]
    tls_key: Option<PathBuf>,
    /// The folder of the backups: what was erased, revoked, lost or held is noted there too, so that
    /// no restore undoes it.
    #[arg(long, env = "VIGIE_BACKUPS", global = true)]
    backups: Option<PathBuf>,
    /// A proxy in front, by address or network: its `X-Forwarded-For` and `X-Forwarded-Proto` are
    /// believed, and nobody else's. May be given several times, or with commas.
    #[arg(
        long = "trust-proxy",
        env = "VIGIE_TRUST_PROXY",
        value_delimiter = ',',
        value_parser = network,
        global = true
    )]
    proxies: Vec<IpNet>,
    /// Connections at once, where the system's limit of open files allows as many.
    #[arg(long, env = "VIGIE_CONNECTIONS", default_value_t = LIMITS.connections, global = true)]
    connections: usize,
    /// Documents that the organisation may have.
    #[arg(long, env = "VIGIE_DOCUMENTS", default_value_t = LIMITS.org_documents, global = true)]
    documents: u64,
    /// Gibibytes of photos and packs that the organisation may have.
    #[arg(long, env = "VIGIE_BLOBS_GIB", default_value_t = LIMITS.org_blob_bytes / GIB, global = true)]
    blobs_gib: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to stop.
    Serve,
    /// Makes a demonstration organisation in an empty data folder, says how to sign in, and serves.
    Demo {
        /// The forms and capsules to publish.
        #[arg(long, env = "VIGIE_CONTENT", default_value = "content")]
        content: PathBuf,
        /// Only prepare it.
        #[arg(long)]
        no_serve: bool,
        /// Show a QR code for everybody.
        #[arg(long)]
        qr: bool,
    },
    /// Invites a person, by short name or id, to a device or a browser.
    Invite {
        /// The person.
        person: String,
    },
    /// People of the directory.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Sites of the directory.
    #[command(subcommand)]
    Site(SiteCommand),
    /// Forms and capsules.
    #[command(subcommand)]
    Content(ContentCommand),
    /// Copies everything, also while it serves, to a new folder.
    Backup {
        /// The new folder; one named by the time in `--backups` when left out.
        folder: Option<PathBuf>,
        /// Then removes the backups of `--backups` that are older than this many days.
        #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "35")]
        prune: Option<u32>,
    },
    /// Brings a backup back into an empty data folder. What was done for good since is done again.
    Restore {
        /// The backup's folder.
        folder: PathBuf,
        /// Further ledgers that know what was done since: files, or the folders they are in.
        #[arg(long)]
        ledger: Vec<PathBuf>,
    },
    /// Erases for everyone, on every device, for ever.
    #[command(subcommand)]
    Erase(keep::EraseCommand),
    /// Holds documents that a procedure needs: nothing erases them.
    #[command(subcommand)]
    Hold(keep::HoldCommand),
    /// How long each kind of document is kept.
    #[command(subcommand)]
    Retention(keep::RetentionCommand),
    /// Devices: revoked, lost, in quarantine.
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// Shows the latest administrative acts and whether any was tampered with.
    Audit {
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Adds a person.
    Add {
        /// Their name.
        name: String,
        /// Their short name, to sign in with.
        #[arg(long)]
        login: String,
        /// operator, manager, relay, lead, admin or guest; may be given several times.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The name or id of their site.
        #[arg(long)]
        site: Option<String>,
        /// Their language.
        #[arg(long, default_value = "fr")]
        language: String,
    },
    /// Lists everybody.
    List,
}

#[derive(Debug, Subcommand)]
enum SiteCommand {
    /// Adds a site.
    Add {
        /// Its name.
        name: String,
        /// Its town.
        #[arg(long)]
        city: String,
    },
    /// Lists all sites.
    List,
}

#[derive(Debug, Subcommand)]
enum ContentCommand {
    /// Publishes every form and capsule of a folder; what is there already is left alone.
    Publish {
        /// The folder.
        folder: PathBuf,
    },
    /// Checks a folder and says what is to be put right: `file:line: message`.
    Lint {
        /// The folder.
        folder: PathBuf,
    },
}

/// Runs what the command line asks for; the first word is the program's own name.
///
/// # Errors
/// What went wrong, in words for whoever typed it.
pub fn run(words: impl IntoIterator<Item = OsString>) -> Result<ExitCode> {
    let line = Line::parse_from(words);
    let options = &line.options;
    match line.command {
        Command::Serve => serve::serve(open(options)?)?,
        Command::Demo {
            content,
            no_serve,
            qr,
        } => {
            let app = open(options)?;
            show_demo(&app, &content, qr)?;
            if !no_serve {
                serve::serve(app)?;
            }
        }
        Command::Invite { person } => {
            let app = open_known(options)?;
            let person = app
                .system
                .find(&app, &person)?
                .ok_or_else(|| system::nobody(&person))?;
            show_invitation(&account::invite_as(&app, "command-line", person.id)?)?;
        }
        Command::Person(command) => run_person(options, command)?,
        Command::Site(command) => run_site(options, command)?,
        Command::Content(command) => return run_content(options, command),
        Command::Backup { folder, prune } => keep::back_up(options, folder, prune)?,
        Command::Restore { folder, ledger } => {
            let ledgers: Vec<PathBuf> = ledger.into_iter().chain(options.backups.clone()).collect();
            let copied = backup::restore(&folder, &options.data, &ledgers, now())?;
            say(&format!("{} blobs, epoch {}", copied.blobs, copied.epoch))?;
        }
        Command::Erase(command) => keep::erase(options, command)?,
        Command::Hold(command) => keep::hold(options, command)?,
        Command::Retention(command) => keep::retention(options, command)?,
        Command::Device(command) => device::run(options, command)?,
        Command::Audit { limit } => {
            let app = open_known(options)?;
            return show_audit(&app, limit);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_person(options: &Options, command: PersonCommand) -> Result<()> {
    match command {
        PersonCommand::Add {
            name,
            login,
            roles,
            site,
            language,
        } => {
            let app = open(options)?;
            let site = match site {
                Some(wanted) => {
                    let sites = app.system.sites(&app)?;
                    let found = sites.iter().find(|site| {
                        site.name.eq_ignore_ascii_case(&wanted) || site.id.to_string() == wanted
                    });
                    Some(found.with_context(|| format!("no site `{wanted}`"))?.id)
                }
                None => None,
            };
            let input = json!({
                "id": null, "name": name, "login": login, "roles": roles, "site": site,
                "team": null, "trade": null, "language": language, "active": true,
            });
            let id = demo::saved(&app.system.call(&app, "directory.save_person", input)?)?;
            show_invitation(&account::invite_as(&app, "command-line", id)?)
        }
        PersonCommand::List => {
            let app = open_known(options)?;
            for person in app.system.people(&app)? {
                let roles = serde_json::to_string(&person.roles)?;
                let state = if person.active { "" } else { " (inactive)" };
                say(&format!(
                    "{} {} {} {roles}{state}",
                    person.id, person.login, person.name
                ))?;
            }
            Ok(())
        }
    }
}

fn run_site(options: &Options, command: SiteCommand) -> Result<()> {
    match command {
        SiteCommand::Add { name, city } => {
            let app = open(options)?;
            let input =
                json!({ "id": null, "name": name, "city": city, "teams": [], "places": [] });
            let id = demo::saved(&app.system.call(&app, "directory.save_site", input)?)?;
            say(&id.to_string())
        }
        SiteCommand::List => {
            let app = open_known(options)?;
            for site in app.system.sites(&app)? {
                say(&format!("{} {} ({})", site.id, site.name, site.city))?;
            }
            Ok(())
        }
    }
}

fn run_content(options: &Options, command: ContentCommand) -> Result<ExitCode> {
    match command {
        ContentCommand::Publish { folder } => {
            let app = open(options)?;
            let published = content::publish(&app, &folder)?;
            say(&format!(
                "{} forms, {} capsules; {} new releases",
                published.forms.len(),
                published.capsules.len(),
                published.releases
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        ContentCommand::Lint { folder } => {
            let findings = content::lint(&folder, &Moment::utc(now()).day())?;
            for finding in &findings {
                let level = if finding.stops { "error" } else { "warning" };
                let file = finding.file.display();
                say(&format!(
                    "{file}:{}: {level}: {}",
                    finding.line, finding.message
                ))?;
            }
            let stopped = findings.iter().any(|finding| finding.stops);
            Ok(if stopped {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            })
        }
    }
}

fn show_demo(app: &App, content: &Path, qr: bool) -> Result<()> {
    let content = content.is_dir().then_some(content);
    let invited = demo::prepare(app, content)?;
    say(&format!("\n{}\n", demo::ORG))?;
    for one in &invited {
        let roles: Vec<String> = one
            .person
            .roles
            .iter()
            .map(|role| {
                Ok(serde_json::to_value(role)?
                    .as_str()
                    .unwrap_or_default()
                    .to_owned())
            })
            .collect::<Result<_>>()?;
        say(&format!(
            "{}  {:<16} {:<16} {:<14} {}",
            one.invitation.code,
            one.person.name,
            roles.join(", "),
            one.site,
            one.person.login,
        ))?;
        if qr {
            say(&account::qr_for_terminal(&one.invitation.url)?)?;
        }
    }
    say(&format!(
        "\nSign in with one of these codes at {}\n",
        app.config.public_url
    ))
}

fn show_invitation(invitation: &AccountInvitation) -> Result<()> {
    say(&account::qr_for_terminal(&invitation.url)?)?;
    say(&format!("{}\n{}", invitation.code, invitation.url))
}

fn show_audit(app: &App, limit: u32) -> Result<ExitCode> {
    for act in app.store.audit(limit)? {
        let day = Moment::utc(act.at).day();
        say(&format!(
            "{:>6} {day} {} {} {}",
            act.number, act.who, act.what, act.about
        ))?;
    }
    match app.store.audit_broken_at()? {
        None => Ok(ExitCode::SUCCESS),
        Some(number) => {
            complain(&format!("the audit was tampered with at number {number}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Opens the data folder, making an organisation where there is none.
fn open(options: &Options) -> Result<Shared> {
    serve::start_log()?;
    let tls = options.tls_cert.clone().zip(options.tls_key.clone());
    let tls = tls.map(|(certificate, key)| Files { certificate, key });
    let scheme = if tls.is_some() { "https" } else { "http" };
    let public_url = options
        .public_url
        .clone()
        .unwrap_or_else(|| format!("{scheme}://{}", options.listen));
    if !public_url.starts_with("https://") && !public_url.starts_with("http://") {
        bail!("`{public_url}` is not an address of the web");
    }
    if tls.is_some() && !public_url.starts_with("https://") {
        bail!("with a certificate the address is https, not `{public_url}`");
    }
    let config = Config {
        data: options.data.clone(),
        backups: options.backups.clone(),
        listen: options.listen,
        public_url,
        ui: options.ui.clone().or_else(built_screens),
        org: options.org.clone(),
        tls,
        proxies: options.proxies.clone(),
        limits: Limits {
            connections: options.connections,
            org_documents: options.documents,
            org_documents_soft: options.documents.saturating_div(10).saturating_mul(8),
            org_blob_bytes: options.blobs_gib.saturating_mul(GIB),
            ..LIMITS
        },
    };
    App::open(config, clock::system())
        .with_context(|| format!("the data folder `{}`", options.data.display()))
}

/// Opens a data folder that must be there.
fn open_known(options: &Options) -> Result<Shared> {
    if !options.data.join("vigie.db").is_file() {
        bail!("there is no organisation in `{}`", options.data.display());
    }
    open(options)
}

/// A network, or one address.
fn network(text: &str) -> std::result::Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address
        .or_else(|_not_one| text.parse())
        .map_err(|_neither| format!("`{text}` is neither an address nor a network"))
}

fn built_screens() -> Option<PathBuf> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join("ui")));
    [Some(PathBuf::from("ui/build")), beside]
        .into_iter()
        .flatten()
        .find(|folder| folder.join("index.html").is_file())
}

fn now() -> i64 {
    clock::system()()
}

/// Writes a line for the person at the terminal.
fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Writes a line about what went wrong.
pub fn complain(text: &str) {
    // Without a terminal there is nobody to tell.
    drop(writeln!(std::io::stderr(), "{text}"));
}
