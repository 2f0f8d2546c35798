"""The API: every operation does what the pages do, by the document it comes with, and its failures have one shape."""

from __future__ import annotations

import re

import pytest
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens
from factcheck.records import Role, Scope
from factcheck.web import access
from factcheck.web.api import OPERATIONS, limits

ROLE_OF = {Scope.READ: Role.READER, Scope.DRAFTS: Role.JOURNALIST, Scope.WRITE: Role.EDITOR, Scope.DECIDE: Role.EDITOR}


class Program:
    """A client with a token: ``get("/claims/1")`` and ``post("/claims", text="...")`` below /api/v1."""

    def __init__(self, site: Site, role: Role, *scopes: str):
        self._client = site.app.test_client()
        user = site.store.users.by_name(site.names[role])
        self.token = api_tokens.make(site.store, user, "program", list(scopes), "30")[0]

    def _headers(self, more):
        return {"Authorization": f"Bearer {self.token}"} | (more or {})

    def get(self, path, headers=None, **query):
        return self._client.get(f"/api/v1{path}", query_string=query, headers=self._headers(headers))

    def post(self, path, headers=None, **body):
        return self._client.post(f"/api/v1{path}", json=body, headers=self._headers(headers))


@pytest.fixture
def program(site) -> Program:
    limits.limits = limits.Limits()
    return Program(site, Role.EDITOR, "read", "drafts", "write", "decide")


def test_a_claim_is_told_with_its_reviews_and_promise(site, program):
    answer = program.get(f"/claims/{site.claim}")
    assert answer.status_code == 200
    told = answer.json
    assert (told["key"], told["rating"], told["times_said"]) == ("bridge/2030", "mostly false", 2)
    assert told["reviews"][0]["rating_text"] == "Eher nicht" and told["promise"]["history"][0]["status"] == "stalled"
    assert told["address"].endswith(f"/claims/{site.claim}")
    said = program.get(f"/claims/{site.claim}/occurrences").json["items"]
    assert [o["said_at"] for o in said] == ["2023-05-04", "2024-01-09"]


def test_search_finds_claims_and_statements_and_goes_on(site, program):
    first = program.get("/search", q="Brücke bis 2030", size=1).json
    assert first["total"] == 2 and len(first["results"]) == 1 and first["cursor"]
    second = program.get("/search", q="Brücke bis 2030", size=1, cursor=first["cursor"]).json
    assert {r["kind"] for r in (*first["results"], *second["results"])} == {"claim", "statement"} and second["cursor"] == ""
    assert program.get("/search", q="Brücke", rating=["true", "mostly false"], kind="claim").json["results"][0]["id"] == site.claim
    assert program.get("/statements:similar", text="Brücke bis 2030 erneuern").json["results"][0]["kind"] == "statement"


def test_limits_are_those_of_what_is_sent_and_blanks_are_taken_off(site, program):
    assert program.get("/search", q="Brücke" + " " * 2_000).status_code == 400
    assert program.get("/statements:similar", text="  ").json["error"]["message"].endswith("there is nothing but blanks.")
    assert program.get("/search", q=" Brücke ", kind="claim", speaker=" Erika Beispiel ").json["results"][0]["id"] == site.claim


def test_a_result_says_all_that_is_known_of_it(site, program):
    (claim,) = program.get("/search", q="Brücke", kind="claim").json["results"]
    shown = {name: claim[name] for name in ("claim_id", "rating", "times_said", "promise_status", "said_at", "speaker")}
    assert shown == {
        "claim_id": "bridge/2030", "rating": "mostly false", "times_said": 2, "promise_status": "stalled", "said_at": "2023-05-04",
        "speaker": "Erika Beispiel",
    }  # fmt: skip
    assert [(r["publisher"], r["url"]) for r in claim["reviews"]] == [("Example desk", "https://example.org/check")]
    said = program.get("/search", q="Brücke", kind="statement").json["results"][0]
    assert (said["statement_kind"], said["article"]["title"], said["claim"]) == ("direct", "Die Brücke", None)


def test_articles_statements_people_promises_and_jobs_are_listed(site, program):
    (article,) = program.get("/articles").json["items"]
    assert article["id"] == site.article and article["state"] == "ready"
    assert program.get(f"/articles/{site.article}").json["text"].startswith("Die Ministerin")
    first, second = program.get(f"/articles/{site.article}/statements").json["items"]
    assert first["is_promise"] and first["waits"] and second["mention"] == "Sie"
    assert program.get(f"/statements/{first['id']}").json == first
    assert program.get(f"/statements/{first['id']}/candidates").json["items"][0]["claim"]["id"] == site.claim
    (person,) = program.get("/people", name="beispiel").json["items"]
    assert program.get(f"/people/{person['id']}").json["ratings"] == {"mostly false": 1}
    assert [c["id"] for c in program.get("/promises", status="stalled").json["items"]] == [site.claim]
    assert program.get("/promises", status="kept").json == {"items": [], "cursor": ""}
    assert program.get("/jobs").status_code == 200


def test_a_statement_is_decided_and_the_decision_taken_back(site, program):
    statement = site.statements[0].id
    made = program.post(f"/statements/{statement}/decisions", relation="same", claim_id=site.claim)
    assert made.status_code == 201 and made.json["relation"] == "same"
    again = program.post(f"/statements/{statement}/decisions", relation="related", claim_id=site.claim)
    assert again.status_code == 409 and "already decided" in again.json["error"]["message"]
    assert [d["id"] for d in program.get(f"/statements/{statement}/decisions").json["items"]] == [made.json["id"]]
    undone = program.post(f"/decisions/{made.json['id']}:undo")
    assert undone.status_code == 201 and undone.json["undone_at"]
    assert program.post(f"/statements/{statement}/decisions", relation="not a match").status_code == 201


def test_articles_claims_reviews_and_statuses_are_added(site, program):
    text = "Mira Holm sagte am Dienstag in Marburg: „Die Schule öffnet im Herbst wieder.“ Danach fuhr sie weiter."
    added = program.post("/articles", text=text, title="Schule", published_at="2024-05-01")
    assert added.status_code == 201 and added.json["new"] and added.json["article"]["state"] == "queued"
    assert program.post("/articles", text=text).json["new"] is False
    claim = program.post("/claims", text="Die Schule öffnet im Herbst.", speaker="Mira Holm", language="de")
    assert claim.status_code == 201
    review = program.post(f"/claims/{claim.json['id']}/reviews", publisher="Our desk", rating="true", rating_text="Stimmt")
    assert review.status_code == 201
    assert program.get(f"/claims/{claim.json['id']}").json["rating"] == "true"
    status = program.post(f"/claims/{site.claim}/status-changes", status="broken", source_url="https://example.org/ende", at="2024-04-01")
    assert (status.status_code, status.json["status"]) == (201, "broken")
    assert site.store.audit.of("claim", site.claim)


def test_a_write_with_a_key_is_done_once(site, program):
    headers = {"Idempotency-Key": "abc-1"}
    first, second = (program.post("/claims", headers=headers, text="Die Schule öffnet im Herbst.") for _ in range(2))
    assert first.status_code == second.status_code == 201 and first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert site.store.claims.count() == 2
    other = program.post("/claims", headers=headers, text="Something else.")
    assert other.status_code == 400 and "another request" in other.json["error"]["message"]
    failed = {"Idempotency-Key": "abc-2"}
    assert program.post("/claims", headers=failed, text="  ").status_code == 400
    assert program.post("/claims", headers=failed, text="Now with words.").status_code == 201
    mine = Program(site, Role.ADMINISTRATOR, "write")
    assert mine.post("/claims", headers=headers, text="Another user's own key.").status_code == 201


def test_reads_carry_an_etag_and_are_not_sent_twice(site, program):
    first = program.get(f"/claims/{site.claim}")
    again = program.get(f"/claims/{site.claim}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    program.post(f"/claims/{site.claim}/reviews", publisher="Our desk", rating="false", rating_text="Falsch")
    assert program.get(f"/claims/{site.claim}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_too_many_requests_are_told_when_to_come_back(site, program):
    limits.limits = limits.Limits(3)
    answers = [program.get("/me") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a.headers["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "3" and 0 < int(answers[3].headers["Retry-After"]) <= 61
    assert Program(site, Role.READER, "read").get("/me").status_code == 200
    limits.limits = limits.Limits()


def test_every_operation_asks_for_its_scope_and_role_and_for_a_token(site):
    limits.limits = limits.Limits(10**9)
    nobody = site.app.test_client()
    programs = {(role, scope): Program(site, role, scope) for role, scope in ((Role.JOURNALIST, Scope.READ), (Role.JOURNALIST, Scope.WRITE))}
    without = {s: Program(site, Role.ADMINISTRATOR, *(o for o in Scope if o is not s)) for s in Scope}
    for operation in OPERATIONS:
        path, send = re.sub(r"<int:\w+>", "999999", operation.path), {"GET": "get", "POST": "post"}[operation.method]
        refused = getattr(nobody, send)(f"/api/v1{path}")
        assert refused.status_code == 401 and refused.json["error"]["status"] == 401 and "Bearer" in refused.headers["WWW-Authenticate"], operation.name
        if operation.scope:
            assert getattr(without[operation.scope], send)(path).status_code == 403, operation.name
        if operation.role.includes(Role.EDITOR) and (program := programs.get((Role.JOURNALIST, operation.scope))):
            assert getattr(program, send)(path).status_code == 403, operation.name
        assert access.RULES[f"api.{operation.name}"] and access.SCOPES[f"api.{operation.name}"]
    limits.limits = limits.Limits()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/claims", {"text": 5}), ("/claims", {"words": "x"}), ("/claims", {}), ("/claims", {"text": "x" * 3000}), ("/articles", {"text": ""}),
        ("/articles", {"url": "ftp://example.org"}), ("/articles", {"url": "http://10.0.0.1/"}), ("/statements/1/decisions", {"relation": "perhaps"}),
        ("/statements/1/decisions", {"relation": "same"}), ("/claims/1/status-changes", {"status": "kept", "source_url": "nowhere"}),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_one_shape(program, path, body):
    answer = program.post(path, **body)
    assert answer.status_code == 400
    assert set(answer.json) == {"error"} and set(answer.json["error"]) == {"status", "kind", "message"}


def test_the_document_names_every_operation(program):
    told = program.get("/openapi.json").json
    assert told["openapi"] == "3.1.0"
    named = {o["operationId"] for path in told["paths"].values() for o in path.values()}
    assert named == {o.name for o in OPERATIONS}


def test_a_length_is_that_of_what_was_sent(program):
    """Signs that no text may hold are taken out, but a text that was too long is refused all the same."""
    made = program.post("/claims", text="Kurz\x0f gesagt.")
    assert (made.status_code, made.json["text"]) == (201, "Kurz gesagt.")
    assert program.post("/claims", text="x" * 2_000 + "\x0f").status_code == 400
