//! The program's arguments.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::{guests, new, rehearsal, settings};

/// The command that runs the server; what happens when no command is given.
pub(crate) const SERVE: &str = "serve";

/// The command that lists the handlers.
pub(crate) const HANDLERS: &str = "handlers";

/// The command of [`HANDLERS`] that tries an event.
pub(crate) const RUN: &str = "run";

/// The event that [`RUN`] is to try.
pub(crate) const EVENT: &str = "event";

/// The flag of [`RUN`] that names the file with the fields of the event.
pub(crate) const WITH: &str = "with";

/// The flag of [`RUN`] that says who calls.
pub(crate) const AS: &str = "as";

/// The flag of [`RUN`] that says with which key.
pub(crate) const KEY: &str = "key";

/// The command that prints the tables and columns.
pub(crate) const SCHEMA: &str = "schema";

/// The flag of [`HANDLERS`] with [`RUN`], [`SCHEMA`] and [`PLAN`] that asks for JSON.
pub(crate) const JSON: &str = "json";

/// The commands about guests.
pub(crate) const GUESTS: &str = "guests";

/// The command of [`GUESTS`] that says who would go.
pub(crate) const PLAN: &str = "plan";

/// The command of [`GUESTS`] that lets them go.
pub(crate) const PURGE: &str = "purge";

/// The flag of [`PURGE`] that says how long ago they must have come in.
pub(crate) const OLDER_THAN: &str = "older-than";

/// The flag of [`PURGE`] that changes nothing.
pub(crate) const DRY_RUN: &str = "dry-run";

/// The command that writes a workspace, or a handler crate into one.
pub(crate) const NEW: &str = "new";

/// The name of the workspace that [`NEW`] is to write.
pub(crate) const NAME: &str = "name";

/// The flag of [`NEW`] that asks for a handler crate.
pub(crate) const HANDLER: &str = "handler";

/// The flag of [`NEW`] that says where the crates of Vestibule are.
pub(crate) const SOURCE: &str = "source";

const ABOUT: &str = "A user service of your own: guests, users, sessions, and handlers in Rust";

const AFTER_HELP: &str = "\
A setting may be given as a flag, as an environment variable, or as a key in vestibule.toml, where
--key-js is key_js. The flag beats the variable, the variable beats the file. The file may also say
which handlers run:

  expect_handlers = [\"guest_limits::limit_guests\"]  # do not start without these
  [handlers]
  disable = [\"audit_log::record\"]                   # do not run these
  [handlers.order]
  \"hello_handler::refuse_throwaway\" = 5          # run this one at another place in its chain

Keys, passwords and the admin token are better kept in the environment or in a file that only this
user can read: every user of the machine can see the flags of every process.";

/// The arguments that the program understands.
pub(crate) fn command() -> Command {
    Command::new("vestibule")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER_HELP)
        .subcommand(Command::new(SERVE).about("Run the server; the default"))
        .subcommand(
            Command::new(HANDLERS)
                .about("List the handlers of each event in the order they run, or try an event")
                .disable_help_subcommand(true)
                // Before and after `run`: an argument that is taken and does nothing is a trap.
                .arg(json().global(true))
                .subcommand(rehearsal()),
        )
        .subcommand(
            Command::new(SCHEMA)
                .about("Print every table and column, with what the next start would add")
                .arg(json()),
        )
        .subcommand(
            Command::new(GUESTS)
                .about("Look at guests whom nobody can come back to, or remove them")
                .subcommand_required(true)
                .disable_help_subcommand(true)
                .subcommand(
                    Command::new(PLAN)
                        .about("Print who would go now and who would stay, and why")
                        .arg(json()),
                )
                .subcommand(
                    Command::new(PURGE)
                        .about("Remove guests who are gone; SQLite only, and no server may run")
                        .arg(
                            Arg::new(OLDER_THAN)
                                .long(OLDER_THAN)
                                .value_name("AGE")
                                .required(true)
                                .value_parser(guests::age)
                                .help(
                                    "Of those who are gone, those who came in longer ago: 7d, 12h",
                                ),
                        )
                        .arg(
                            Arg::new(DRY_RUN)
                                .long(DRY_RUN)
                                .action(ArgAction::SetTrue)
                                .help("Only print who would go"),
                        ),
                ),
        )
        .subcommand(new())
        .disable_help_subcommand(true)
        .next_line_help(true)
        .args(settings::ALL.iter().map(|setting| setting.arg()))
}

fn rehearsal() -> Command {
    Command::new(RUN)
        .about("Try an event on a copy of the data: what its before handlers would do")
        .arg(
            Arg::new(EVENT)
                .value_name("EVENT")
                .required(true)
                .help("The name of the event: loginAsGuest"),
        )
        .arg(
            Arg::new(WITH)
                .long(WITH)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help(
                    "A file with the fields of the event as JSON; without it, an event without any",
                ),
        )
        .arg(
            Arg::new(AS)
                .long(AS)
                .value_name("USER_ID")
                .value_parser(rehearsal::user_id)
                .help("Who calls; without it, nobody is logged in"),
        )
        .arg(
            Arg::new(KEY)
                .long(KEY)
                .value_name("KIND")
                .value_parser(rehearsal::key_kind)
                .help("With which key: JS (the default), REST, ANDROID, IOS, BL"),
        )
}

fn new() -> Command {
    Command::new(NEW)
        .about("Write a workspace of your own: a server, handlers, and their tests")
        .override_usage("vestibule new NAME [--source PATH]\n       vestibule new --handler NAME")
        .arg(
            Arg::new(NAME)
                .value_name("NAME")
                .required_unless_present(HANDLER)
                .value_parser(new::workspace_name)
                .help("The name of the workspace, of its folder and of its server"),
        )
        .arg(
            Arg::new(HANDLER)
                .long(HANDLER)
                .value_name("NAME")
                .value_parser(new::handlers_name)
                .conflicts_with_all([NAME, SOURCE])
                .help("Add a handler crate of this name to the workspace in this folder"),
        )
        .arg(
            Arg::new(SOURCE)
                .long(SOURCE)
                .value_name("PATH")
                .value_parser(value_parser!(PathBuf))
                .help(
                    "The source tree of Vestibule to depend on; without it, the one that this\n\
                     program was built from, or the published version when that is gone",
                ),
        )
}

fn json() -> Arg {
    Arg::new(JSON)
        .long(JSON)
        .action(ArgAction::SetTrue)
        .help("Print it as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        command().debug_assert();
    }

    #[test]
    fn every_setting_says_what_it_is_for_and_names_its_variable() {
        let help = command().render_help().to_string();
        for setting in settings::ALL {
            assert!(help.contains(&format!("--{}", setting.flag)), "{help}");
            assert!(help.contains(&setting.variable()), "{help}");
        }
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for arguments in [
            ["vestibule", "serve", "--listen", "[::1]:1"],
            ["vestibule", "--listen", "[::1]:1", "serve"],
        ] {
            let matches = command().try_get_matches_from(arguments).unwrap();
            assert_eq!(
                Some(&"[::1]:1".to_owned()),
                matches.get_one::<String>(settings::LISTEN.flag)
            );
        }
    }
}
