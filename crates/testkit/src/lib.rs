//! A whole Vestibule app in a test, with a clock moved by hand
