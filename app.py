"""The web application: settings, headers, CSRF, login gate, error pages; the pages themselves are in ``factcheck/web``."""

from __future__ import annotations

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

import factcheck  # noqa: F401  before numpy: it says on how many threads that works
from db import Store, explained, open_store
from factcheck import web
from factcheck.embed import Encoder, open_encoder
from factcheck.errors import ClaimtrailError, NotAllowed, NotFound, NotSignedIn, TooLarge, TooManyTries
from factcheck.records.sources import site_of
from factcheck.settings import Settings
from factcheck.web import access, auth, language, observing, proxies, routes, tokens
from factcheck.worker import Worker

Answer = tuple[str | dict, int, dict[str, str]]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 12 * 1024 * 1024  # bytes; an article file and the form around it
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not "no-referrer": that would take the Origin header away from our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def create_app(
    settings: Settings,
    store: Store | None = None,
    encoder: Encoder | None = None,
    *,
    worker: Worker | None = None,
) -> Flask:
    """The application over the given settings; ``store`` and ``encoder`` are opened from them unless handed in.

    ``worker`` is told when an article was queued; a worker in another process finds it by looking.
    """
    app = Flask(__name__)
    app.url_rule_class = routes.Route
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 24 * 3600  # addresses of static files carry their content's hash
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    opened = store or open_store(settings.store, folder=settings.home, read=settings.database_read), encoder or open_encoder(settings)
    about = (worker.wake, lambda: worker.is_alive) if worker else ()
    observing.register(app)  # before all others, so that whatever happens to a request stands in the log with its id
    web.register(app, web.Services(settings, *opened, *about))

    app.wsgi_app = proxies.Behind(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    app.before_request(_begin_reading)
    app.teardown_request(_end_reading)
    app.before_request(_refuse_forged)
    app.before_request(_know_reader)
    app.before_request(_gate)
    app.after_request(_harden)
    app.register_error_handler(ClaimtrailError, _error_page)
    app.register_error_handler(HTTPException, _http_error_page)
    app.register_error_handler(Exception, _unexpected)
    return app


def _begin_reading() -> None:
    """What changes nothing may be read from a replica."""
    if request.method in SAFE_METHODS:
        g.reading = web.services().store.reading()
        g.reading.__enter__()


def _end_reading(_: BaseException | None) -> None:
    if reading := g.pop("reading", None):
        reading.__exit__(None, None, None)


def _refuse_forged() -> None:
    """Refuse what another site's page makes a browser send. Headers that scripts cannot set tell where a request comes from."""
    if request.method in SAFE_METHODS or _is_api():
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        same = site in ("same-origin", "none")
    elif origin is not None:
        same = site_of(origin) == request.host.lower()
    else:
        same = not request.cookies  # no browser: nobody's session can be abused
    if not same:
        raise NotAllowed("This was sent from another site. Open Claimtrail itself and try again.", key="other_site")


def _is_api() -> bool:
    """True where a token says who asks. No cookie counts there, so that no other site's page can use one."""
    return request.path.startswith(access.API)


def _know_reader() -> None:
    g.user = None if _is_api() else auth.signed_in_user()
    cookies = {} if _is_api() else request.cookies
    accepted = request.accept_languages.best_match(language.LANGUAGES)
    g.words = language.Words(
        language.choose(accepted, g.user.language if g.user else "", cookies.get("language", "")),
        (g.user.time_zone if g.user else "") or web.services().settings.time_zone,
    )
    g.theme = next((t for t in (g.user.theme if g.user else "", cookies.get("theme", "")) if t in auth.THEMES), "")


def _gate():
    endpoint = request.endpoint
    if endpoint is None:  # no such page: say so
        return None
    if _is_api():
        g.user, g.token = tokens.bearer()
        tokens.check_scope(endpoint)
    changing = request.method not in SAFE_METHODS
    open_reading = web.services().settings.open_reading
    role = access.needed(endpoint, changing=changing, open_reading=open_reading)
    if g.user and g.user.must_change_password and endpoint not in access.BEFORE_NEW_PASSWORD:
        if _is_api():
            raise NotAllowed("Sign in and choose a password of your own first.", key="password_first")
        return _go(url_for("auth.password", next=None if changing else _here()))
    if role is None:
        return None
    if g.user is None:
        if changing and not _from_htmx():
            raise NotSignedIn("Sign in first, then do this again.", key="sign_in_first")
        return _go(url_for("auth.sign_in", next=_here() if not changing else None))
    if not g.user.role.includes(role):
        raise NotAllowed(f"This needs the role {role}; yours is {g.user.role}. Ask an administrator.", key="role_missing")
    return None


def _here() -> str:
    return request.full_path.rstrip("?")


def _from_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def _go(target: str) -> Response:
    """Send the whole page to ``target``, also when htmx asked for a part of one."""
    return Response(status=204, headers={"HX-Redirect": target}) if _from_htmx() else redirect(target, 303)


def _harden(response: Response) -> Response:
    response.headers.update(HEADERS)
    if web.services().settings.secure_cookies:  # served over HTTPS: a browser that was here once asks for nothing else
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if g.get("is_error") and _from_htmx():  # the page asked for a part that an error page does not have
        response.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"})
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store" if g.get("user") else "private, no-cache"
        response.vary.update(("Cookie", "Accept-Language"))
    elif "v" not in request.args:
        response.headers["Cache-Control"] = "no-cache"
    return response


def _error_page(error: ClaimtrailError) -> Answer:
    return _answer(error.status, type(error).__name__, error)


def _http_error_page(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, RequestEntityTooLarge):
        return _error_page(TooLarge("The upload is too large.", key="upload_too_large", megabytes=LARGEST_BODY // 2**20))
    if error.code == 404:
        return _error_page(NotFound(""))
    page, status, headers = _answer(error.code, "Error405" if error.code == 405 else "Error400" if error.code < 500 else "Error500")
    headers |= {k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After")}
    return page, status, headers


def _unexpected(error: Exception):
    """Log the error with its trace, show none of it; a disk or database that fails is explained instead."""
    from flask import current_app

    if failure := explained(error):
        current_app.logger.error("the database failed at %s: %s", request.endpoint, failure)
        return _error_page(failure)
    current_app.logger.exception("unexpected error at %s", request.endpoint)
    return _answer(500, "Error500")


def _challenge(error: ClaimtrailError | None) -> dict[str, str]:
    """What RFC 6750 has a program told that came with no token, a wrong one, or one that is not good for this."""
    if isinstance(error, NotSignedIn):
        wrong = ', error="invalid_token"' if error.key == "token_wrong" else ""
        return {"WWW-Authenticate": f'Bearer realm="Claimtrail"{wrong}'}
    if error is not None and error.key == "token_scope":
        return {"WWW-Authenticate": f'Bearer realm="Claimtrail", error="insufficient_scope", scope="{error.values["scope"]}"'}
    return {}


def _answer(status: int, kind: str, error: ClaimtrailError | None = None) -> Answer:
    g.is_error = True
    if "words" not in g:  # the failure came before the reader was known
        g.user, g.theme = None, ""
        g.words = language.Words(language.choose(request.accept_languages.best_match(language.LANGUAGES)))
    headers = _challenge(error) if _is_api() else {}
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(error.values["wait"])
    if request_ctx.url_adapter is None:  # not even the host can be made out: no page can say where anything is
        return "The request names no host that can be understood.\n", status, {"Content-Type": "text/plain; charset=utf-8"}
    if _is_api() or request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return {"error": {"status": status, "kind": kind, "message": str(error or "") or g.words(f"errors.{kind}.title")}}, status, headers
    page = render_template("pages/error.html", status=status, kind=kind, problem=g.words.problem(error) if error else "")
    return page, status, headers
