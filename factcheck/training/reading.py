"""``train statements``: the reading of articles goes on learning from those that editors checked; installed when it is worse nowhere.

So that it does not forget, other articles, of our own writing and on file, are trained on as the reading in use reads them
(pseudo-rehearsal, Robins 1995). A state that has still become worse somewhere is drawn back towards the beginning (arXiv 2109.01903).
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from db import Store
from db.clock import now
from factcheck import adapter as adapters
from factcheck import embed, model_folder
from factcheck.errors import BadInput
from factcheck.evaluation import labelled_articles
from factcheck.evaluation.labelled_articles import LabelledArticle
from factcheck.evaluation.statements import measure
from factcheck.extraction.annotation import annotation_row, read_annotation
from factcheck.settings import Settings
from factcheck.training import checked
from factcheck.training.checked import CheckedArticle, LeftOut, Material
from factcheck.training.installing import Comparison, Verdict, note, settle, workplace

if TYPE_CHECKING:
    from factcheck.extraction.tagging.tagger import Tagger
    from factcheck.training.statements import Example, Model, Text

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "pinned_articles.jsonl"
REHEARSAL = SHIPPED.with_name("rehearsal_articles.jsonl")
SHIPPED_NAME = "pinned articles of Claimtrail"
CHECKED_NAME = "checked articles held out"
LEARNED = ("Direct", "spoken", "speaker", "cue")  # heads that checked articles train: editors mark neither frame nor addressee
UNKNOWN = -100  # a word's tag that counts for nothing, as torch's cross entropy has it
PASSES = 6  # over all windows
SHARES = (1.0, 0.6, 0.3)  # of what was learned, tried at each check until one is worse nowhere
SEED = 1

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Plan:
    """``steps`` of ``batch`` windows each, ended early after ``minutes``; ``rate`` is that of the encoder's change, ``head_rate`` of the rest."""

    steps: int
    minutes: float
    check_every: int
    batch: int
    rate: float
    head_rate: float
    threads: int


@dataclass(frozen=True)
class Training:
    """Numbers of articles, and what came of it; ``rehearsed`` are others, trained on as they are read now. ``verdict`` is None when no
    state of the training was better than before it."""

    articles: int
    rehearsed: int
    watched: int
    held_out: int
    left_out: LeftOut
    verdict: Verdict | None


def train(
    store: Store,
    settings: Settings,
    *,
    minutes: float = 20,
    pinned: Sequence[Path] = (),
    dry_run: bool = False,
    plan: Callable[[int, float, int], Plan] | None = None,
    progress: Progress = lambda *_: None,
) -> Training:
    """Go on from the reading in use with the checked articles; install the result when it is not worse on any set.

    ``pinned`` are files of labelled articles; ``plan`` makes a plan of the number of windows, the minutes and the cores. Stopped at any
    moment, the reading in use stays as it is. Raises BadInput for too few articles and unusable files, ClaimtrailError while another
    training runs.
    """
    material = checked.gather(store)
    sets = [_read(file) for file in pinned]  # a bad file is told of before the training, not after
    with workplace(adapters.installed(settings.home, adapters.READING).parent) as draft:
        trained = draft / adapters.READING.name
        rehearsed = _learn(store, settings, material, trained, minutes, plan or _plan, progress)
        verdict = None
        if trained.exists():
            verdict = judge(store, settings, trained, material.held_out, sets, dry_run=dry_run, progress=progress)
    return Training(
        len(material.train), rehearsed, len(material.watched), len(material.held_out), material.left_out, verdict
    )


def judge(
    store: Store,
    settings: Settings,
    trained: Path,
    held_out: Sequence[CheckedArticle],
    pinned: Sequence[tuple[str, Sequence[LabelledArticle]]] = (),
    *,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
) -> Verdict:
    """Compare a trained file with the reading in use: joint F1 of ``eval statements`` must be lower on no set."""
    before = adapters.reading_in_use(settings.home)
    sets = [(SHIPPED_NAME, labelled_articles.read_articles(SHIPPED))]
    if held_out:
        sets.append((CHECKED_NAME, [_labelled(article) for article in held_out]))
    sets += pinned
    figures = [_figures(_tagger(settings, file), sets, word, progress) for word, file in (("before", before), ("after", trained))]
    compared = [Comparison(name, len(some), old, new) for (name, some), old, new in zip(sets, *figures, strict=True)]
    was = adapters.open_file(before).fingerprint
    verdict = settle(trained, settings.home, adapters.READING, compared, dry_run=dry_run)
    if verdict.file and verdict.installed:
        note(store, "installed a reading of articles", was, adapters.open_file(verdict.file).fingerprint)
    return verdict


def undo(store: Store, settings: Settings) -> Path | None:
    """Go back to the reading before the last installed one; which is in use now. Raises NothingToUndo."""
    before = adapters.reading_in_use(settings.home)
    was = adapters.open_file(before).fingerprint if before.exists() else ""
    in_use = adapters.undo(settings.home, adapters.READING)
    note(store, "took back a reading of articles", was, adapters.open_file(in_use).fingerprint if in_use else "")
    return in_use


def _learn(
    store: Store, settings: Settings, material: Material, trained: Path, minutes: float, plan_of: Callable[[int, float, int], Plan],
    progress: Progress,
) -> int:  # fmt: skip
    """Train and write the best state to ``trained``, if any is better than the beginning; how many articles were rehearsed."""
    embed.set_libraries()
    import torch

    from factcheck.extraction.tagging import trained as files
    from factcheck.training import statements as core

    torch.manual_seed(SEED)
    cores = torch.get_num_threads()
    start = adapters.reading_in_use(settings.home)
    change, _ = files.read(start)
    rank = next(iter(change.values()))[1].shape[0]
    model = core.open_for_training(model_folder.ready_folder(settings.cache), rank, start)
    torch.set_num_threads(1)  # each of the trainer's threads has one core
    try:
        windows = [example for article in _counted(material.train, progress) for example in _examples(model, article)]
        rehearsed = _rehearsed(model, [*_written(), *checked.others(store, len(material.train))], cores)
        windows += [example for text in rehearsed for example in core.examples(text)]
        plan = plan_of(len(windows), minutes, cores)
        watch = _Watch(model, material, plan.threads)
        about = {"trained": now(), "from": adapters.open_file(start).fingerprint, "articles": str(len(material.train))}

        trainer = core.Trainer(model.body, model.heads, model.marks, plan.threads, SEED)
        beginning = [weight.detach().clone() for weight in trainer.weights]

        def check() -> None:
            here = [weight.detach().clone() for weight in trainer.weights]
            for share in SHARES:
                for weight, first, last in zip(trainer.weights, beginning, here, strict=True):
                    weight.data = first + share * (last - first)
                if watch.is_better():
                    files.write(trained, model.change(), model.heads, about)
                    break
            for weight, last in zip(trainer.weights, here, strict=True):
                weight.data = last

        trainer.run(
            lambda: _batches(windows, plan, progress), plan.minutes, plan.rate, plan.head_rate, lambda _: None, check, math.inf,
            steps=plan.steps, check_steps=plan.check_every,
        )  # fmt: skip
        return len(rehearsed)
    finally:
        torch.set_num_threads(cores)


class _Watch:
    """What is watched during training: the shipped set, against forgetting, and a part of the checked articles."""

    def __init__(self, model: Model, material: Material, threads: int) -> None:
        from factcheck import language

        shipped = [
            CheckedArticle(a.id, a.text, language.detect(a.text), tuple(annotation_row(x, a.text) for x in a.annotations or ()))
            for a in labelled_articles.read_articles(SHIPPED)
        ]
        self._model, self._threads = model, threads
        self._sets = [[(_text(model, a), _labelled(a)) for a in some] for some in (shipped, material.watched) if some]
        self._first = self._figures()
        self._best = sum(self._first)

    def is_better(self) -> bool:
        """Whether the model is now worse on no set than at first, and on the whole as good as ever: then later is better trained."""
        figures = self._figures()
        if any(new < old for new, old in zip(figures, self._first, strict=True)) or sum(figures) < self._best:
            return False
        self._best = sum(figures)
        return True

    def _figures(self) -> list[float]:
        from factcheck.training import statements as core

        found = []
        for some in self._sets:
            read = core.annotate(self._model, [text for text, _ in some], self._threads)
            rows = [(a.text, None, a.annotations or (), r) for (_, a), r in zip(some, read, strict=True)]
            found.append(measure(rows).joint.f1)
        return found


def _plan(windows: int, minutes: float, cores: int) -> Plan:
    """Some passes over the windows, gently: what was learned before is to be kept."""
    batch = min(8, windows)
    steps = max(40, PASSES * windows // batch)
    return Plan(steps, minutes, max(10, steps // 6), batch, rate=1e-4, head_rate=3e-4, threads=cores)


def _batches(windows: Sequence[Example], plan: Plan, progress: Progress) -> Iterator[list[Example]]:
    """Without end; each pass gives every window once, windows of like length together."""
    rng = random.Random(SEED)
    began, step = time.monotonic(), 0
    while True:
        order = sorted(windows, key=lambda e: (e.window.last - e.window.first) * rng.uniform(0.8, 1.25))
        groups = [order[i : i + plan.batch] for i in range(0, len(order), plan.batch)]
        for group in rng.sample(groups, len(groups)):
            done = max(step / plan.steps, (time.monotonic() - began) / (60 * plan.minutes))
            progress("training", min(1000, round(1000 * done)), 1000)
            yield group
            step += 1


def _text(model: Model, article: CheckedArticle) -> Text:
    from factcheck.training import statements as core

    return core.read({"text": article.text, "annotations": article.annotations}, article.language, model.tokenizer)


def _examples(model: Model, article: CheckedArticle) -> Iterator[Example]:
    """The windows of a checked article. What is reported in English is neither learned nor held to be nothing: editors mark the sentence,
    the research data a part of it."""
    from factcheck.training import statements as core

    apart = [a for a in article.annotations if article.language == "en" and a["type"] == "Reported"]
    text = _text(model, replace(article, annotations=tuple(a for a in article.annotations if a not in apart)))
    unknown = [text.words.within(*span) for a in apart for span in a["quote"]["spans"]]
    for example in core.examples(replace(text, heads=LEARNED)):
        for first, last in unknown:
            for head in LEARNED[1:]:
                place = slice(max(0, first - example.window.first), max(0, last - example.window.first))
                example.tags[head][place] = UNKNOWN
        if all((tags != UNKNOWN).any() for tags in example.tags.values()):
            yield example


def _written() -> list[tuple[str, str]]:
    """(text, language) of the articles that come with the product for rehearsal."""
    rows = [json.loads(line) for line in REHEARSAL.read_text(encoding="utf-8").splitlines()]
    return [(row["text"], row["language"]) for row in rows]


def _rehearsed(model: Model, articles: Sequence[tuple[str, str]], threads: int) -> list[Text]:
    """The articles with what the model, as it is, reads in them as labels."""
    from factcheck.training import statements as core

    plain = [CheckedArticle("", text, language, ()) for text, language in articles]
    read = core.annotate(model, [_text(model, article) for article in plain], threads)
    return [
        _text(model, replace(article, annotations=tuple(annotation_row(a, article.text) for a in found)))
        for article, found in zip(plain, read, strict=True)
    ]


def _counted(articles: Sequence[CheckedArticle], progress: Progress) -> Iterator[CheckedArticle]:
    for done, article in enumerate(articles, 1):
        yield article
        progress("articles", done, len(articles))


def _labelled(article: CheckedArticle) -> LabelledArticle:
    return LabelledArticle(article.id, article.text, None, tuple(read_annotation(a) for a in article.annotations))


def _read(file: Path) -> tuple[str, list[LabelledArticle]]:
    found = labelled_articles.read_articles(file)
    if any(article.annotations is None for article in found):
        raise BadInput(f"{file.name}: the articles have no annotations, so there is nothing to measure.")
    return file.name, found


def _figures(
    tagger: Tagger, sets: Sequence[tuple[str, Sequence[LabelledArticle]]], word: str, progress: Progress
) -> list[float]:
    """Joint F1 of each set, read as the product reads it."""
    from factcheck.extraction import first_reading

    found = []
    for name, articles in sets:
        read = labelled_articles.find(
            articles,
            lambda a: tagger.annotate(a.text, first_reading.words(a.text, a.language)),
            lambda _, done, total, name=name: progress(f"{name}: {word}", done, total),
        )
        found.append(labelled_articles.figures(articles, read).joint.f1)
    return found


def _tagger(settings: Settings, file: Path) -> Tagger:
    """The product's reading with the weights of a file."""
    from factcheck.extraction.tagging import trained
    from factcheck.extraction.tagging.pairs import DEPTH
    from factcheck.extraction.tagging.tagger import Tagger

    change, heads = trained.read(file)
    body, tokenizer = embed.network(embed.open_encoder(settings), change, DEPTH)
    return Tagger(body, heads, tokenizer)
