"""All SQL lives in this package; ``open_store`` is the way in."""

from db.failures import explained
from db.filters import Filters
from db.moving import move
from db.store import Store, is_there, open_store

__all__ = ["Filters", "Store", "explained", "is_there", "move", "open_store"]
