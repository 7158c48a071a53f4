"""A file beside nodes.py, to be seen in tracebacks."""


def raise_deep_down() -> None:
    raise ValueError("deep down")
