use std::{net::IpAddr, time::Duration};

use vestibule_core::{
    AssignRole, Authentication, ClientEvent, ClientRequest, CodeRunnerEvent, Dispatched, Error,
    Event, Execution, Headers, InvokeService, Json, LoggedIn, Outcome, Reply, ResponseParts,
    Result, ServiceBody, ServiceRequest, Token, Verb,
};
use vestibule_model::{Clock, KeyKind, ObjectId, SystemClock, User};

use crate::{TestKit, calls::totals};

pub(crate) const APP_ID: &str = "TESTKIT-APP";

/// The password of every user that the kit registers.
pub(crate) const PASSWORD: &str = "secret";

/// The key of this kind in every test app.
pub(crate) fn key(kind: KeyKind) -> String {
    format!("TESTKIT-KEY-{}", kind.as_str())
}

/// How long a call may take in real time: none that works takes a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends a wait for something that will never come, with a hint.
pub(crate) async fn not_forever<T>(call: impl Future<Output = T>) -> T {
    let clock = SystemClock::start();
    let patience = clock.sleep_until(clock.monotonic().plus(PATIENCE));
    tokio::select! {
        output = call => output,
        () = patience => panic!(
            "a call has been running for {PATIENCE:?} while the kit's clock stood still: if a \
             handler waits for the time, let it pass beside the call, with \
             `tokio::join!(client.submit(event), kit.advance(duration))`"
        ),
    }
}

/// Somebody who calls the app in a test: with a key, perhaps logged in, from some address.
///
/// Clients are had from the kit: [`TestKit::anonymous`], [`TestKit::guest`], [`TestKit::user`],
/// [`TestKit::code_runner`].
#[derive(Clone, Debug)]
pub struct TestClient<'a> {
    kit: &'a TestKit,
    key: KeyKind,
    login: Option<LoggedIn>,
    /// The token, if it was not a login that answered it.
    token: Option<String>,
    address: Option<IpAddr>,
    headers: Vec<(String, String)>,
}

impl<'a> TestClient<'a> {
    pub(crate) fn anonymous(kit: &'a TestKit, key: KeyKind) -> Self {
        Self {
            kit,
            key,
            login: None,
            token: None,
            address: None,
            headers: Vec::new(),
        }
    }

    /// The same client, with the session of this login.
    pub fn logged_in(mut self, login: &LoggedIn) -> Self {
        self.login = Some(login.clone());
        self.token = None;
        self
    }

    /// The same client, with the session of this token: one that a service answered, for example.
    pub fn with_token(mut self, token: &str) -> Self {
        self.login = None;
        self.token = Some(token.to_owned());
        self
    }

    /// The same client, with the key of this kind.
    pub fn with_key(mut self, kind: KeyKind) -> Self {
        self.key = kind;
        self
    }

    /// The same client, calling from this address.
    ///
    /// # Panics
    /// Fails the test if it is not an address.
    pub fn from(mut self, address: &str) -> Self {
        let parsed = address.parse();
        self.address = Some(parsed.unwrap_or_else(|_| panic!("{address:?} is not an address")));
        self
    }

    /// The same client, sending this header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same client, whose user has this custom role, which is made if there is none of its name. The
    /// calls of handlers on the way do not count.
    ///
    /// The roles that everybody has follow from how a client is had: [`TestKit::anonymous`] is
    /// NotAuthenticatedUser, [`TestKit::guest`] GuestUser too, [`TestKit::user`] AuthenticatedUser; with
    /// [`with_key`](TestClient::with_key), each has the role of its kind of app, and
    /// [`TestKit::code_runner`] is ServerCodeUser.
    ///
    /// # Panics
    /// Fails the test if nobody is logged in, for a guest, who can have no role of its own, and for a name
    /// that no role can have.
    pub async fn with_role(self, role: &str) -> Self {
        let engine = &self.kit.engine;
        let before = totals(engine);
        let roles = engine.custom_roles().await;
        let roles = roles.unwrap_or_else(|error| panic!("{}", error.log()));
        if !roles.iter().any(|known| known == role) {
            let made = engine.create_role(role).await;
            made.unwrap_or_else(|error| panic!("{}", error.log()));
        }
        let event = AssignRole::new(self.id(), role);
        let given = self.kit.code_runner().submit_as_code_runner(event).await;
        given.unwrap_or_else(|error| panic!("the role {role} was not given: {}", error.log()));
        self.kit.calls.absorb(engine, &before);
        self
    }

    pub(crate) fn kit(&self) -> &'a TestKit {
        self.kit
    }

    /// The same client, of another app that has the same sessions.
    pub(crate) fn on<'b>(&self, kit: &'b TestKit) -> TestClient<'b> {
        TestClient {
            kit,
            key: self.key,
            login: self.login.clone(),
            token: self.token.clone(),
            address: self.address,
            headers: self.headers.clone(),
        }
    }

    /// The user who is logged in, as the login answered.
    ///
    /// # Panics
    /// Fails the test if nobody is.
    pub fn user(&self) -> &User {
        &self.login().user
    }

    /// The id of the user who is logged in.
    ///
    /// # Panics
    /// Fails the test if nobody is.
    pub fn id(&self) -> &ObjectId {
        self.user().id()
    }

    /// The token of the session.
    ///
    /// # Panics
    /// Fails the test if nobody is logged in.
    pub fn token(&self) -> &Token {
        &self.login().token
    }

    /// Whether the client's token still belongs to a live session.
    ///
    /// # Panics
    /// Fails the test if nobody is logged in, or if the database does not answer.
    pub async fn is_alive(&self) -> bool {
        matches!(self.authentication().await, Authentication::Live(_))
    }

    /// Sends an event and waits for what the caller gets, and for what observers saw of it.
    ///
    /// # Errors
    /// What the call came to, if it was an error.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead: a client over HTTP would not get this far.
    pub async fn submit<E: ClientEvent>(&self, event: E) -> Outcome<E> {
        self.reply(event).await.outcome
    }

    /// Like [`submit`](TestClient::submit), with the status, the headers and the cookies that
    /// handlers chose.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn reply<E: ClientEvent>(&self, event: E) -> Reply<E> {
        let request = self.request().await;
        let call = self.kit.unreliable.calls.begin(E::NAME);
        let reply = not_forever(self.kit.engine.submit(request, event)).await;
        call.end(reply.outcome.is_err());
        not_forever(self.kit.engine.observed()).await;
        reply
    }

    /// Runs a custom event by its name, as a client over HTTP does.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead, or if the arguments are no object.
    pub async fn dispatch(&self, name: &str, arguments: Json, execution: Execution) -> Dispatched {
        let Json::Object(arguments) = arguments else {
            panic!("the arguments of an event are an object, not {arguments}");
        };
        let request = self.request().await;
        let engine = &self.kit.engine;
        let call = self.kit.unreliable.calls.begin(name);
        let dispatched = not_forever(engine.dispatch(request, name, arguments, execution)).await;
        call.end(dispatched.outcome.is_err());
        not_forever(engine.observed()).await;
        dispatched
    }

    /// Calls a method of an API service as the SDK does, by POST with a JSON body, and waits for its
    /// answer. `Json::Null` is no body.
    ///
    /// ```
    /// # use vestibule_core::{Json, Result};
    /// # use vestibule_testkit::TestClient;
    /// # async fn send(client: &TestClient<'_>) -> Result<()> {
    /// let body = Json::from_iter([("email", "ann@example.com")]);
    /// let answer = client.invoke("magic-link", "/send", body).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the call came to, if it was an error.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn invoke(&self, service: &str, path: &str, body: Json) -> Result<Json> {
        let body = match body {
            Json::Null => ServiceBody::Empty,
            body => ServiceBody::Json(body),
        };
        let call = ServiceRequest::new(Verb::Post, service, path).with_body(body);
        let called = self.call_service(call, Execution::Sync).await;
        called.outcome.map(Option::unwrap_or_default)
    }

    /// Calls a method of an API service in any way in which HTTP could.
    ///
    /// ```
    /// # use vestibule_core::{Execution, ServiceRequest, Verb};
    /// # use vestibule_testkit::TestClient;
    /// # async fn look(client: &TestClient<'_>) {
    /// let call = ServiceRequest::new(Verb::Get, "magic-link", "/links/7").with_query("verbose", "true");
    /// let answer = client.call_service(call, Execution::Sync).await.outcome;
    /// # }
    /// ```
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn call_service(&self, call: ServiceRequest, execution: Execution) -> Dispatched {
        let request = self.request().await;
        let engine = &self.kit.engine;
        let running = self.kit.unreliable.calls.begin(InvokeService::NAME);
        let called = not_forever(engine.invoke(request, call, execution)).await;
        running.end(called.outcome.is_err());
        not_forever(engine.observed()).await;
        called
    }

    /// Sends an event that needs the CodeRunner key.
    ///
    /// # Errors
    /// Besides the event's own, 2014 if the client has another key.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn submit_as_code_runner<E: CodeRunnerEvent>(&self, event: E) -> Outcome<E> {
        self.reply_as_code_runner(event).await.outcome
    }

    /// Like [`submit_as_code_runner`](TestClient::submit_as_code_runner), with the headers and the
    /// status that handlers chose.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn reply_as_code_runner<E: CodeRunnerEvent>(&self, event: E) -> Reply<E> {
        let request = self.request().await;
        let Some(code_runner) = self.kit.engine.code_runner(&key(self.key)) else {
            let error = Error::refused(2014).saying("this client has not the CodeRunner key");
            return Reply {
                outcome: Err(error),
                response: ResponseParts::default(),
            };
        };
        let call = self.kit.unreliable.calls.begin(E::NAME);
        let reply = not_forever(code_runner.submit(request, event)).await;
        call.end(reply.outcome.is_err());
        not_forever(self.kit.engine.observed()).await;
        reply
    }

    /// The request that this client makes, for doors that the kit has no method for.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn request(&self) -> ClientRequest {
        let presented = self.kit.engine.identify(APP_ID, &key(self.key));
        let presented = presented.unwrap_or_else(|| panic!("the app has no {:?} key", self.key));
        let headers: Headers = self.headers.iter().cloned().collect();
        let mut request = ClientRequest::new(presented).with_headers(headers);
        if let Some(address) = self.address {
            request = request.from_address(address);
        }
        if self.login.is_some() || self.token.is_some() {
            request = match self.authentication().await {
                Authentication::Live(session) | Authentication::Disabled(session) => {
                    request.with_session(session)
                }
                Authentication::Dead => panic!("the token of this client is dead"),
            };
        }
        request
    }

    async fn authentication(&self) -> Authentication {
        let token = self.token.clone();
        let token = token.unwrap_or_else(|| self.token().reveal());
        let authentication = self.kit.engine.authenticate(&token).await;
        authentication.unwrap_or_else(|error| panic!("{}", error.log()))
    }

    fn login(&self) -> &LoggedIn {
        self.login
            .as_ref()
            .unwrap_or_else(|| panic!("this client is not logged in"))
    }
}
