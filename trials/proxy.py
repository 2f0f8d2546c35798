"""nginx with ``deploy/nginx.conf`` and TLS in front of a real server, on this machine's own addresses: does it all hold together?

    python -m trials.proxy --cache .cache/model [--out docs/reliability.json]

Needs ``nginx`` and ``openssl`` (on Debian: apt-get install nginx-light openssl). Of the configuration only ports, the certificate's place and the time
a slow sender has are changed. Prints a line for each thing looked at; exits with 1 when one of them is not as it should be.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from trials import figures, soak

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "deploy" / "nginx.conf"
HOST = "claims.example.org"
SLOW = 3  # seconds a sender may be silent here, for the 30 of the configuration
METRICS = "a-token-for-the-trial-alone-0123456789"


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        return ", ".join(self.all(name))


class Reader:
    """Somebody at an address of this machine, speaking TLS to the proxy unless ``plain``."""

    def __init__(self, port: int, address: str = "127.0.0.2", *, plain: bool = False):
        self.port, self.address, self.plain = port, address, plain
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE  # it is its own
        self.cookies: dict[str, str] = {}

    def connected(self) -> socket.socket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(self.address, 0))
        return raw if self.plain else self.context.wrap_socket(raw, server_hostname=HOST)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> Answer:
        connection = http.client.HTTPConnection(HOST, timeout=60)
        connection.sock = self.connected()
        sent = {"Host": HOST, "Accept-Language": "en"} | dict(headers)
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent; the answer is there
        got = connection.getresponse()
        answer = Answer(got.status, got.getheaders(), got.read())
        connection.close()
        for line in answer.all("Set-Cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{HOST}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.ask("POST", path, urlencode(form).encode(), sent)


@dataclass
class Place:
    """What the checks speak to."""

    https: int
    http: int
    server: int
    log: Path
    password: str


CHECKS: list[tuple[str, Callable[[Place], bool | str]]] = []


def check(what: str):
    """Note a check; it gives False, or in words what is wrong, where it does not hold."""
    return lambda function: CHECKS.append((what, function)) or function


@check("http leads to https, with the same address")
def _(place: Place):
    found = Reader(place.http, plain=True).ask("GET", "/search?q=a%20b")
    return (found.status, found["Location"]) == (301, f"https://{HOST}/search?q=a%20b") or f"{found.status} {found['Location']}"


@check("TLS 1.2 and 1.3, nothing older, and HTTP/2 for who speaks it")
def _(place: Place):
    spoken = {}
    for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        reader = Reader(place.https)
        reader.context.set_ciphers("ALL:@SECLEVEL=0")
        reader.context.set_alpn_protocols(["h2", "http/1.1"])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that is what is tried
                reader.context.minimum_version = reader.context.maximum_version = version
            with reader.connected() as connection:
                spoken[version.name] = connection.selected_alpn_protocol()
        except (ssl.SSLError, OSError):
            pass
    return spoken == {"TLSv1_2": "h2", "TLSv1_3": "h2"} or str(spoken)


@check("a page with its policy, and one word for browsers to ask for nothing but https")
def _(place: Place):
    page = Reader(place.https).ask("GET", "/")
    once = [page.all(name) for name in ("Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security", "X-Frame-Options", "Referrer-Policy")]
    return (page.status == 200 and all(len(o) == 1 for o in once) and "31536000" in once[2][0] and "Server" in dict(page.headers)) or str(once)


@check("the proxy says neither its version nor what is behind it")
def _(place: Place):
    page = Reader(place.https).ask("GET", "/")
    return page.all("Server") == ["nginx"] or page["Server"]


@check("text is sent packed to who takes it so, and is the same")
def _(place: Place):
    reader = Reader(place.https)
    plain, packed = reader.ask("GET", "/claimreview.json"), reader.ask("GET", "/claimreview.json", headers={"Accept-Encoding": "gzip"})
    page = reader.ask("GET", "/", headers={"Accept-Encoding": "gzip"})
    return (packed["Content-Encoding"] == page["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body) or f"{packed['Content-Type']}: {packed['Content-Encoding']!r}"


@check("what is unchanged is not sent again, packed or not")
def _(place: Place):
    reader = Reader(place.https)
    style = re.search(rb'href="(/static/[^"]+\.css[^"]*)"', reader.ask("GET", "/").body)[1].decode()
    for encoding in ("identity", "gzip"):
        first = reader.ask("GET", style, headers={"Accept-Encoding": encoding})
        again = reader.ask("GET", style, headers={"Accept-Encoding": encoding, "If-None-Match": first["ETag"]})
        if (first.status, again.status) != (200, 304) or "max-age=31536000" not in first["Cache-Control"]:
            return f"{encoding}: {first.status} {first['ETag']} {again.status} {first['Cache-Control']}"
    return True


@check("signing in: a cookie for https alone, onwards by a path")
def _(place: Place):
    reader = Reader(place.https)
    told = reader.ask("GET", "/users")
    if told.status not in (302, 303) or not (told["Location"].startswith(("/sign-in", f"https://{HOST}/sign-in"))):
        return f"{told.status} {told['Location']}"
    entered = reader.post("/sign-in", {"name": "admin", "password": place.password})
    cookies = [c for c in entered.all("Set-Cookie") if not c.startswith(("language", "theme"))]
    right = entered.status == 303 and cookies and all(all(word in c for word in ("Secure", "HttpOnly", "SameSite=Lax")) for c in cookies)
    return (right and not entered["Location"].startswith("http:") and reader.ask("GET", "/password").status == 200) or f"{entered.status} {entered['Location']} {[c.partition('=')[2] for c in cookies]}"


@check("a form of another site, or of this one without TLS, is refused")
def _(place: Place):
    refused = [Reader(place.https).post("/sign-in", {"name": "admin", "password": "x"}, **more).status for more in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"})]
    return refused == [403, 403] or str(refused)


@check("who tries passwords is held up by address, whatever the browser says it is; others are not")
def _(place: Place):
    guesser = Reader(place.https, "127.0.0.7")
    statuses = [guesser.post("/sign-in", {"name": f"nobody-{n}", "password": "a guess of mine"}, X_Forwarded_For=f"198.51.100.{n}, 127.0.0.1").status for n in range(32)]
    other = Reader(place.https, "127.0.0.8").post("/sign-in", {"name": "somebody", "password": "a guess of mine"}, X_Forwarded_For="127.0.0.7").status
    return (429 in statuses[28:] and 429 not in statuses[:29] and statuses[-1] == 429 and other != 429) or f"{statuses} {other}"


@check("no address of a reader stands in the log")
def _(place: Place):
    return "127.0.0.7" not in place.log.read_text()


@check("a body above 12 MB gets Claimtrail's page, one above 13 MB the proxy's")
def _(place: Place):
    told = []
    for size in (12.5, 14.0):
        answer = Reader(place.https).ask("POST", "/sign-in", b"a=" + b"x" * int(size * 2**20), {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{HOST}"})
        told.append((answer.status, b"Claimtrail" in answer.body, len(answer.all("Strict-Transport-Security"))))
    return told == [(413, True, 1), (413, False, 1)] or str(told)


@check("40 slow senders keep nobody waiting, and are sent away")
def _(place: Place):
    head = f"POST /sign-in HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na="
    senders = [Reader(place.https, f"127.0.1.{n + 1}").connected() for n in range(40)]
    for sender in senders:
        sender.sendall(head.encode())
    began = time.monotonic()
    page = Reader(place.https).ask("GET", "/people")
    waited = time.monotonic() - began
    ends = []
    for sender in senders:
        sender.settimeout(SLOW + 20)
        try:
            ends.append(sender.recv(100)[9:12] in (b"408", b""))
        except OSError:
            ends.append(False)
        sender.close()
    return (page.status == 200 and waited < 5 and all(ends)) or f"{page.status} after {waited:.1f} s, {sum(ends)} of 40 sent away"


@check("an export comes whole, and begins before it is all there")
def _(place: Place):
    reader = Reader(place.https)
    whole = reader.ask("GET", "/search.csv")
    direct = http.client.HTTPConnection("127.0.0.1", place.server, timeout=60)
    direct.request("GET", "/search.csv", headers={"Host": HOST, "Accept-Language": "en", "X-Forwarded-Proto": "https"})
    same = direct.getresponse().read()
    return (whole.status == 200 and whole.body == same and whole["Transfer-Encoding"] == "chunked" and len(same) > 1000) or f"{whole.status}, {len(whole.body)} and {len(same)} bytes, {whole['Transfer-Encoding']}"


@check("the metrics are for this machine alone, with the token")
def _(place: Place):
    asked = [Reader(place.https, address).ask("GET", "/metrics", headers=headers).status for address, headers in (
        ("127.0.0.9", {"Authorization": f"Bearer {METRICS}"}), ("127.0.0.1", {"Authorization": f"Bearer {METRICS}"}), ("127.0.0.1", {}),
    )]  # fmt: skip
    return (asked[:2] == [403, 200] and asked[2] in (401, 303)) or str(asked)


@check("a request bears one id from proxy to log, not one that was sent")
def _(place: Place):
    answer = Reader(place.https).ask("GET", "/topics", headers={"X-Request-ID": "sent-from-outside"})
    given = answer["X-Request-ID"]
    return (re.fullmatch("[0-9a-f]{32}", given) is not None and given in place.log.read_text() and "sent-from-outside" not in place.log.read_text()) or given


@check("links in feeds and mails lead to where readers are")
def _(place: Place):
    feed = Reader(place.https).ask("GET", "/promises.rss").body.decode()
    return (f"https://{HOST}/" in feed and "127.0.0.1" not in feed and "http://claims" not in feed) or feed[:300]


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m trials.proxy", description=__doc__.splitlines()[0])
    asked.add_argument("--cache", type=Path, help="folder of the unpacked model, instead of unpacking it anew")
    asked.add_argument("--out", type=Path, help="a file of figures to add to")
    given = asked.parse_args()
    missing = [name for name in ("nginx", "openssl") if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    if missing:
        print(f"This needs {' and '.join(missing)}; on Debian: apt-get install nginx-light openssl", file=sys.stderr)
        return 2
    wrong = []
    with tempfile.TemporaryDirectory(prefix="claimtrail-proxy-") as name:
        folder = Path(name)
        environment = soak.surroundings(folder / "home", (given.cache or folder / "cache").resolve()) | {
            "CLAIMTRAIL_BASE_URL": f"https://{HOST}", "CLAIMTRAIL_SECURE_COOKIES": "1", "CLAIMTRAIL_TRUSTED_PROXIES": "127.0.0.1", "CLAIMTRAIL_METRICS_TOKEN": METRICS,
        }  # fmt: skip
        made = subprocess.run([sys.executable, "-m", "factcheck", "init", "--demo"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
        if made.returncode:
            raise SystemExit(made.stderr)
        place = Place(soak.free_port(), soak.free_port(), int(environment["PORT"]), folder / "server.log", re.search(r"one-time password: (\S+)", made.stdout)[1])
        proxy = begin(folder, place)
        server = None
        try:
            server = soak.serve(environment, place.log)
            for what, looked in CHECKS:
                try:
                    found = looked(place)
                except Exception as error:  # whatever it is, the other checks go on
                    found = f"{type(error).__name__}: {error}"
                print(f"{'ok   ' if found is True else 'WRONG'}  {what}{'' if found is True else f': {found}'}", flush=True)
                wrong += [what] if found is not True else []
            server.terminate()
            server.wait(60)
            gone = Reader(place.https).ask("GET", "/")
            print(f"{'ok   ' if gone.status == 502 and gone['Strict-Transport-Security'] else 'WRONG'}  with the server gone the proxy says so")
            wrong += [] if gone.status == 502 and gone["Strict-Transport-Security"] else ["with the server gone"]
        finally:
            proxy.terminate()
            proxy.wait(20)
            if server and server.poll() is None:
                server.kill()
        if "Traceback" in place.log.read_text():
            wrong.append("an error in the server's log")
            print(place.log.read_text()[-3000:], file=sys.stderr)
    print(f"{len(CHECKS) + 1} checks, {len(wrong)} wrong")
    if given.out:
        version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}).stderr.strip().rpartition("/")[2]
        figures.put(given.out, "proxy", "python -m trials.proxy", {"nginx": version, "checks": len(CHECKS) + 1, "wrong": len(wrong)})
    return 1 if wrong else 0


def configuration(text: str, folder: Path, place: Place) -> str:
    """A whole configuration around the one of the project, on other ports."""
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{place.http};"), ("listen 443 ", f"listen 127.0.0.1:{place.https} "),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{place.server}"), ("client_body_timeout 30s", f"client_body_timeout {SLOW}s"),
        ("/etc/letsencrypt/live/claims.example.org/fullchain.pem", str(folder / "certificate.pem")), ("/etc/letsencrypt/live/claims.example.org/privkey.pem", str(folder / "key.pem")),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    text = re.sub(r" *listen \[::\].*\n", "", text)
    folders = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{folders}{text}}}\n"


def begin(folder: Path, place: Place) -> subprocess.Popen:
    """nginx, answering."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "nginx.conf").write_text(configuration(CONFIGURATION.read_text(), folder, place))
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    tested = subprocess.run([nginx, "-t", "-c", folder / "nginx.conf"], capture_output=True, text=True)
    if tested.returncode:
        raise SystemExit(f"nginx does not take deploy/nginx.conf:\n{tested.stderr}")
    process = subprocess.Popen([nginx, "-c", folder / "nginx.conf"])
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", place.https), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise SystemExit("nginx did not start.")


if __name__ == "__main__":
    sys.exit(main())
