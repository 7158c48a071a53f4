"""Finds the metrics and labels that a PromQL expression names: enough to hold rules and dashboards to what is there."""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_SELECTOR = re.compile(r"\{[^{}]*\}")
_RANGE = re.compile(r"\[[^\]]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
_NUMBER = re.compile(r"\b\d+(?:\.\d+)?\b")
_WORDS_OF_THE_LANGUAGE = {"and", "or", "unless", "bool", "offset"}
FUNCTIONS = {
    *("abs", "avg", "avg_over_time", "deriv", "histogram_quantile", "increase", "label_values", "max"),
    *("min", "rate", "sum", "topk"),
}


def metrics(expression: str) -> set[str]:
    """The names of the metrics. Raises ValueError when brackets are left open, or for a function that is not known."""
    _check_brackets(expression)
    left = _NUMBER.sub(" ", _GROUPING.sub(" ", _RANGE.sub(" ", _SELECTOR.sub(" ", _STRING.sub('""', expression)))))
    called = {found[1] for found in re.finditer(r"([a-zA-Z_]\w*)\s*\(", left)} - _WORDS_OF_THE_LANGUAGE
    aggregated = {word for word in ("sum", "max", "min", "avg", "topk") if re.search(rf"\b{word}\b", left)}
    if unknown := called - FUNCTIONS:
        raise ValueError(f"functions {', '.join(sorted(unknown))} are not known: {expression}")
    return set(_WORD.findall(left)) - called - aggregated - _WORDS_OF_THE_LANGUAGE


def labels(expression: str) -> set[str]:
    """The labels that it selects or groups by."""
    bare = _STRING.sub('""', expression)
    named = {found for selector in _SELECTOR.findall(bare) for found in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector)}
    grouped = {word for group in _GROUPING.findall(bare) for word in _WORD.findall(group)}
    return named | grouped


def _check_brackets(expression: str) -> None:
    open_ones: list[str] = []
    pairs = {")": "(", "]": "[", "}": "{"}
    for mark in _STRING.sub("", expression):
        if mark in pairs.values():
            open_ones.append(mark)
        elif mark in pairs and (not open_ones or open_ones.pop() != pairs[mark]):
            raise ValueError(f"{mark} closes nothing: {expression}")
    if open_ones:
        raise ValueError(f"{open_ones[-1]} is left open: {expression}")
