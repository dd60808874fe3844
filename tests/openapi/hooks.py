"""What schemathesis needs to know about this server, besides its document."""

import itertools
import json
import os
import urllib.request

import schemathesis

API = os.environ["VESTIBULE_API"]
FRESH = itertools.count()


@schemathesis.check
def error_code_conformance(ctx, response, case):
    """A refusal has an error code that the document names for its status; no operation is wrong (405)."""
    if response.status_code < 400 or response.status_code == 405:
        return
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    codes = described.get("x-error-codes", [])
    code = response.json().get("code")
    assert code in codes, f"status {response.status_code} has the undocumented error code {code}"


def call(path, body):
    request = urllib.request.Request(
        API + path,
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def log_in_as_user():
    login = f"fresh-{os.getpid()}-{next(FRESH)}@example.com"
    call("/users/register", {"email": login, "password": "a good password"})
    return call("/users/login", {"login": login, "password": "a good password"})


def log_in_as_guest():
    return call("/users/register/guest", {})


LOG_IN = {
    "user": log_in_as_user,
    "guest": log_in_as_guest,
    "service": log_in_as_user,
}.get(os.environ["VESTIBULE_CALLER"])

if LOG_IN:

    # Sessions end in such a run: users log out, are removed and disabled.
    @schemathesis.auth(refresh_interval=2)
    class Session:
        def get(self, case, context):
            return LOG_IN()["user-token"]

        def set(self, case, token, context):
            case.headers["user-token"] = token
