//! `Server`: a Postgres server, or somebody else's.

use crate::ServerError;
use crate::account::Account;
use crate::keeper::Keeper;
use crate::programs::Programs;
use crate::url::BaseUrl;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use uuid::Uuid;

/// How often a port is taken that turns out to be in use.
const TRIES: usize = 5;

/// A server with a superuser `leviathan`.
#[derive(Debug)]
pub struct Server {
    programs: Programs,
    url: BaseUrl,
    own: Option<Own>,
}

/// What a server has that was started here.
#[derive(Debug)]
struct Own {
    folder: PathBuf,
    account: Account,
    port: u16,
    _keeper: Keeper,
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Connections are ended, and everything is written.
    Fast,
    /// As a crash would: what is on the disk is what there is.
    Immediate,
}

impl Server {
    /// The server of this process: what `LEVIATHAN_TEST_POSTGRES_URL` names, else one that is started now.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn shared() -> Result<&'static Self, &'static ServerError> {
        static SERVER: OnceLock<Result<Server, ServerError>> = OnceLock::new();
        let find = || match std::env::var("LEVIATHAN_TEST_POSTGRES_URL") {
            Ok(url) if !url.is_empty() => {
                Ok(Self { programs: Programs::find()?, url: BaseUrl::parse(&url)?, own: None })
            }
            _ => Self::start(),
        };
        SERVER.get_or_init(find).as_ref()
    }

    /// Starts a server that belongs to the caller.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn start() -> Result<Self, ServerError> {
        let (programs, account) = (Programs::find()?, Account::find()?);
        let folder = make_folder(account)?;
        let keeper = Keeper::over(&folder, &programs.path("pg_ctl"), account)?;
        let password = Uuid::new_v4().simple().to_string();
        let url = BaseUrl::parse(&format!("postgres://leviathan:{password}@127.0.0.1:1/"))?;
        let own = Own { folder, account, port: 1, _keeper: keeper };
        let mut server = Self { programs, url, own: Some(own) };
        server.init(&password)?;
        for attempt in 1.. {
            let port = free_port()?;
            server.url = BaseUrl::parse(&format!("postgres://leviathan:{password}@127.0.0.1:{port}/"))?;
            server.own.iter_mut().for_each(|own| own.port = port);
            match server.start_again() {
                Err(_) if attempt < TRIES => {}
                started => {
                    started?;
                    break;
                }
            }
        }
        Ok(server)
    }

    /// The URL of a database of it, for the superuser.
    pub fn url(&self, database: &str) -> String {
        self.url.database(database)
    }

    /// Where it keeps its files, if it was started here.
    pub fn folder(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| own.folder.as_path())
    }

    /// Makes a database that nobody else uses, and gives its URL.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn new_database(&self) -> Result<String, ServerError> {
        let name = format!("test_{}", Uuid::new_v4().simple());
        self.psql(&self.url("postgres"), &format!("create database {name}"))?;
        Ok(self.url(&name))
    }

    /// Has SQL run by `psql`, and gives what it printed, unaligned and without headings.
    ///
    /// # Errors
    /// [`ServerError`], with the first error that the server gave.
    pub fn psql(&self, url: &str, sql: &str) -> Result<String, ServerError> {
        let mut command = Command::new(self.programs.path("psql"));
        command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
        run(command.arg(url).args(["--command", sql]).stdin(Stdio::null()))
    }

    /// Stops the server, which must be one that was started here.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn stop(&self, how: Stop) -> Result<(), ServerError> {
        let how = if how == Stop::Fast { "fast" } else { "immediate" };
        self.control(&["-m", how, "stop"])
    }

    /// Starts it after it was stopped, on the same port.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn start_again(&self) -> Result<(), ServerError> {
        let own = self.own()?;
        let (folder, port) = (own.folder.display(), own.port);
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{folder}' \
             -c max_connections=300 -c shared_buffers=32MB -c fsync=on"
        );
        self.control(&["-l", &format!("{folder}/log"), "-o", &options, "start"])
    }

    fn init(&self, password: &str) -> Result<(), ServerError> {
        let own = self.own()?;
        let file = own.folder.join("password");
        fs::write(&file, password).map_err(ServerError::io("write the server's password"))?;
        own.account.give(&file)?;
        let mut command = Command::new(self.programs.path("initdb"));
        command.args([
            "--username=leviathan",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        command.arg(format!("--pwfile={}", file.display())).arg("-D").arg(own.folder.join("data"));
        own.account.apply(&mut command, &own.folder);
        run(&mut command).map(drop)
    }

    fn control(&self, arguments: &[&str]) -> Result<(), ServerError> {
        let own = self.own()?;
        let mut command = Command::new(self.programs.path("pg_ctl"));
        command.args(["-s", "-w", "-t", "60", "-D"]).arg(own.folder.join("data")).args(arguments);
        own.account.apply(&mut command, &own.folder);
        // A server that is started keeps what it is given: a pipe would stay open for as long as it runs.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().map_err(ServerError::io("start pg_ctl"))?;
        if status.success() {
            return Ok(());
        }
        let log = fs::read_to_string(own.folder.join("log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(10).collect();
        let said = last.into_iter().rev().collect::<Vec<_>>().join("\n");
        Err(ServerError::Failed { program: format!("pg_ctl {}", arguments.join(" ")), said })
    }

    fn own(&self) -> Result<&Own, ServerError> {
        let other = || std::io::Error::other("it is not a server that was started here");
        self.own.as_ref().ok_or_else(|| ServerError::io("control the server")(other()))
    }
}

/// A new folder that the server's user can reach and nobody else can read.
fn make_folder(account: Account) -> Result<PathBuf, ServerError> {
    // The folder for temporary files may be root's own; a socket's path has to be short, too.
    let places = [std::env::temp_dir(), PathBuf::from("/tmp")];
    let open =
        |place: &&PathBuf| fs::metadata(place).is_ok_and(|place| place.permissions().mode() & 0o001 != 0);
    let place = places.iter().find(open).map_or(Path::new("/tmp"), PathBuf::as_path);
    let made = tempfile::Builder::new().prefix("leviathan-pg-").tempdir_in(place);
    // The keeper removes it.
    let folder = made.map_err(ServerError::io(format!("make a folder in {}", place.display())))?.keep();
    fs::set_permissions(&folder, Permissions::from_mode(0o700))
        .map_err(ServerError::io("close the server's folder"))?;
    account.give(&folder)?;
    Ok(folder)
}

fn free_port() -> Result<u16, ServerError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(ServerError::io("find a free port"))?;
    listener.local_addr().map(|address| address.port()).map_err(ServerError::io("find a free port"))
}

fn run(command: &mut Command) -> Result<String, ServerError> {
    let program = command.get_program().display().to_string();
    let output =
        command.stdin(Stdio::null()).output().map_err(ServerError::io(format!("start {program}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    Err(ServerError::Failed { program, said: String::from_utf8_lossy(&output.stderr).trim_end().to_owned() })
}
