"""Starts a server with known keys and something in it, and lets schemathesis loose on it.

usage: run.py SERVER APP SCHEMATHESIS [option of schemathesis...]

The document is run five times at once, each time on a server of its own: the app's calls as a user
with the JS key, as a guest of the profile `strict` and as server code with the CodeRunner's key; and,
on the server APP that has services and timers of its own, one of these services as a user, and the
operator's calls. A failure prints the curl that shows it. The seed is fixed; what the server makes up
(ids, tokens) is not.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
APP, JS_KEY, BL_KEY = "schemathesis-app", "js-key-for-schemathesis", "bl-key-for-schemathesis"
ADMIN_TOKEN = "admin-token-for-schemathesis"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
    "error_code_conformance",
]  # fmt: skip
OPERATORS_PATHS = "^/(admin|healthz|readyz|metrics|openapi)"
# The one service of APP that behaves: others are there to fail.
SERVICE_PATHS = "^/services/orchard/"
LONGEST_RUN = 600


def start(server, folder, profile):
    """Starts the server; its process and its address."""
    log = open(folder / "server.log", "w+b")
    process = subprocess.Popen(
        [server, "serve", "--listen", "127.0.0.1:0", "--data", folder / "data"]
        + ["--profile", profile, "--app-id", APP, "--key-js", JS_KEY]
        + ["--key-cloudcode", BL_KEY, "--admin-token", ADMIN_TOKEN]
        + ["--mail-folder", folder / "mails"],
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    for _ in range(300):
        listening = re.search(r"listening on (http://\S+)", (folder / "server.log").read_text())
        if listening:
            return process, listening[1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("the server did not start:\n" + (folder / "server.log").read_text())


def call(method, url, body=None):
    headers = {"content-type": "application/json", "authorization": f"Bearer {ADMIN_TOKEN}"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def read(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def fill(url, caller):
    """Two tables that relate to each other, some rows, a role, and a user, whose id is answered."""
    admin, app = f"{url}/admin/api", f"{url}/{APP}/{BL_KEY}"
    settings = {"login": {"multipleLogins": True}, "guests": {"perAddressPerMinute": 0}}
    # Only server code asks for the link that confirms an address, and it has no session to lose.
    settings["registration"] = {"emailConfirmationRequired": caller == "code"}
    call("PATCH", f"{admin}/settings", settings)
    call("POST", f"{admin}/roles", {"name": "Support"})
    for table in ["Order", "Line"]:
        call("POST", f"{admin}/tables", {"name": table})
        for name, column_type in [
            ("name", "STRING"),
            ("price", "DOUBLE"),
            ("ripe", "BOOLEAN"),
            ("placed", "DATETIME"),
            ("notes", "JSON"),
        ]:
            column = {"name": name, "type": column_type}
            call("POST", f"{admin}/tables/{table}/columns", column)
    for name, cardinality in [("lines", "ONE_TO_MANY"), ("first", "ONE_TO_ONE")]:
        relation = {"name": name, "type": "RELATION", "toTable": "Line", "cardinality": cardinality}
        call("POST", f"{admin}/tables/Order/columns", relation)
    for table, row in [("Order", "order-1"), ("Order", "order-2"), ("Line", "line-1")]:
        record = {"objectId": row, "name": row, "price": 7, "notes": {"a": 1}}
        call("PUT", f"{app}/data/{table}/upsert", record)
    call("POST", f"{app}/data/Order/order-1/lines", ["line-1"])
    user = {"email": "ann@example.com", "password": "a good password"}
    return call("POST", f"{app}/users/register", user)["objectId"]


class Run:
    """One run of schemathesis on a server of its own: what one caller does harms no other."""

    def __init__(self, name, caller, root, profile, folder, server, schemathesis, options):
        self.name, self.folder = name, folder
        folder.mkdir()
        self.server, self.url = start(server, folder, profile)
        self.running = None
        try:
            self.running = self.begin(caller, self.url + root, schemathesis, options)
        except BaseException:
            self.end()
            raise

    def begin(self, caller, root, schemathesis, options):
        user = fill(self.url, caller)
        document, config = self.folder / "openapi.json", self.folder / "schemathesis.toml"
        document.write_text(json.dumps(call("GET", f"{self.url}/openapi.json")))
        text = (HERE / "schemathesis.toml").read_text()
        text = text.replace("@HOOKS@", str(HERE / "hooks.py")).replace("@USER@", user)
        text = text.replace("@ADMIN@", ADMIN_TOKEN)
        config.write_text(text.replace("@EXAMPLES@", os.environ.get("OPENAPI_EXAMPLES", "20")))
        which = {
            "operator": ["--include-path-regex", OPERATORS_PATHS],
            "service": ["--include-path-regex", SERVICE_PATHS],
        }.get(caller, ["--exclude-path-regex", OPERATORS_PATHS])
        # A POST calls methods of other verbs, too, and what no method takes is 14002: never 405.
        never = {"unsupported_method"} if caller == "service" else {}
        checks = ",".join(check for check in CHECKS if check not in never)
        command = [schemathesis, f"--config-file={config}", "run", document, f"--url={root}"]
        command += [f"--checks={checks}", *which, *options]
        return subprocess.Popen(
            command,
            stdout=open(self.folder / "log", "wb"),
            stderr=subprocess.STDOUT,
            env=os.environ
            | {"VESTIBULE_API": root, "VESTIBULE_CALLER": caller}
            | {"PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.folder,
        )

    def worked(self, answered):
        """Waits for its end, and tells what was wrong; adds the statuses that each route answered."""
        self.running.wait(timeout=LONGEST_RUN)
        is_alive = self.server.poll() is None
        if is_alive:
            for line in read(f"{self.url}/metrics").decode().splitlines():
                if counted := re.match(r'\w+_requests_total\{route="(.+)",status="(\d+)"\}', line):
                    answered.setdefault(counted[1], set()).add(counted[2])
        log = (self.folder / "log").read_text()
        calls = re.search(r"(\d+) generated", log)
        is_clean = self.running.returncode == 0 and calls is not None
        print(f"-- as {self.name}:", "ok" if is_clean else "FAILED", calls[0] if calls else "")
        if not is_alive or not is_clean:
            print(log)
            end = (self.folder / "server.log").read_text()[-5000:]
            print("what the server said" + (":" if is_alive else ", which ended:"), end, sep="\n")
        return is_alive and is_clean

    def end(self):
        for process in filter(None, [self.running, self.server]):
            process.terminate()
            process.wait(timeout=60)


def main():
    server, app, schemathesis, *options = sys.argv[1:]
    callers = [
        ("a user", "user", server, "/api", "backendless"),
        ("a guest", "guest", server, "/api", "strict"),
        ("server code", "code", server, f"/{APP}/{BL_KEY}", "backendless"),
        ("a user of a service", "service", app, "/api", "backendless"),
        ("the operator", "operator", app, "", "strict"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        folder, runs = pathlib.Path(folder), []
        try:
            for name, caller, binary, *how in callers:
                tools = (folder / caller, binary, schemathesis, options)
                runs.append(Run(name, caller, *how, *tools))
            answered = {}
            worked = [run.worked(answered) for run in runs]
            print(f"-- {len(answered)} routes answered; these never with a success:")
            for route, statuses in sorted(answered.items()):
                if not any(status.startswith("2") for status in statuses):
                    print(f"   {route}: {', '.join(sorted(statuses))}")
        finally:
            for run in runs:
                run.end()
    sys.exit(0 if all(worked) else 1)


main()
