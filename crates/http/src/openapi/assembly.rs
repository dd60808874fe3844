use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use schemars::{
    Schema, SchemaGenerator, generate::Contract, generate::SchemaSettings, json_schema,
};
use serde_json::{Value as Json, json};
use vestibule_model::ErrorCode;
use vestibule_wire::ErrorBody;

use super::{
    described::{Answer, Described},
    document::{
        Components, Document, Info, MediaType, Operation, Parameter, PathItem, RequestBody,
        Response, Server, ServerVariable, Tag,
    },
    groups::Group,
    requests::NAME,
};
use crate::error::usual_status;

const JSON: &str = "application/json";

/// What a method of a service answers if it wants to answer text.
const ANY_TEXT: &str = "text/*";

/// Where the routes of the app are; the paths of the document leave it out.
const API: &str = "/api";

const ADMIN_API: &str = "/admin/api";

const ABOUT: &str = "A user service and a framework for cloud code. Calls below the app's root need \
    an API key in the URL, or the domain form, and take the session's token in the header \
    `user-token`. Handlers can make any call of theirs answer with a status and an error code of \
    their own choice; what is said here is said of a server without them.";

/// Puts the descriptions together.
pub(super) fn assemble(groups: Vec<(Group, Vec<Described>)>) -> Document {
    let mut schemas = SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.contract = Contract::Serialize;
        })
        .into_generator();
    let mut paths: BTreeMap<_, PathItem> = BTreeMap::new();
    let mut tags = Vec::new();
    for (group, routes) in groups {
        for route in routes {
            let item = paths.entry(documented_path(&route.path)).or_default();
            if !is_of_app(&route.path) {
                item.servers = vec![server("/", "This server.")];
            }
            let method = route.method.as_str().to_ascii_lowercase();
            let operation = operation(group.name, route, &mut schemas);
            item.operations.insert(method, operation);
        }
        tags.push(Tag {
            name: group.name,
            description: group.about,
        });
    }
    Document {
        openapi: "3.1.1",
        info: Info {
            title: "Vestibule",
            version: env!("CARGO_PKG_VERSION"),
            description: ABOUT,
        },
        servers: vec![
            server(API, "The app of this domain, with its JS key."),
            Server {
                variables: BTreeMap::from([
                    ("appId", variable("The app's id.")),
                    ("apiKey", variable("One of the app's keys.")),
                ]),
                ..server(
                    "/{appId}/{apiKey}",
                    "The app by its id and one of its keys.",
                )
            },
        ],
        tags,
        paths,
        components: Components {
            schemas: schemas.take_definitions(true),
            security_schemes: security_schemes(),
        },
    }
}

fn is_of_app(path: &str) -> bool {
    path.strip_prefix(API)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn documented_path(path: &str) -> String {
    let path = match is_of_app(path) {
        true => path.strip_prefix(API).unwrap_or(path),
        false => path,
    };
    path.to_owned()
}

fn server(url: &'static str, description: &'static str) -> Server {
    Server {
        url,
        description,
        variables: BTreeMap::new(),
    }
}

fn variable(description: &'static str) -> ServerVariable {
    ServerVariable {
        default: "YOURS",
        description,
    }
}

fn security_schemes() -> Json {
    json!({
        "userToken": {
            "type": "apiKey",
            "in": "header",
            "name": "user-token",
            "description": "The token that a login answers. A dead one is refused with 3064."
        },
        "adminToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "The admin token; the start-up text says where it is."
        }
    })
}

fn operation(tag: &'static str, route: Described, schemas: &mut SchemaGenerator) -> Operation {
    let responses = responses(&route, schemas);
    let security = security(&route.path);
    let in_path = path_parameters(&route);
    let in_query = route.query.iter().map(|key| Parameter {
        name: key.name.to_owned(),
        place: "query",
        description: key.about,
        required: key.required,
        schema: key.kind.schema(),
    });
    let in_headers = route.headers.iter().map(|header| Parameter {
        name: header.name.to_owned(),
        place: "header",
        description: header.about,
        required: false,
        schema: json!({"type": "string", "enum": header.values}),
    });
    Operation {
        operation_id: route.id,
        summary: route.summary,
        description: route.description,
        tags: [tag],
        parameters: in_path
            .into_iter()
            .chain(in_query)
            .chain(in_headers)
            .collect(),
        request_body: route.body.map(|body| RequestBody {
            required: body.required,
            content: json_content(body.schema),
        }),
        responses,
        security,
    }
}

/// The ways to come in.
fn security(path: &str) -> Vec<BTreeMap<&'static str, [&'static str; 0]>> {
    let (nobody, with) = (BTreeMap::new(), |scheme| BTreeMap::from([(scheme, [])]));
    if is_of_app(path) {
        vec![nobody, with("userToken")]
    } else if path.starts_with(ADMIN_API) {
        vec![with("adminToken")]
    } else if is_for_operator_or_local(path) {
        vec![nobody, with("adminToken")]
    } else {
        vec![]
    }
}

/// Callers on this machine need no token.
fn is_for_operator_or_local(path: &str) -> bool {
    ["/metrics", "/openapi.json"].contains(&path)
}

fn path_parameters(route: &Described) -> Vec<Parameter> {
    let variables = route.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    });
    let parameter = |name: &str| {
        let of_its_own = route.segments.iter().find(|segment| segment.name == name);
        let (description, schema) = match of_its_own {
            Some(segment) => (segment.about, segment.kind.schema()),
            None => path_parameter(name),
        };
        Parameter {
            name: name.to_owned(),
            place: "path",
            description,
            required: true,
            schema,
        }
    };
    variables.map(parameter).collect()
}

fn path_parameter(name: &str) -> (&'static str, Json) {
    let name_of = json!({"type": "string", "pattern": NAME});
    let text = json!({"type": "string", "minLength": 1});
    match name {
        "table" => ("The table's name.", name_of),
        "column" => ("The column's name.", name_of),
        "id" => (
            "An objectId.",
            json!({"type": "string", "minLength": 1, "maxLength": 64}),
        ),
        "token" => ("A token.", text),
        "session" => ("What the list of sessions calls it.", text),
        "path" => ("The timer's name: `crate::module::function`.", text),
        "access" => (
            "Whether it is granted or denied.",
            json!({"enum": ["GRANT", "DENY"]}),
        ),
        "relation" => (
            "The relation's name. Where the schema is dynamic, `name:Table:1` and `name:Table:n` \
             make it.",
            text,
        ),
        "identity" => (
            "What the user logs in with: the email address, usually.",
            text,
        ),
        "role" => ("The role's name.", text),
        _ => ("A name.", text),
    }
}

/// Answers by status: the success, and the refusals with their codes.
fn responses(route: &Described, schemas: &mut SchemaGenerator) -> BTreeMap<String, Response> {
    let mut responses = BTreeMap::new();
    let success = Response {
        description: "It worked.".to_owned(),
        content: match route.answer {
            Answer::Empty => BTreeMap::new(),
            Answer::Json(schema) => json_content(schema(schemas)),
            Answer::Text(content_type) => content(content_type, json_schema!({"type": "string"})),
            Answer::Anything => BTreeMap::from([
                (
                    JSON,
                    MediaType {
                        schema: json_schema!(true),
                    },
                ),
                (
                    ANY_TEXT,
                    MediaType {
                        schema: json_schema!({"type": "string"}),
                    },
                ),
            ]),
        },
        error_codes: Vec::new(),
    };
    responses.insert(route.status.as_u16().to_string(), success);
    for (status, codes) in refusals(route) {
        let refusal = Response {
            description: texts(&codes),
            content: json_content(schemas.subschema_for::<ErrorBody<'_>>()),
            error_codes: codes.into_iter().map(|code| code.0).collect(),
        };
        responses.insert(status.as_str().to_owned(), refusal);
    }
    responses
}

/// Numbers and meanings of the codes with which a route refuses, by status.
fn refusals(route: &Described) -> BTreeMap<StatusCode, BTreeSet<(i32, &'static str)>> {
    let mut refusals: BTreeMap<StatusCode, BTreeSet<_>> = BTreeMap::new();
    let mut add = |status, code: ErrorCode| {
        let codes = refusals.entry(status).or_default();
        codes.insert((code.number(), code.about()));
    };
    for code in &route.codes {
        add(usual_status(*code), *code);
    }
    let is_admin = route.path.starts_with(ADMIN_API);
    if is_of_app(&route.path) {
        let code = ErrorCode::WrongApplication;
        add(usual_status(code), code);
    }
    if is_admin || is_for_operator_or_local(&route.path) {
        add(StatusCode::UNAUTHORIZED, ErrorCode::OperationNotAllowed);
    }
    let has_parameters = route.path.contains('{') || !route.query.is_empty();
    if is_admin || (is_of_app(&route.path) && has_parameters) {
        let code = ErrorCode::InvalidParameter;
        add(usual_status(code), code);
    }
    add(StatusCode::REQUEST_TIMEOUT, ErrorCode::MalformedBody);
    add(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::ValueTooLong);
    add(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal);
    add(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Internal);
    refusals
}

fn texts(codes: &BTreeSet<(i32, &'static str)>) -> String {
    let texts = codes.iter().map(|(code, about)| format!("{code}: {about}"));
    texts.collect::<Vec<_>>().join("\n")
}

fn json_content(schema: Schema) -> BTreeMap<&'static str, MediaType> {
    content(JSON, schema)
}

fn content(content_type: &'static str, schema: Schema) -> BTreeMap<&'static str, MediaType> {
    BTreeMap::from([(content_type, MediaType { schema })])
}
