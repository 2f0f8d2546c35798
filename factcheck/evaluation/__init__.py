"""How good the product is on labelled data: the measures of the field, used by ``factcheck eval`` and by the tests."""
