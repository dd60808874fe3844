//! `vestibule new`: a workspace of a team's own that builds and passes its tests as written, and
//! further handler crates in it.
//!
//! What is written is in `new/templates`, to be read there.

mod added;
mod draft;
mod name;
mod replacement;
mod source;
mod templates;

use std::{
    env, io,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::ArgMatches;

pub(crate) use self::name::{handlers_name, workspace_name};
use self::{draft::Draft, source::Source};
use crate::{cli, failure::Failure};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    #[error("{} exists already; choose another name, or move it away first", .0.display())]
    Exists(PathBuf),
    #[error("a crate {0} exists already in {place}; choose another name", place = .1.display())]
    Taken(String, PathBuf),
    #[error(
        "{} is no source tree of Vestibule: {why}; with --source name the folder that has \
         crates/vestibule in it", path.display()
    )]
    Source { path: PathBuf, why: String },
    #[error(
        "{} is no workspace that `vestibule new NAME` has made: {why}; run this where its \
         Cargo.toml and its folder server are", path.display()
    )]
    Workspace { path: PathBuf, why: String },
    #[error("{} cannot be written: {source}; make room or give this user the right to", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the folder to write in is not known: {0}; change into one that exists")]
    Here(io::Error),
}

impl NewError {
    /// 2 for what was asked wrongly, 1 for what the machine refused.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Write { .. } | Self::Here(_) => ExitCode::FAILURE,
            _ => ExitCode::from(2),
        }
    }

    fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}

/// Runs the command, in the folder that the program was started in.
///
/// # Errors
/// Fails when there is something of that name already, when `--source` names no source tree of
/// ours, when a handler crate is to be added to what is no workspace of this command, and when
/// something cannot be written. Then nothing has changed.
pub(crate) fn run(matches: &ArgMatches, out: &mut impl Write) -> Result<(), Failure> {
    let here = env::current_dir().map_err(NewError::Here)?;
    let text = match matches.get_one::<String>(cli::HANDLER) {
        Some(name) => added::add(&here, name)?,
        None => {
            let name = matches.get_one::<String>(cli::NAME);
            let source = matches.get_one::<PathBuf>(cli::SOURCE);
            workspace(
                &here,
                name.map_or("", String::as_str),
                &Source::find(source)?,
            )?
        }
    };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Writes a workspace, and returns what to say about it.
fn workspace(here: &Path, name: &str, source: &Source) -> Result<String, NewError> {
    let folder = here.join(name);
    let draft = Draft::beside(&folder)?;
    for (path, text) in templates::workspace(name, source) {
        draft.write(&path, &text)?;
    }
    draft.put_in_place(&folder)?;
    Ok(format!(
        "{name} is made; it uses Vestibule {source}. Next:\n\n  cd {name}\n  cargo test\n  \
         cargo run -- handlers\n  cargo run\n"
    ))
}
