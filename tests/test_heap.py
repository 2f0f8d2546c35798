"""The threads of a server share a few heaps of the C library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from factcheck import heap

ROOT = Path(__file__).resolve().parent.parent
COUNTED = """
import ctypes, sys, threading
sys.path.insert(0, {root!r})
from factcheck import heap
if {shared}:
    assert heap.share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.fopen.restype = ctypes.c_void_p, [ctypes.c_size_t], ctypes.c_void_p
together = threading.Barrier(8)
def work():
    together.wait()
    for _ in range(50):
        libc.malloc(5000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads], [t.join() for t in threads]
out = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
print(open(sys.argv[1]).read().count("<heap nr="))
"""


def heaps(path: Path, shared: bool) -> int:
    script = COUNTED.format(root=str(ROOT), shared=shared)
    return int(subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True).stdout)


def test_the_threads_of_a_server_share_their_heaps(tmp_path):
    assert heaps(tmp_path / "own", shared=False) > heap.HEAPS, "without the setting each thread has its own: the test shows nothing here"
    assert heaps(tmp_path / "shared", shared=True) <= heap.HEAPS


def test_a_c_library_without_the_setting_changes_nothing(monkeypatch):
    monkeypatch.setattr(heap.ctypes, "CDLL", lambda name: object())
    assert heap.share_heaps() is False
