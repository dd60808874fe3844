//! What to do about a database that does not let us in.

use std::error::Error;

use tokio_postgres::error::SqlState;

/// What went wrong, with its cause: the driver says `db error` of everything.
pub(crate) fn told(source: &(dyn Error + 'static)) -> String {
    let mut text = source.to_string();
    let mut cause = source.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What to do about a database that cannot be reached.
pub(crate) fn of_connecting(source: &(dyn Error + 'static)) -> &'static str {
    let told = told(source);
    match code(source) {
        Some(SqlState::INVALID_PASSWORD) => {
            "check the user in the URL and its password (--database-password-file)"
        }
        Some(SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            "check the user in the URL, and what pg_hba.conf of the database says of it, of this \
             machine and of TLS"
        }
        Some(SqlState::INVALID_CATALOG_NAME) => {
            "make it (createdb --owner USER NAME), or mend its name in the URL"
        }
        Some(SqlState::TOO_MANY_CONNECTIONS) => {
            "give each server fewer connections (--database-connections), or the database more \
             (max_connections)"
        }
        Some(SqlState::CANNOT_CONNECT_NOW) => "wait until it has started, and start again",
        _ if told.contains("password missing") => {
            "it wants a password: name the file that has it with --database-password-file"
        }
        _ if told.contains("invalid peer certificate") => {
            "name the certificates of those who vouch for it with --database-ca-file, and use the \
             name of the host that stands in its certificate"
        }
        _ if told.contains("does not support TLS") => {
            "switch TLS on there (ssl = on), or, if nobody can listen on the way, write \
             ?sslmode=disable behind its URL"
        }
        _ => "check that it runs, and the host and the port in the URL",
    }
}

/// What to do about a database that could not be brought to the version of this build.
pub(crate) fn of_migrating(source: &(dyn Error + 'static)) -> &'static str {
    match code(source) {
        Some(SqlState::INSUFFICIENT_PRIVILEGE) => {
            "this user may not make tables there; let it own the database (ALTER DATABASE NAME OWNER TO \
             USER)"
        }
        _ => "nothing was lost, the build that ran before still works with it",
    }
}

/// What the database itself calls the error.
fn code(source: &(dyn Error + 'static)) -> Option<SqlState> {
    let mut cause = Some(source);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
            return error.code().cloned();
        }
        cause = error.source();
    }
    None
}
