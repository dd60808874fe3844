//! Where the process looks for its configuration. What it makes of it is tested beside the code.

use std::fs;

use crate::server::{Folder, Server, ended};

#[test]
fn flag_environment_and_file_are_asked_in_this_order() {
    let folder = Folder::new();
    let file = folder.path().join("vestibule.toml");
    fs::write(file, "listen = \"the file\"").unwrap();
    for (flags, variable, named) in [
        (
            &["--listen", "the flag"][..],
            Some("the variable"),
            "--listen",
        ),
        (&[], Some("the variable"), "VESTIBULE_LISTEN"),
        (&[], None, "listen (vestibule.toml, line 1)"),
    ] {
        let mut command = folder.command(flags);
        command.envs(variable.map(|variable| ("VESTIBULE_LISTEN", variable)));
        let ended = ended(command);
        let expected = format!("error: {named} must be an address and a port");
        assert!(ended.stderr.starts_with(&expected), "{ended:?}");
        assert_eq!(Some(2), ended.status.code());
    }
}

#[test]
fn another_file_can_be_named() {
    let folder = Folder::new();
    let file = folder.path().join("other.toml");
    fs::write(&file, "listen = \"127.0.0.1:0\"\nlog = \"warn\"\n").unwrap();
    let mut command = folder.command(&[]);
    command.env("VESTIBULE_CONFIG", &file);
    // Without a command the server is run.
    let server = Server::start(command);
    assert!(server.address().starts_with("127.0.0.1:"));
    server.stop();
}

#[test]
fn a_misspelled_variable_is_warned_of() {
    let folder = Folder::new();
    let mut command = folder.command(&["--listen", "127.0.0.1:0"]);
    command.env("VESTIBULE_KEY_JSS", "a-key-that-nobody-will-see");
    let server = Server::start(command);
    let line = server.logged("VESTIBULE_KEY_JSS");
    assert!(line.contains("did you mean VESTIBULE_KEY_JS?"), "{line}");
    assert!(!line.contains("a-key-that"), "{line}");
    server.stop();
}
