"""Claimtrail: who said what, when, and what is known about it."""

import os

__version__ = "0.1.0"

# One thread for each of numpy's matrix products, set before numpy reads it. They are small here, and threads that wait for each other in
# each of them took a third of an article's processor time. Several requests, and the encoder's batches, still run at once on every core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
