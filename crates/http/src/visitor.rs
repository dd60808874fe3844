use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, request::Parts};
use vestibule_core::{
    Authentication, ClientRequest, CodeRunner, Engine, Error, Explanation, Headers, SessionProof,
};
use vestibule_model::ErrorCode;

use crate::{
    client_address::ClientAddress,
    error::Refusal,
    request_id::RequestId,
    site::Site,
    url_forms::{AppKey, Application},
};

/// The header with the token.
const USER_TOKEN: HeaderName = HeaderName::from_static("user-token");

/// Longest part of a dead token that is repeated to whoever sent it.
const SHOWN_AT_MOST: usize = 64;

/// Somebody at the door: with a key, perhaps with a token that nobody has looked at yet.
///
/// A route says with one word what a token is worth to it: [`welcome`](Visitor::welcome),
/// [`checked`](Visitor::checked) or [`leaving`](Visitor::leaving). There is no `Debug`: key and
/// token are secrets.
pub(crate) struct Visitor {
    key: AppKey,
    token: Option<String>,
    address: Option<IpAddr>,
    headers: Headers,
    request_id: Option<RequestId>,
    /// Where the call is to be written down, if the operator wants that.
    explanation: Option<Explanation>,
}

impl Visitor {
    /// Anybody is welcome: a dead token, or that of a disabled user, counts as none.
    ///
    /// Or else a client with a stale token could never log in again.
    ///
    /// # Errors
    /// Fails when the token must be looked up and the database does not answer.
    pub(crate) async fn welcome(self, engine: &Engine) -> Result<ClientRequest, Refusal> {
        let session = match self.authentication(engine).await? {
            Some(Authentication::Live(session)) => Some(session),
            Some(Authentication::Disabled(_) | Authentication::Dead) | None => None,
        };
        Ok(self.request(session))
    }

    /// Whoever brings a token must have a live session, and be enabled.
    ///
    /// # Errors
    /// 3064 for a dead token, 3090 for a disabled user.
    pub(crate) async fn checked(self, engine: &Engine) -> Result<ClientRequest, Refusal> {
        let session = match self.authentication(engine).await? {
            None => None,
            Some(Authentication::Live(session)) => Some(session),
            Some(Authentication::Disabled(_)) => {
                let message = "this account is disabled";
                return Err(Error::new(ErrorCode::AccountDisabled, message).into());
            }
            Some(Authentication::Dead) => return Err(self.dead_token()),
        };
        Ok(self.request(session))
    }

    /// Whoever wants to leave may, disabled or not; a dead token is still refused.
    ///
    /// # Errors
    /// 3064 for a dead token.
    pub(crate) async fn leaving(self, engine: &Engine) -> Result<ClientRequest, Refusal> {
        let session = match self.authentication(engine).await? {
            None => None,
            Some(Authentication::Live(session) | Authentication::Disabled(session)) => {
                Some(session)
            }
            Some(Authentication::Dead) => return Err(self.dead_token()),
        };
        Ok(self.request(session))
    }

    /// The power of the CodeRunner, if the request came with its key.
    pub(crate) fn code_runner<'a>(&self, engine: &'a Engine) -> Option<CodeRunner<'a>> {
        engine.code_runner(self.key.code_runner()?)
    }

    async fn authentication(&self, engine: &Engine) -> Result<Option<Authentication>, Refusal> {
        match &self.token {
            None => Ok(None),
            Some(token) => Ok(Some(engine.authenticate(token).await?)),
        }
    }

    fn request(self, session: Option<SessionProof>) -> ClientRequest {
        let mut request = ClientRequest::new(self.key.presented).with_headers(self.headers);
        if let Some(session) = session {
            request = request.with_session(session);
        }
        if let Some(address) = self.address {
            request = request.from_address(address);
        }
        if let Some(id) = self.request_id {
            request = request.with_request_id(id.as_str());
        }
        if let Some(explanation) = self.explanation {
            request = request.explained_by(explanation);
        }
        request
    }

    /// The one answer that repeats a token: a dead one, to whoever sent it, cut to what a token
    /// can look like (wire contract, section 6). Refusals are not logged.
    fn dead_token(&self) -> Refusal {
        let safe = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
        let token = self.token.as_deref().unwrap_or_default();
        let shown: String = token.chars().filter(safe).take(SHOWN_AT_MOST).collect();
        let message =
            format!("Not existing user token - {shown}. Relogin user to update your user token");
        Error::new(ErrorCode::DeadToken, message).into()
    }
}

impl FromRequestParts<Site> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        let key = match parts.extensions.get::<Application>() {
            Some(Application::This(key)) => key.clone(),
            Some(Application::Unknown) | None => return Err(wrong_application()),
        };
        let address = ClientAddress::of(parts, &site.trusted_proxies);
        Ok(Self {
            key,
            token: token(&parts.headers),
            address: address.map(|address| address.ip),
            headers: headers(&parts.headers),
            request_id: parts.extensions.get::<RequestId>().cloned(),
            explanation: parts.extensions.get::<Explanation>().cloned(),
        })
    }
}

/// Somebody who followed a link to a page of the server's own: no key and no token, just the link.
pub(crate) struct PageVisitor(pub(crate) ClientRequest);

impl FromRequestParts<Site> for PageVisitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        let key = site.engine.key_of_domain();
        let mut request = ClientRequest::new(key).with_headers(headers(&parts.headers));
        if let Some(address) = ClientAddress::of(parts, &site.trusted_proxies) {
            request = request.from_address(address.ip);
        }
        if let Some(id) = parts.extensions.get::<RequestId>() {
            request = request.with_request_id(id.as_str());
        }
        Ok(Self(request))
    }
}

/// What a request with a wrong app id or key gets (2002).
pub(crate) fn wrong_application() -> Refusal {
    let message = "there is no such application; check the app id and the API key in the URL";
    Error::new(ErrorCode::WrongApplication, message).into()
}

/// The token of a request. An empty header is no token, and what is no text is a dead one.
fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(USER_TOKEN)?;
    let token = String::from_utf8_lossy(value.as_bytes());
    (!token.is_empty()).then(|| token.into_owned())
}

/// The headers that handlers may see; the core leaves secrets out.
fn headers(headers: &HeaderMap) -> Headers {
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    texts.collect()
}
