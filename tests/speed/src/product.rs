//! Vestibule itself: how it is started, asked, and filled with users.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use rusqlite::Connection;

use crate::{
    Result, known,
    load::{self, Calls, DIGITS},
    process::{Server, Starting},
    requests::{get, get_as, post, request},
    rows::{self, Layout, Population},
};

const APP_ID: &str = "speed";
const JS_KEY: &str = "the-js-key-of-the-speed-program";
const BL_KEY: &str = "the-bl-key-of-the-speed-program";
const ADMIN_TOKEN: &str = "the-admin-token-of-the-speed-program";

/// Settings that are not those of a new app: all guests come from one address here.
const SETTINGS: &str = r#"{"guests":{"perAddressPerMinute":0}}"#;

/// A program and the folder that its servers keep their data in.
pub(crate) struct Product {
    program: PathBuf,
    folder: PathBuf,
    /// The PostgreSQL that it uses, instead of a file in the folder.
    database: Option<String>,
}

impl Product {
    /// Makes the app in this folder, which must be empty.
    pub(crate) fn install(
        program: &Path,
        folder: PathBuf,
        database: Option<String>,
    ) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let product = Self {
            program: program.to_owned(),
            folder,
            database,
        };
        let server = product.serve()?;
        let head = format!("authorization: Bearer {ADMIN_TOKEN}\r\n");
        let change = request("PATCH", "/admin/api/settings", &head, SETTINGS);
        load::once(server.address(), &change)?;
        server.end()?;
        Ok(product)
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn serve(&self) -> Result<Server> {
        Server::start(&mut self.command("127.0.0.1:0", "data"), &self.log())
    }

    /// Starts another server on the same database, with files of its own.
    pub(crate) fn serve_another(&self) -> Result<Server> {
        Server::start(&mut self.command("127.0.0.1:0", "data-2"), &self.log())
    }

    /// Starts a server on this address and waits for nothing.
    pub(crate) fn begin(&self, address: SocketAddr) -> Result<Starting> {
        Starting::begin(&mut self.command(&address.to_string(), "data"), &self.log())
    }

    fn command(&self, listen: &str, data: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--listen", listen, "--app-id", APP_ID])
            .args(["--key-js", JS_KEY, "--key-cloudcode", BL_KEY])
            .args(["--admin-token", ADMIN_TOKEN, "--data"])
            .arg(self.folder.join(data))
            .env_clear()
            .current_dir(&self.folder);
        if let Some(database) = &self.database {
            command.args(["--database", database]);
            if let Some(password) = std::env::var_os("PGPASSWORD") {
                command.env("VESTIBULE_DATABASE_PASSWORD", password);
            }
        }
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The file with the data; there is one if no PostgreSQL has them.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("data").join("vestibule.db")
    }

    /// Writes users into the file, while no server has it.
    pub(crate) fn fill(&self, population: &Population) -> Result<()> {
        let mut connection = Connection::open(self.file())?;
        rows::fill(&mut connection, Layout::Vestibule, population)
    }
}

fn root(key: &str) -> String {
    format!("/{APP_ID}/{key}")
}

/// A guest comes in.
pub(crate) fn guest_login() -> Calls {
    let path = format!("{}/users/register/guest", root(JS_KEY));
    Calls::any_of([post(&path, "")], "{")
}

/// Whether tokens are valid.
pub(crate) fn token_check(users: &[u64]) -> Calls {
    let one = |number: &u64| is_valid(*number);
    Calls::any_of(users.iter().map(one), "true")
}

/// Whether tokens are valid, each asked once.
pub(crate) fn token_checks_in_turn(users: &[u64]) -> Calls {
    Calls::in_turn(users.iter().copied().map(is_valid), "true")
}

/// Whether the token of this user is valid.
pub(crate) fn is_valid(number: u64) -> String {
    let token = known::token(number);
    get(&format!("{}/users/isvalidusertoken/{token}", root(JS_KEY)))
}

/// Users who read their own records.
pub(crate) fn own_record(users: &[u64]) -> Calls {
    let root = root(JS_KEY);
    let one = |number: &u64| {
        let path = format!("{root}/data/Users/{}", known::user_id(*number));
        get_as(&path, &known::token(*number))
    };
    Calls::any_of(users.iter().map(one), "{")
}

/// A trusted server that reads the records of users: no session is looked at.
pub(crate) fn find_by_id(users: &[u64]) -> Calls {
    let root = root(BL_KEY);
    let one = |number: &u64| get(&format!("{root}/data/Users/{}", known::user_id(*number)));
    Calls::any_of(users.iter().map(one), "{")
}

/// Registered users who log in, each as often as the others.
pub(crate) fn password_login(registered: u64) -> Calls {
    let email = known::email(&"#".repeat(DIGITS));
    let body = format!(r#"{{"login":"{email}","password":"{}"}}"#, known::PASSWORD);
    let login = post(&format!("{}/users/login", root(JS_KEY)), &body);
    Calls::numbered(&login, registered, "{")
}

/// People who register, each with an address of their own.
pub(crate) fn register() -> Calls {
    let marks = "#".repeat(DIGITS);
    let body = format!(
        r#"{{"email":"new{marks}@speed.example","password":"{}"}}"#,
        known::PASSWORD
    );
    let register = post(&format!("{}/users/register", root(JS_KEY)), &body);
    Calls::numbered(&register, u64::MAX, "{")
}
