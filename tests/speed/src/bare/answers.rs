//! What a bare server answers.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, header};
use rand::Rng;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    Bare, reads,
    writer::{NewSession, NewUser, Write},
};
use crate::{Result, known};

/// The answer to a request; a mistake is an answer, too.
pub(super) async fn answer(bare: &Bare, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, body) = match body(bare, request).await {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            Bytes::from(error.to_string()),
        ),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

async fn body(bare: &Bare, request: Request<Incoming>) -> Result<Bytes> {
    let path = request.uri().path();
    let mut parts = path.splitn(3, '/').skip(1);
    let (first, rest) = (parts.next().unwrap_or_default(), parts.next());
    match (first, rest.unwrap_or_default()) {
        ("constant", _) => Ok(Bytes::from_static(b"true")),
        ("guest", _) => guest_login(bare).await,
        ("token", token) => {
            let known = reads::session(bare, token)?.is_some();
            Ok(Bytes::from_static(if known { b"true" } else { b"false" }))
        }
        ("own", id) => {
            let token = request.headers().get("user-token");
            let token = token.and_then(|token| token.to_str().ok());
            let user = reads::session(bare, token.unwrap_or_default())?;
            if user.as_deref() != Some(id) {
                return Err("this is not the session of that user".into());
            }
            Ok(reads::user(bare, id)?.into())
        }
        ("find", id) => Ok(reads::user(bare, id)?.into()),
        ("login", _) => password_login(bare, json(request).await?).await,
        ("register", _) => register(bare, json(request).await?).await,
        _ => Err(format!("nothing is at {path}").into()),
    }
}

async fn json(request: Request<Incoming>) -> Result<Json> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}

fn text<'a>(body: &'a Json, name: &str) -> Result<&'a str> {
    body[name]
        .as_str()
        .ok_or_else(|| format!("no {name}").into())
}

async fn guest_login(bare: &Bare) -> Result<Bytes> {
    let id = new_id();
    let (session, token) = new_session(&id);
    let id = id.to_text();
    bare.writer.make(Write::Guest(session)).await?;
    Ok(format!(r#"{{"userStatus":"GUEST","user-token":"{token}","objectId":"{id}"}}"#).into())
}

async fn password_login(bare: &Bare, body: Json) -> Result<Bytes> {
    let (email, password) = (text(&body, "login")?, text(&body, "password")?);
    let (id, hash) = reads::account(bare, email)?;
    if !bare.passwords.verify(password.to_owned(), hash).await? {
        return Err("this is not the password".into());
    }
    let id = Uuid::try_parse(&id)?;
    let (session, token) = new_session(&id);
    bare.writer.make(Write::Login(session)).await?;
    let user = reads::user(bare, &id.to_text())?;
    let user = user.trim_end_matches('}');
    Ok(format!(r#"{user},"user-token":"{token}"}}"#).into())
}

async fn register(bare: &Bare, body: Json) -> Result<Bytes> {
    let (email, password) = (text(&body, "email")?, text(&body, "password")?);
    let hash = bare.passwords.hash(password.to_owned()).await?;
    let id = new_id();
    let user = NewUser {
        id,
        email: email.to_owned(),
        hash,
    };
    bare.writer.make(Write::Register(user)).await?;
    Ok(reads::user(bare, &id.to_text())?.into())
}

fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A session with its token.
fn new_session(user: &Uuid) -> (NewSession, String) {
    let mut verifier = [0; 32];
    rand::rng().fill_bytes(&mut verifier);
    let selector = Uuid::now_v7().into_bytes();
    let token = known::token_of(&selector, &verifier);
    let session = NewSession {
        user: *user,
        selector,
        verifier,
    };
    (session, token)
}

/// Ids as Vestibule writes them.
pub(super) trait ToText {
    fn to_text(&self) -> String;
}

impl ToText for Uuid {
    fn to_text(&self) -> String {
        let mut text = self.hyphenated().to_string();
        text.make_ascii_uppercase();
        text
    }
}
