"""The fast encoder beside ``SentenceTransformer.encode`` in float32, on the same texts in one run, and beside what the processor could do.

    python -m bench.encoder [CLAIMS.jsonl]

Reads JSON Lines with a ``text`` (by default our own claims and statements), prints texts and tokens a second with all cores, the median
time of one query, the memory of a process that does nothing else, the cosine between both, and which share of the
processor's own speed in 8-bit products is reached. Run it while nothing else runs.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

TEXTS, QUERIES, ROUNDS, BATCH = 1_024, 60, 3, 32
PEAK_ROUNDS = 12  # short ones, so that the best is one that nothing came between
OWN = Path(__file__).resolve().parent.parent / "factcheck" / "data" / "pinned_pairs.jsonl"
SIDE = 768  # of the square matrices the peak is measured with: they fit into a core's own cache
CORES = len(os.sched_getaffinity(0))


def texts(path: Path | None) -> list[str]:
    """So many texts, evenly from the whole file; of a small file several times, with a number in front to tell them apart."""
    rows = [json.loads(line) for line in (path or OWN).read_text(encoding="utf-8").split("\n") if line.strip()]
    found = [row["text"] for row in rows if row.get("text")]
    times = -(-TEXTS // len(found))
    found = [f"{n} {text}" if n else text for n in range(times) for text in found]
    return found[:: len(found) // TEXTS][:TEXTS]


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds, the least of a few rounds after one that warms up."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def one_by_one(encode: Callable[[Sequence[str]], object], some: Sequence[str]) -> float:
    """Median milliseconds of one query."""
    taken = []
    for text in some:
        began = time.perf_counter()
        encode([text])
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)


def peak() -> float:
    """8-bit multiplications and additions a second, in billions, that plain matrix products reach on all cores at once."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    chance = np.random.default_rng(1)
    left = chance.integers(0, 255, (SIDE, SIDE)).astype(np.uint8)
    right = numpy_helper.from_array(chance.integers(-127, 127, (SIDE, SIDE)).astype(np.int8), "right")
    node = helper.make_node("MatMulInteger", ["left", "right"], ["product"])
    inputs = [helper.make_tensor_value_info("left", TensorProto.UINT8, [SIDE, SIDE])]
    outputs = [helper.make_tensor_value_info("product", TensorProto.INT32, [SIDE, SIDE])]
    graph = helper.make_graph([node], "peak", inputs, outputs, [right])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    products = 40

    def work(_: int) -> None:
        for _ in range(products):
            session.run(None, {"left": left})

    with ThreadPoolExecutor(CORES) as threads:
        seconds = best(lambda: list(threads.map(work, range(CORES))), PEAK_ROUNDS)
    return CORES * products * 2 * SIDE**3 / seconds / 1e9


def memory(way: str) -> float:
    """Megabytes resident, at the most, in a process that opens the encoder one way and encodes queries."""
    code = """
from pathlib import Path
from factcheck.embed import open_encoder
from factcheck.settings import read_settings
encoder = open_encoder(read_settings())
for _ in range(20):
    encoder.encode_queries(["How much does the wall cost the taxpayers in the end?"])
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024)
"""
    said = subprocess.run([sys.executable, "-c", code], env={**os.environ, "CLAIMTRAIL_ENCODER": way}, capture_output=True, text=True, check=True)
    return float(said.stdout)


def main() -> None:
    from factcheck import embed, model_folder
    from factcheck.settings import read_settings

    settings = read_settings()
    fast = embed.open_encoder(settings)
    embed.prepare(settings, lambda *_: None)
    print(f"encoder: {embed.engine(fast)}; {CORES} cores")
    some = texts(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    passages = [f"passage: {text}" for text in some]

    embed.set_libraries()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder.ready_folder(settings.cache)), local_files_only=True).eval()
    tokens = sum(len(ids) for ids in model.tokenizer(passages)["input_ids"])
    print(f"{len(some):,} texts, {tokens / len(some):.1f} tokens each")

    def plain(batch: Sequence[str]) -> np.ndarray:
        return model.encode(list(batch), batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True)

    agreement = (plain(passages) * fast.encode_passages(some)).sum(axis=1)
    slow, quick = best(lambda: plain(passages)), best(lambda: fast.encode_passages(some))
    queries = some[:: len(some) // QUERIES][:QUERIES]
    slow_one, quick_one = one_by_one(lambda t: plain([f"query: {t[0]}"]), queries), one_by_one(fast.encode_queries, queries)
    matrices = [p for name, p in model[0].auto_model.named_parameters() if name.startswith("encoder.") and p.dim() == 2]
    needed = 2 * sum(p.numel() for p in matrices) * tokens / 1e9
    limit = peak()
    print(f"{'':34}{'SentenceTransformer float32':>28}{'fast encoder':>14}{'ratio':>8}")
    print(f"{'texts a second':34}{len(some) / slow:28.1f}{len(some) / quick:14.1f}{slow / quick:8.2f}")
    print(f"{'tokens a second':34}{tokens / slow:28,.0f}{tokens / quick:14,.0f}{slow / quick:8.2f}")
    print(f"{'one query, median, ms':34}{slow_one:28.1f}{quick_one:14.1f}{slow_one / quick_one:8.2f}")
    plain_memory, fast_memory = memory("plain"), memory("auto")
    print(f"{'memory, MB':34}{plain_memory:28.0f}{fast_memory:14.0f}{plain_memory / fast_memory:8.2f}")
    print(f"cosine to float32: mean {agreement.mean():.5f}, least {agreement.min():.5f}")
    print(
        f"8-bit products alone reach {limit:.0f} billion operations a second here; the encoder's matrices take {needed / quick:.0f} of them, "
        f"{needed / quick / limit:.0%} (the rest is attention, normalisation and rounding); at most {len(some) * limit / needed:.0f} texts a second"
    )


if __name__ == "__main__":
    main()
