use axum::{extract::State, response::Response};
use vestibule_core::{Authentication, Engine};

use crate::{answer, error::Refusal, segments::Segments};

/// `GET /users/isvalidusertoken/{token}`: a bare `true` or `false`, whatever the token looks like.
///
/// To ask is not to use: the session comes no step further from its timeout. The token in the
/// header is not looked at.
pub(crate) async fn is_valid_user_token(
    State(engine): State<Engine>,
    token: Result<Segments<1>, Refusal>,
) -> Result<Response, Refusal> {
    let valid = match token {
        Ok(Segments([token])) => {
            let authentication = engine.authenticate(&token).await?;
            matches!(authentication, Authentication::Live(_))
        }
        Err(_) => false,
    };
    Ok(answer::json(&valid))
}
