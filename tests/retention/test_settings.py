"""How long executions are kept, as people write it on the command line and in the environment."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from penstock.cli.commandline.argument_types import keeping_s
from penstock.cli.errors import UsageError
from penstock.cli.serving.retention_settings import archive_dir, retention_settings
from penstock.engine.domain import limits


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30d", 2_592_000), ("12h", 43_200), ("1h", 3_600), ("36500d", 3_153_600_000), ("forever", None)],
)
def test_time_is_days_or_hours_or_for_ever(text: str, seconds: int | None) -> None:
    assert keeping_s(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "0d", "30m", "36501d", "-1d", "1.5d", "ever", "1d12h", "٣d", "99999999d"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"expected a time such as 30d, 12h \(1h to 36500d\) or forever, got"):
        keeping_s(text)


def test_bounds_are_those_of_the_server() -> None:
    assert (keeping_s("1h"), keeping_s("36500d")) == (limits.RETENTION_S_MIN, limits.RETENTION_S_MAX)


def test_server_keeps_executions_as_its_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PENSTOCK_RETENTION", "PENSTOCK_ARCHIVE_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert (retention_settings().default_s, archive_dir()) == (30 * 86_400, None)
    monkeypatch.setenv("PENSTOCK_RETENTION", "7d")
    monkeypatch.setenv("PENSTOCK_ARCHIVE_DIR", str(tmp_path))
    assert (retention_settings().default_s, archive_dir()) == (7 * 86_400, tmp_path)
    monkeypatch.setenv("PENSTOCK_RETENTION", "forever")
    assert retention_settings().default_s is None
    monkeypatch.setenv("PENSTOCK_RETENTION", "a week")
    with pytest.raises(UsageError, match="PENSTOCK_RETENTION: expected a time"):
        retention_settings()
