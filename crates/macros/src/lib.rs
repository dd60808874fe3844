//! The attributes of Vestibule; their documentation lives in the crate vestibule
