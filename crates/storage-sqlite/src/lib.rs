//! The embedded storage engine of Vestibule: SQLite with one writer and group commit
