"""The process's memory: few heaps, so that a server of many threads does not keep in each what was freed in it.

The C library of most Linux systems gives threads heaps of their own, up to eight for each core, and none gives back what another could use: a server
that reads articles, encodes and answers in a dozen threads held twice the memory that the same work takes in one.
"""

from __future__ import annotations

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX in glibc's malloc.h
HEAPS = 2


def share_heaps() -> bool:
    """Let all threads share a few heaps; to be called before they start. False where the C library has no such setting, and nothing changes."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, HEAPS))
    except (OSError, AttributeError, TypeError):
        return False
