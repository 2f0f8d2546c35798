"""The log: every change leaves a line, a line says what it was before and after, and no line is ever changed or taken away."""

from __future__ import annotations

import ast
import csv
import inspect
import io
import re
from pathlib import Path

import pytest
from web_site import PASSWORD, SAME_ORIGIN, UNLOGGED, Site, site  # noqa: F401  (a fixture)

from factcheck.records import Act, LogFilter, Role
from factcheck.web import access
from factcheck.web.language import catalogue

ROOT = Path(__file__).resolve().parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text())
    for path in [*(ROOT / "factcheck").rglob("*.py"), *(ROOT / "db").rglob("*.py")]
}


def page(site: Site, address: str, role: Role = Role.ADMINISTRATOR) -> str:
    answer = site.client(role).get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def fill(site: Site, n: int, **more) -> None:
    for i in range(n):
        given = {"user_name": "anna", "action": "changed", "object_type": "claim", "object_id": i} | more
        site.store.audit.add(**given)


# Nothing is changed or taken away


@pytest.mark.parametrize("change", ["UPDATE audit SET user_name = 'x'", "DELETE FROM audit", pytest.param("REPLACE INTO audit SELECT * FROM audit", marks=pytest.mark.file_only)])
def test_the_database_itself_refuses_to_change_or_delete_a_line(site, change):
    fill(site, 1)
    before = site.store.audit.newest(LogFilter())
    with pytest.raises(site.store.errors), site.store.write() as db:
        if change.startswith("REPLACE"):
            db.execute("PRAGMA recursive_triggers = on")
        db.execute(change)
    assert site.store.audit.newest(LogFilter()) == before


def test_no_statement_in_the_program_changes_or_deletes_lines_of_the_log():
    words = [
        (name, node.value)
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    touching = [(name, text) for name, text in words if re.search(r"\b(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|INTO|TABLE|TRIGGER)\s+(\w+\s+ON\s+)?audit", text, re.I)]
    assert {name for name, _ in touching} == {"db.audit", "db.erasures"}
    assert [re.sub(r"\(.*", "", text).strip() for name, text in touching if name == "db.audit"] == ["INSERT INTO audit"]
    assert sorted(text for name, text in touching if name == "db.erasures") == [
        # The two exceptions docs/privacy.md states; a trigger allows nothing else (test_privacy.py).
        "UPDATE audit SET before = NULL, after = NULL WHERE action IN ('signed in', 'signed out', 'failed to sign in') AND at < ? AND after IS NOT NULL",
        "UPDATE audit SET user_name = ?, before = ?, after = ? WHERE id = ?",
    ]
    for file in sorted((ROOT / "db").glob("m0*.sql")):
        changes = re.findall(r"\b(?:UPDATE|DELETE FROM|DROP TABLE|DROP TRIGGER|ALTER TABLE)\s+audit\w*", file.read_text(), re.I)
        assert changes == (["DROP TRIGGER audit_fixed"] if file.name == "m003.sql" else []), file.name  # made anew there, stricter than an exception


def test_the_store_has_no_way_to_change_or_delete_lines(site):
    ways = {name for name, _ in inspect.getmembers(site.store.audit, inspect.ismethod) if not name.startswith("_")}
    assert ways == {"add", "get", "of", "history", "newest", "every", "choices"}


def test_no_route_leads_to_changing_the_log(site):
    about = [r for r in site.app.url_map.iter_rules() if r.endpoint.startswith("audit.")]
    assert about and all(r.methods <= {"GET", "HEAD", "OPTIONS"} for r in about)
    administrator = site.client(Role.ADMINISTRATOR)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/audit", "/audit.csv"):
            assert administrator.open(path, method=method, headers=SAME_ORIGIN).status_code == 405


# Every change leaves a line


def calls(module: str, function: ast.AST) -> set[tuple[str, str]]:
    """(module, function) pairs that a function calls: by name in its own module, by an imported name, by an imported module's name."""
    found: set[tuple[str, str]] = set()
    imported: dict[str, str] = {}
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    constants = {t.id: n.value for n in MODULES[module].body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    nodes = list(ast.walk(function))
    nodes += [inner for n in nodes if isinstance(n, ast.Name) and n.id in constants for inner in ast.walk(constants[n.id])]
    for node in nodes:
        if isinstance(node, ast.Name):
            found.add((module, node.id))
            if node.id in imported:
                home, _, name = imported[node.id].rpartition(".")
                found.add((home, name))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
            found.add((imported[node.value.id], node.attr))
    return found


FUNCTIONS = {
    (module, node.name): node for module, tree in MODULES.items() for node in tree.body if isinstance(node, ast.FunctionDef)
}


def leaves_a_line(module: str, name: str) -> bool:
    """True when a function, or one it calls, writes to the log."""
    waiting, seen = [(module, name)], set()
    while waiting:
        at = waiting.pop()
        if at in seen or at not in FUNCTIONS:
            continue
        seen.add(at)
        if any(isinstance(n, ast.Attribute) and ast.unparse(n).endswith("audit.add") for n in ast.walk(FUNCTIONS[at])):
            return True
        waiting += calls(at[0], FUNCTIONS[at])
    return False


def test_every_endpoint_that_changes_something_leaves_a_line_or_says_why_not(site):
    """What the tests of the pages meet is watched besides (``web_site.watch_log``): a change without a line fails that test."""
    changing = {endpoint for endpoint, (_, rule) in access.RULES.items() if rule != access.NOBODY_EVER}
    silent = {e for e in changing if not leaves_a_line(site.app.view_functions[e].__module__, site.app.view_functions[e].__name__)}
    assert silent - UNLOGGED.keys() == set()
    assert UNLOGGED.keys() <= changing and all(UNLOGGED.values())


def test_the_watch_over_the_tests_sees_a_change_without_a_line(site):
    client = site.client(Role.EDITOR)

    def silently():
        with site.store.write() as db:
            db.execute("UPDATE people SET gender = 'f'")
        return "done"

    site.app.view_functions["auth.sign_out"] = silently
    client.post("/sign-out", headers=SAME_ORIGIN)
    assert site.unlogged == ["auth.sign_out"]
    site.unlogged.clear()


def test_getting_in_stands_in_the_log_without_what_was_typed(site):
    def tried(name: str, password: str) -> None:
        site.app.test_client().post("/sign-in", data={"name": name, "password": password}, headers=SAME_ORIGIN)

    tried("editor-1", "wrong password")
    tried("my-password-in-the-wrong-field", "wrong password")
    client = site.client(Role.EDITOR)
    client.post("/sign-out", headers=SAME_ORIGIN)
    form = {"current": PASSWORD, "new": "a river of stones", "again": "a river of stones"}
    site.client(Role.READER).post("/password", data=form, headers=SAME_ORIGIN)
    entries = site.store.audit.newest(LogFilter())[::-1]
    assert [(e.user_name, e.action) for e in entries if e.object_type == "user"] == [
        ("editor-1", "failed to sign in"),
        ("", "failed to sign in"),
        ("editor-1", "signed in"),
        ("editor-1", "signed out"),
        ("reader-1", "signed in"),
        ("reader-1", "changed the password"),
    ]
    told = str(entries)
    assert "wrong" not in told and "river" not in told and PASSWORD not in told and "127.0.0.1" not in told and "127.0.0.*" in told


# Who sees what


def test_editors_see_changes_administrators_see_accounts_too_and_others_nothing(site):
    fill(site, 1, action="made a claim")
    fill(site, 1, action="reset a password", object_type="user")
    fill(site, 1, action="made a token", object_type="token")
    administrators, editors = page(site, "/audit"), page(site, "/audit", Role.EDITOR)
    assert "made a claim" in editors.lower() and "made a claim" in administrators.lower()
    for line in ("reset a password", "made a token"):
        assert line in administrators.lower()
        assert f"<span>{line}" not in editors.lower()
    rows = site.client(Role.EDITOR).get("/audit.csv?type=user").text
    assert len(rows.splitlines()) == 1
    for role in (Role.READER, Role.JOURNALIST):
        assert site.client(role).get("/audit").status_code == 403 == site.client(role).get("/audit.csv").status_code
    assert site.anonymous.get("/audit").status_code == 303


def test_a_line_says_in_words_what_it_was_and_is(site):
    site.store.audit.add(
        "anna", "changed a role", "user", 3,
        before={"role": "editor", "same": 1, "note": "", "old <b>": "x"},
        after={"role": "reader", "same": 1, "note": "1 < 2", "shared": True, "at": "2026-01-02T03:04:05+00:00", "list": ["a", "b"]},
    )  # fmt: skip
    text = page(site, "/audit?user=anna")
    changes = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)
    plain = {field: re.sub(r"<span class=\"hidden\">.*?</span>|<span aria-hidden=\"true\">→</span>", "", value) for field, value in changes}
    assert plain == {
        "role": "<del>Editor</del>  <ins>Reader</ins>",
        "note": "<ins>1 &lt; 2</ins>",
        "old &lt;b&gt;": "<del>x</del>",
        "shared": "<ins>yes</ins>",
        "at": "<ins>2 Jan 2026, 03:04 UTC</ins>",
        "list": "<ins>a, b</ins>",
    }


# Actions that are made of two parts.
PUT_TOGETHER = (
    *(f"corrected: {act}" for act in Act),
    *(f"took back: {what}" for what in ("merged", "split", "review", "coverage", "occurrence")),
    *(f"{done}: {what}" for done in ("added", "changed") for what in ("review", "coverage", "occurrence")),
)
OBJECTS = {k.removeprefix("audit.object.") for k in catalogue("en") if k.startswith("audit.object.")}


def texts_of(tree: ast.AST, call: ast.Call) -> set[str]:
    """The actions that a call may write: said in it, or given to the name or the table that stands in it."""
    nodes = [n for a in call.args if not isinstance(a, ast.JoinedStr) for n in ast.walk(a)]
    names = {n.id for n in nodes if isinstance(n, ast.Name)} & {"action", "_ACTIONS"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and {t.id for t in node.targets if isinstance(t, ast.Name)} & names:
            nodes += [n for n in ast.walk(node.value)] if not any(isinstance(n, ast.JoinedStr) for n in ast.walk(node.value)) else []
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return texts - OBJECTS - {"command line", ""}


def test_what_was_done_has_words_in_both_languages():
    """Every action that the program writes to the log is told in the reader's language."""
    actions: set[str] = set(PUT_TOGETHER)
    for tree in MODULES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and re.search(r"audit\.add$|^_log$|^_after$|^note$", ast.unparse(node.func)):
                actions |= texts_of(tree, node)
    assert len(actions) > 30 and "decided" in actions and "changed a government" in actions
    for language in ("en", "de"):
        known = {k.removeprefix("audit.action.") for k in catalogue(language) if k.startswith("audit.action.")}
        assert {re.sub(r"[^a-z0-9]+", "_", a.lower()).strip("_") for a in actions} - known == set()


# Finding


def test_the_log_is_narrowed_by_user_action_object_and_days(site):
    fill(site, 2)
    fill(site, 1, user_name="ben", action="decided", object_type="statement", object_id=7)
    log = site.store.audit
    assert [e.object_id for e in log.newest(LogFilter(user="anna"))] == [1, 0]
    assert [e.user_name for e in log.newest(LogFilter(action="decided"))] == ["ben"]
    assert [e.object_id for e in log.newest(LogFilter(object_type="statement", object_id=7))] == [7]
    assert log.newest(LogFilter(until="2020-01-01T00:00:00+00:00")) == []
    assert len(log.newest(LogFilter(user="anna", since="2020-01-01T00:00:00+00:00"))) == 2
    assert log.newest(LogFilter(without=("claim", "statement", "user", "article"))) == []
    assert log.choices("user_name") == ["anna", "ben"] or set(log.choices("user_name")) >= {"anna", "ben"}
    text = page(site, "/audit?user=ben&type=statement&id=7&since=2020-01-01&until=2999-12-31")
    assert text.count('class="log-line"') == 1 and 'value="7"' in text
    assert page(site, "/audit?until=2020-01-01").count('class="log-line"') == 0
    assert site.client(Role.EDITOR).get("/audit?since=yesterday").status_code == 400
    assert site.client(Role.EDITOR).get("/audit?until=9999-12-31").status_code == 400


def test_pages_hold_while_lines_come_in(site):
    fill(site, 120)
    first = page(site, "/audit?user=anna")
    older = re.search(r'href="(/audit\?before=\d+&amp;user=anna)"', first)[1].replace("&amp;", "&")
    fill(site, 10)
    second = page(site, older)
    numbers = [int(n) for text in (first, second) for n in re.findall(r'href="/claims/(\d+)"', text)]
    assert numbers == [*range(119, 19, -1)]


def test_the_file_holds_everything_that_was_asked_for_and_runs_nothing(site):
    fill(site, 600)
    site.store.audit.add("=HYPERLINK(1)", "changed", "claim", 1, before={"text": "a"}, after={"text": "ä"})
    answer = site.client(Role.ADMINISTRATOR).get("/audit.csv?action=changed")
    assert answer.mimetype == "text/csv" and "claimtrail-audit.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == 601
    assert list(rows[0]) == ["at", "user", "action", "object type", "object id", "before", "after"]
    assert (rows[0]["user"], rows[0]["before"], rows[0]["after"]) == ("'=HYPERLINK(1)", '{"text": "a"}', '{"text": "ä"}')


def test_a_thing_shows_its_own_history_to_those_who_work_on_it(site):
    site.store.audit.add("anna", "changed a person", "person", site.person, before={"name": "E."}, after={"name": "Erika"})
    for path, kind in ((f"/people/{site.person}", "person"), (f"/articles/{site.article}", "article"), (f"/claims/{site.claim}", "claim")):
        text = page(site, path, Role.JOURNALIST)
        assert 'class="logbook"' in text, path
        assert f"/audit?type={kind}" not in text
        for other in (site.anonymous, site.client(Role.READER)):
            assert 'class="logbook"' not in other.get(path).text
    text = page(site, f"/people/{site.person}", Role.EDITOR)
    assert "<del>E.</del>" in text and "<ins>Erika</ins>" in text and f"/audit?type=person&amp;id={site.person}" in text


def test_the_history_of_several_things_is_one(site):
    fill(site, 3, object_type="article", object_id=1)
    fill(site, 2, object_type="statement", object_id=5)
    fill(site, 1, object_type="statement", object_id=6)
    history = site.store.audit.history({"article": [1], "statement": [5, 7]}, limit=4)
    assert [(e.object_type, e.object_id) for e in history] == [("statement", 5)] * 2 + [("article", 1)] * 2
    assert site.store.audit.history({}) == []
