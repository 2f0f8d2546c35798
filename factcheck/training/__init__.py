"""Training what the product learns: the matching adapter, from files by ``training/`` and from a newsroom's own decisions."""
