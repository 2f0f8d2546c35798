"""The browser extension's files: asks for no more than it needs, speaks both languages, and looks like the product."""

from __future__ import annotations

import json
import re
import struct
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXTENSION = ROOT / "extension"
MANIFEST = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))
SCRIPTS = {p.name: p.read_text(encoding="utf-8") for p in EXTENSION.glob("*.js")}
PAGES = {p.name: p.read_text(encoding="utf-8") for p in EXTENSION.glob("*.html")}
WORDS = {lang: json.loads((EXTENSION / "_locales" / lang / "messages.json").read_text(encoding="utf-8")) for lang in ("en", "de")}


def test_it_reaches_a_page_only_when_asked_and_a_server_only_when_allowed():
    assert MANIFEST["manifest_version"] == 3
    assert sorted(MANIFEST["permissions"]) == ["activeTab", "contextMenus", "scripting", "storage"]
    assert "host_permissions" not in MANIFEST and "content_scripts" not in MANIFEST
    assert MANIFEST["content_security_policy"]["extension_pages"].startswith("default-src 'none'; script-src 'self';")


def test_nothing_comes_from_elsewhere_and_no_page_holds_code():
    for name, text in {**SCRIPTS, **PAGES, "style.css": (EXTENSION / "style.css").read_text()}.items():
        found = set(re.findall(r"https?://[\w.]+", text)) - {"http://www.w3.org", "https://claimtrail.example.org"}
        assert found <= {"https://host"}, f"{name}: {found}"
    for page in PAGES.values():
        assert re.findall(r"<script[^>]*>([^<]*)<", page) in ([""], []) and not re.search(r"\s(on\w+|style)=", page)
        for file in re.findall(r'(?:src|href)="([^"]+)"', page):
            assert (EXTENSION / file).is_file(), file


def test_both_languages_have_the_same_words_and_each_is_used():
    assert set(WORDS["en"]) == set(WORDS["de"])
    whole = " ".join([*SCRIPTS.values(), *PAGES.values(), json.dumps(MANIFEST)])
    used = set(re.findall(r'(?:\bt\(|getMessage\()\s*"(\w+)"', whole)) | set(re.findall(r'data-t(?:-label|-hint)?="(\w+)"', whole))
    used |= set(re.findall(r"__MSG_(\w+)__", whole)) | {w for pair in re.findall(r't\([^()]*\? "(\w+)" : "(\w+)"', whole) for w in pair}
    used |= {"scope_read", "scope_write", "only_near", "no_matches"} | {key for key in WORDS["en"] if key.startswith("is_")}
    assert set(WORDS["en"]) == used
    for key, told in WORDS["en"].items():
        assert sorted(re.findall(r"\$\d", told["message"])) == sorted(re.findall(r"\$\d", WORDS["de"][key]["message"])), key


@pytest.mark.parametrize("lang", ["en", "de"])
def test_ratings_and_statuses_are_called_what_the_pages_call_them(lang):
    scales = tomllib.loads((ROOT / "factcheck" / "web" / "words" / lang / "scales.toml").read_text(encoding="utf-8"))
    named = {f"is_{key}": word for group in ("rating", "status") for key, word in scales[group].items()}
    assert {key: WORDS[lang][key]["message"] for key in named} == named
    for key in named:
        assert f'"{key.removeprefix("is_").replace("_", " ")}": [' in SCRIPTS["badges.js"]


def test_badges_have_the_shapes_of_the_pages():
    pages = (ROOT / "templates" / "_icons.html").read_text(encoding="utf-8")
    for path in re.findall(r'd="([^"]+)"', SCRIPTS["badges.js"]):
        assert f'd="{path}"' in pages, path


def test_shades_and_letters_are_those_of_the_pages():
    tokens = dict(re.findall(r"^  (--[\w-]+): (.*?);$", (ROOT / "static" / "app.css").read_text(encoding="utf-8"), re.MULTILINE))
    style = (EXTENSION / "style.css").read_text(encoding="utf-8")
    own = dict(re.findall(r"^  (--[\w-]+): (.*?);$", style, re.MULTILINE))
    assert own and own == {name: tokens[name] for name in own}
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) - {"--cut"} == set(own)


@pytest.mark.parametrize("size", [16, 32, 48, 128])
def test_every_icon_is_as_large_as_it_says(size):
    head = (EXTENSION / MANIFEST["icons"][str(size)]).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", head[16:]) == (size, size)
