//! The Vestibule server: configuration, commands and start-up
