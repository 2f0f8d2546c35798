"""Measurements. Each is a command of its own; ``python -m bench`` runs them all."""

import factcheck  # noqa: F401  before numpy: it says on how many threads that works
