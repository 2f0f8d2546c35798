"""Routes build the addresses they always built, and are compiled only when one is built."""

from __future__ import annotations

from flask import Flask, url_for

from factcheck.web.given import Id
from factcheck.web.routes import Route


def test_an_address_is_compiled_when_it_is_first_built(monkeypatch):
    compiled = []
    monkeypatch.setattr(Route, "_get_func_code", staticmethod(lambda code, name, get=Route._get_func_code: compiled.append(name) or get(code, name)))
    app = Flask(__name__, static_folder=None)
    app.url_rule_class = Route
    app.url_map.converters["int"] = Id
    app.add_url_rule("/claims/<int:claim_id>/<part>", "claim", lambda claim_id, part: f"{claim_id} {part}")
    app.add_url_rule("/search", "search", lambda: "found")
    assert app.test_client().get("/claims/7/notes").text == "7 notes" and not compiled
    with app.test_request_context():
        for _ in range(2):
            assert url_for("claim", claim_id=7, part="ä b", said="2024", self="x") == "/claims/7/%C3%A4%20b?said=2024&self=x"
    assert compiled == ["<builder:'/claims/<int:claim_id>/<part>'>"]
    with app.test_request_context():
        assert url_for("search") == "/search"
    assert len(compiled) == 2
