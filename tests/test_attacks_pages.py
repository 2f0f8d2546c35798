"""Every address and form of the site, given what does harm: numbers no column holds, SQL and FTS5, paths, markup, other sites' addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from web_site import SAME_ORIGIN, Site, put_article, marked, site  # noqa: F401  (a fixture)

from factcheck import pipeline, tables
from factcheck.records import Claim, Kind, Rating, Review, Role
from factcheck.web.auth import safe_next
from factcheck.web.given import LARGEST, Values, number

ROOT = Path(__file__).parent.parent
# Every name the pages ask a form or an address for, as their source says.
NAMES = sorted(
    {
        name
        for path in [*(ROOT / "factcheck" / "web").rglob("*.py"), ROOT / "factcheck" / "wanted.py"]
        for name in re.findall(r"(?:args|form|values|one|asked|filters)\.get(?:list)?\(\s*\"([a-z_]+)\"", path.read_text(encoding="utf-8"))
    }
    - {"all"}
)
HARM = {
    "numbers": "99999999999999999999999999", "SQL": "1' OR '1'='1'; DROP TABLE claims; --", "FTS5": '" NEAR(a b, 2) OR * col:x ^y {z} -"' + '"a" ' * 60,
    "other digits": "²", "broken address": "https://[evil", "markup": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}",
    "lines": "/x\r\nSet-Cookie: a=b\r\n\r\n../../etc/passwd\u202e\u0000",
}  # fmt: skip
IN_PATHS = ["99999999999999999999999999", str(LARGEST + 1), "..%2f..%2f..%2fetc%2fpasswd", "1'%20OR%201=1%00%ff%ed%a0%80"]
LEAVES_OUT = {"auth.sign_out", "auth.password", "static"}  # they would end the session that asks


def routes(site: Site) -> Iterator[tuple[str, str]]:  # noqa: F811
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint not in LEAVES_OUT:
            yield from ((method, re.sub(r"<any\((\w+)[^>]+>", r"\1", rule.rule)) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


@pytest.fixture
def ask(site):  # noqa: F811
    """Send a request as the administrator: what does not end in a page or a refusal is noted in ``ask.wrong``."""
    client = site.client(Role.ADMINISTRATOR)

    def sent(method: str, path: str, **options) -> str:
        answer = client.open(path, method=method, headers=SAME_ORIGIN, **options)
        text = answer.get_data().decode("utf-8", "replace")
        if answer.status_code >= 500 or "onerror=alert" in text.replace("&gt;", "").replace("&#34;", "") and "<img src=x" in text:
            sent.wrong.append((method, path[:100], answer.status_code))
        location = answer.headers.get("Location", "/")
        if not location.startswith("/") or location.startswith(("//", "/\\")) or "Set-Cookie" in location:
            sent.wrong.append((method, path[:100], f"leads to {location[:80]}"))
        if answer.headers.get("Set-Cookie", "").startswith("a="):
            sent.wrong.append((method, path[:100], "a header was brought in"))
        return text

    sent.wrong = []
    return sent


@pytest.mark.parametrize("filled", IN_PATHS, ids=range(len(IN_PATHS)))
def test_no_path_leads_where_there_is_nothing(site, ask, filled):  # noqa: F811
    for method, rule in routes(site):
        if "<" in rule:
            assert "root:x:0" not in ask(method, re.sub(r"<[^>]+>", filled, rule))
    assert not ask.wrong


@pytest.mark.parametrize("harm", HARM)
def test_no_page_does_what_its_parameters_say(site, ask, harm):  # noqa: F811
    for method, rule in routes(site):
        if method == "GET":
            ask(method, re.sub(r"<[^>]+>", "1", rule), query_string=dict.fromkeys(NAMES, HARM[harm]))
    assert not ask.wrong
    assert site.store.claims.get(site.claim) and site.store.articles.count() == 1


@pytest.mark.parametrize("harm", ["numbers", "SQL", "broken address"])
def test_no_form_does_what_its_fields_say(site, ask, harm):  # noqa: F811
    site.unlogged.clear()
    for method, rule in routes(site):
        if method == "POST" and not rule.startswith("/api/"):
            ask(method, re.sub(r"<[^>]+>", "1", rule), data=dict.fromkeys(NAMES, HARM[harm]))
    assert not ask.wrong
    site.unlogged.clear()  # what the forms were right to do is not the matter here


def test_the_names_are_those_of_the_pages():
    assert {"q", "page", "next", "text", "claim", "relation", "person", "since", "cursor"} <= set(NAMES) and len(NAMES) > 50


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py", "/static//etc/passwd", "/static/....//app.py", "/static/vendor/../../app.py", "/static/%00"])
def test_static_files_are_those_of_their_folder(site, path):  # noqa: F811
    answer = site.anonymous.get(path, follow_redirects=True)
    assert answer.status_code == 404 and "create_app" not in answer.text


@pytest.mark.parametrize("target", ["https://[evil", "//[evil", "/\x00", "/a\u202eb", "/%0d%0aX: y", "http:/evil.example", "////evil.example", "/\\/evil.example", "javascript:/x"])
def test_no_target_leads_elsewhere_or_ends_in_an_error(site, target):  # noqa: F811
    with site.app.test_request_context("/"):
        found = safe_next(target)
    assert found.startswith("/") and not found.startswith(("//", "/\\"))


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "//", "http://localhost:999999", "http://localhost@evil.example", "http://evil.example\\@localhost"])
def test_an_origin_that_cannot_be_taken_apart_is_another_site(site, origin):  # noqa: F811
    answer = site.client(Role.READER).post("/display", data={"language": "de"}, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["[", "a b", "localhost:99999999", "evil.example:x", "\x01"])
def test_a_host_that_cannot_be_understood_is_refused_in_plain_words(site, host):  # noqa: F811
    answer = site.anonymous.get("/", headers={"Host": host})
    assert answer.status_code < 500 and "Traceback" not in answer.text


ADDRESSES = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "https://[x", "//evil.example", "https:evil", " https://x y"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_none_of_the_web_is_no_link_on_any_page(site, fake_encoder, address):  # noqa: F811
    review = Review("Example desk", "False", Rating.FALSE, url=address, title="Checked", published_at="2024-05-01")
    claim = pipeline.add_claim(site.store, fake_encoder, Claim(0, "odd", "Die Straße ist gesperrt.", reviews=(review,), language="de"))
    text = "„Die Straße ist gesperrt“, sagte Erika Beispiel."
    article = put_article(site.store, fake_encoder, text, [marked(text, "„Die Straße ist gesperrt“", kind=Kind.DIRECT, speaker="Erika Beispiel")])
    for path in (f"/claims/{claim.id}", f"/articles/{article.id}", "/search?q=Stra%C3%9Fe", f"/claims/{claim.id}.json", "/promises"):
        page = site.anonymous.get(path)
        assert page.status_code == 200 and not re.search(r"(?:href|src|action)=\"\s*(?!https?://|/|#|mailto:)[a-z]+:", page.text, re.IGNORECASE), path


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＠x"])
def test_no_cell_of_a_table_is_a_formula(value):
    assert tables.cell(value).startswith("'") and tables.cell(value)[1:] == value


def test_what_comes_with_a_form_is_made_usable_and_numbers_stay_small():
    given = Values([("a", "x\0y\u202e\ud800"), ("a", "2"), ("n", "12"), ("big", "9" * 30), ("odd", "²"), ("neg", "-3")])
    assert given.getlist("a") == ["xy", "2"] and given.get("n", type=int) == 12 and given.get("neg", type=int) == -3
    assert given.get("big", type=int) is None and given.get("big", 7, type=int) == 7 and given.get("odd", type=int) is None
    assert given.getlist("big", type=int) == [] and given.getlist("n", type=int) == [12]
    assert [number(text) for text in ("0", "12", str(LARGEST), str(LARGEST + 1), "-1", "²", "٣", "", "1e3")] == [0, 12, LARGEST, None, None, None, None, None, None]


def test_json_is_made_usable_as_well(site):  # noqa: F811
    from factcheck.plaintext import usable_value

    assert usable_value({"a\0": ["x\ud800", {"b": "\u202ey"}], "n": 1, "z": None}) == {"a": ["x", {"b": "y"}], "n": 1, "z": None}
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(RecursionError):
        usable_value(deep)
