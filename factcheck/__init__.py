"""Claimtrail: who said what, when, and what is known about it."""

__version__ = "0.1.0"
