use vestibule_core::Error;
use vestibule_model::ErrorCode;

use crate::error::Refusal;

/// The code for an operation that does not exist (wire contract, section 3.3).
const WRONG_OPERATION: ErrorCode = ErrorCode::from_number(2001);

/// Anything that is not in the table. The path is not repeated: it may hold a key or a token.
pub(crate) async fn no_such_route() -> Refusal {
    Error::new(
        WRONG_OPERATION,
        "there is nothing at this path; check it against the documentation",
    )
    .status(404)
    .into()
}

/// A path of the table with another method; axum names those that are allowed.
pub(crate) async fn method_not_allowed() -> Refusal {
    Error::new(
        WRONG_OPERATION,
        "this path does not take this method; the header 'allow' says which it takes",
    )
    .status(405)
    .into()
}
