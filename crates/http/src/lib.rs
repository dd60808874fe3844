//! Vestibule over HTTP: routes, decoding, encoding, errors to statuses
