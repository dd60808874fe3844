//! Limits guest logins per address prefix and minute
