"""What a change of a flow breaks, in words for people. Takes an ArtifactDiff in the JSON form of the API."""

from __future__ import annotations

from penstock.cli.client import JsonObject

_LEVELS = ("WIRE", "JSON", "SOURCE")


def breakages(diff: JsonObject) -> list[tuple[str, str, str]]:
    """(whom it breaks, path, what was and what is); what several rules found about one thing is one row."""
    found: dict[tuple[str, str], set[str]] = {}
    for change in diff.get("changes", []):
        found.setdefault((change["path"], change["message"]), set()).update(change["levels"])
    return [
        (", ".join(level for level in _LEVELS if level in levels), path, what) for (path, what), levels in found.items()
    ]


def sentences(diff: JsonObject) -> list[str]:
    """One line for each thing that breaks somebody."""
    return [f"breaks {levels}: {path}: {what}" for levels, path, what in breakages(diff)]


def verdict(diff: JsonObject) -> str:
    """Whom the change breaks as a whole, "nobody" for none."""
    broken = [level for level in _LEVELS if diff.get(f"{level.lower()}_breaking")]
    return ", ".join(broken) or "nobody"
