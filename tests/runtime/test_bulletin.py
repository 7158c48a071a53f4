"""A change that one process makes is seen by all that share its file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from penstock.engine.runtime.news.bulletin import Bulletin

CHANGE = "import sys; from pathlib import Path; from penstock.engine.runtime.news.bulletin import Bulletin; "
CHANGE += "Bulletin(Path(sys.argv[1])).change()"


def test_mark_stays_until_somebody_changes_it(tmp_path: Path) -> None:
    one, two = Bulletin(tmp_path / "folder" / "names"), Bulletin(tmp_path / "folder" / "names")
    assert one.mark() == one.mark() == two.mark()
    before = one.mark()
    two.change()
    assert one.mark() == two.mark() != before


def test_change_of_another_process_is_seen_when_it_is_made(tmp_path: Path) -> None:
    bulletin = Bulletin(tmp_path / "names")
    before = bulletin.mark()
    subprocess.run([sys.executable, "-c", CHANGE, str(tmp_path / "names")], check=True)
    assert bulletin.mark() != before
