"""All SQL lives in this package; ``open_store`` is the way in."""

from db.filters import Filters
from db.store import Store, open_store

__all__ = ["Filters", "Store", "open_store"]
