"""Bad input by the hundred thousand, for every parser: ``python -m trials.fuzz`` (``make fuzz``)."""
