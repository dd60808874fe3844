//! Write handlers for Vestibule: the one crate a handler author depends on
