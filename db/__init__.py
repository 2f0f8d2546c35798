"""All SQL lives in this package; ``open_store`` is the way in."""

from db.failures import explained
from db.filters import Filters
from db.store import Store, open_store

__all__ = ["Filters", "Store", "explained", "open_store"]
