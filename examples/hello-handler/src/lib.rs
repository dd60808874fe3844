//! A server of a team's own: one handler, its test, and ten lines of main
