//! The statements of Vestibule as query trees, once for every engine
