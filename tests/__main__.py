"""Run every test: those on SQLite on two processes, and beside them on a third those that go through the store once more, on PostgreSQL.

What the first say is told as it comes, what the others say when both are done. ``python -m tests [words for pytest]``
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHOLE_FILES = ("--dist", "loadfile", "--no-loadscope-reorder")  # what the tests of a file share is made once, in the order of quick.py


def main(*words: str) -> int:
    """Whether anything failed, as the code this ends with."""
    program = [sys.executable, "-m", "pytest", *words]
    with tempfile.TemporaryFile() as said:
        on_server = subprocess.Popen(
            [*program, "-p", "no:cacheprovider"], cwd=ROOT, env=os.environ | {"CLAIMTRAIL_TEST_STORE": "postgresql"}, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            failed = subprocess.run([*program, "-n", "2", *WHOLE_FILES], cwd=ROOT, check=False).returncode
            failed = on_server.wait() or failed
        finally:
            on_server.terminate()
        said.seek(0)
        print("\nOn PostgreSQL:", flush=True)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
