"""`penstock executions export` and `replay` on the command line."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.client import JsonObject
from penstock.cli.exports.export_html import html_report
from penstock.cli.exports.export_markdown import markdown_report
from penstock.cli.exports.export_report import EVENTS_MAX
from penstock.cli.exports.replay_recording import Recording
from tests.export.runs import RUNS, ended, exported, fulfilled, recovered
from tests.harness import Server

NO_SUCH = "0" * 31 + "1"
PATIENCE_S = 20

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(server: Server) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    return kept | {"PENSTOCK_URL": server.info["http_url"], "PENSTOCK_API_KEY": server.key}


@pytest.fixture
def executions(depot: Server, tmp_path: Path) -> Run:
    """Runs `penstock executions` without a terminal."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "penstock.cli", "executions", *words]
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(depot) | {"PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=60,
        )

    return run


def test_export_prints_the_document_or_writes_it(depot: Server, executions: Run, tmp_path: Path) -> None:
    execution_id = ended(depot, "map")
    printed = executions("export", execution_id)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert executions("export", execution_id, "--out", "run.json").stdout == ""
    written = json.loads((tmp_path / "run.json").read_text())
    for document in (json.loads(printed.stdout), written):
        assert document["execution"] == depot.execution(execution_id)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_audit_format_is_signed_and_verified(depot: Server, executions: Run, tmp_path: Path) -> None:
    execution_id = fulfilled(depot)
    assert executions("export", execution_id, "--format", "audit", "--out", "audit.json").returncode == 0
    key = subprocess.run(
        [sys.executable, "-m", "penstock.cli", "keys", "audit", "--data-dir", str(depot.data_dir)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert executions("verify", "audit.json", "--key", key).returncode == 0
    file = tmp_path / "audit.json"
    file.write_text(file.read_text().replace('"APPROVED"', '"REJECTED"'))
    changed = executions("verify", "audit.json", "--key", key)
    assert (changed.returncode, changed.stdout) == (1, "")
    assert re.fullmatch(r"penstock: audit\.json: it was changed: event 7 does not .*\n", changed.stderr)


def test_refusals_leave_no_file(executions: Run, tmp_path: Path) -> None:
    missing = executions("export", NO_SUCH, "--out", "run.json")
    assert (missing.returncode, missing.stderr) == (1, f"penstock: there is no execution {NO_SUCH}\n")
    assert list(tmp_path.iterdir()) == []
    assert executions("export", "x").returncode == 2
    assert executions("replay", "nothing.json").returncode == 2
    assert executions("verify", "nothing.json").returncode == 2


def test_export_into_a_folder_that_is_not_there_is_told(depot: Server, executions: Run) -> None:
    done = executions("export", ended(depot, "plain"), "--out", "no/run.json")
    assert (done.returncode, done.stderr) == (1, "penstock: cannot write no/run.json: No such file or directory\n")


OTHERS = {"fulfilled": fulfilled, "recovered": recovered}


@pytest.mark.parametrize("run", [*RUNS, *OTHERS])
def test_replay_comes_to_where_the_execution_stands(depot: Server, run: str) -> None:
    document = exported(depot, OTHERS[run](depot) if run in OTHERS else ended(depot, run))
    recording = Recording(document)
    standing = recording.at(recording.last)
    assert (standing.status, standing.nodes) == (document["execution"]["status"], document["nodes"])


@pytest.mark.parametrize("run", ["retries", "undone", "gate", "pipeline"])
def test_going_back_shows_what_going_on_showed(depot: Server, run: str) -> None:
    recording = Recording(exported(depot, ended(depot, run)))
    places = range(1, min(recording.last, 60) + 1)
    onwards = [recording.at(sequence) for sequence in places]
    assert [recording.at(sequence) for sequence in reversed(places)] == onwards[::-1]


def test_replay_shows_the_nodes_as_get_does(depot: Server, executions: Run) -> None:
    execution_id = fulfilled(depot)
    shown = executions("get", execution_id).stdout.partition("\n\n")[2]
    replayed = executions("replay", execution_id).stdout
    assert replayed.partition("\n\n")[2].partition("\n")[2] == shown
    assert replayed.startswith(f"{execution_id} fulfil v1, 29 events; nothing runs\n1  ")


def test_replay_at_a_sequence_shows_where_it_stood(depot: Server, executions: Run) -> None:
    execution_id = fulfilled(depot)
    done = executions("replay", execution_id, "--at", "6", "--show-io")
    first, rest = done.stdout.split("\n\n")
    assert re.sub(r"\d{4}-\S+ \S+", "TIME", first) == "6  TIME  EXECUTION_PAUSED\n    execution RUNNING -> PAUSED"
    assert rest.startswith("after event 6: PAUSED\nNODE ")
    assert re.search(r"^approve +WAITING .* waits for a person until ", rest, re.MULTILINE)
    assert '      "order_id": "A-1",' in executions("replay", execution_id, "--at", "1", "--show-io").stdout
    late = executions("replay", execution_id, "--at", "30")
    assert (late.returncode, late.stderr) == (2, "penstock: --at: expected at most 29, the last sequence, got 30\n")


def test_replay_of_a_file_needs_no_server(depot: Server, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(exported(depot, ended(depot, "map"))))
    command = [sys.executable, "-m", "penstock.cli", "executions", "replay", str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "after event" in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["artifact"].pop("plan"),
        lambda document: document["events"].pop(3),
        lambda document: document["events"][3]["event"].update(node="nobody"),
        lambda document: document["events"][3]["event"].update(type="NODE_TELEPORTED"),
        lambda document: document["events"].__setitem__(3, 7),
    ],
)
def test_document_that_does_not_fit_is_one_line(
    depot: Server, executions: Run, tmp_path: Path, change: Callable[[JsonObject], Any]
) -> None:
    document = exported(depot, ended(depot, "map"))
    change(document)
    (tmp_path / "run.json").write_text(json.dumps(document))
    done = executions("replay", "run.json")
    assert done.returncode == 1
    assert re.fullmatch(r"penstock: cannot replay the document: .+\n", done.stderr)


class Terminal:
    """A replay on a terminal of 100 cells by 40 lines."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment | {"COLUMNS": "100", "LINES": "40", "TERM": "xterm"})
        self._text = ""

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def wait_for(self, pattern: str) -> None:
        """Reads until the newest screen shows it."""
        while not re.search(pattern, self._text.rpartition("\x1b[2J")[2]):
            ready, _, _ = select.select([self._terminal], [], [], PATIENCE_S)
            assert ready, self._text
            self._text += os.read(self._terminal, 65536).decode()

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def terminal(depot: Server) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*words: str) -> Terminal:
        command = [sys.executable, "-m", "penstock.cli", "executions", *words]
        opened.append(Terminal(command, environment(depot)))
        return opened[-1]

    yield open_terminal
    for each in opened:
        try:
            os.kill(each.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def test_keys_walk_through_a_replay(depot: Server, terminal: Callable[..., Terminal]) -> None:
    replay = terminal("replay", fulfilled(depot), "--show-io")
    replay.wait_for(r"after event 1 of 29: QUEUED[^$]*q quit")
    for keys, shown in (
        ("n", "after event 2 of 29: RUNNING"),
        ("p", "after event 1 of 29: QUEUED"),
        ("p", "after event 1 of 29: QUEUED"),
        ("6\n", "after event 6 of 29: PAUSED"),
        ("\x1b[C", "after event 7 of 29: PAUSED"),
        ("\x1b[D", "after event 6 of 29: PAUSED"),
        ("999\n", "after event 29 of 29: COMPLETED"),
        ("n", "after event 29 of 29: COMPLETED"),
    ):
        replay.press(keys)
        replay.wait_for(f"{shown}[^$]*q quit")
    replay.press("q")
    assert replay.end() == 0


class Page(HTMLParser):
    """What a page holds that could ask somebody for something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


HOSTILE = "<script src=http://evil.example>|`*_[x](http://evil.example)\n\x1b[31m</pre>"


@pytest.fixture
def hostile(depot: Server) -> JsonObject:
    """A document whose data is markup."""
    document: JsonObject = exported(depot, fulfilled(depot))
    document["pauses"][0]["comment"] = document["pauses"][0]["prompt"] = HOSTILE
    document["input"]["order_id"] = HOSTILE
    document["execution"]["labels"] = {"a": HOSTILE}
    document["execution"]["error"] = {"message": HOSTILE, "code": "X", "traceback": HOSTILE}
    return document


def test_html_asks_for_nothing_whatever_the_data_is(hostile: JsonObject) -> None:
    text = html_report(hostile)
    page = Page(text)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not {name for name in page.attributes if name in ("src", "href", "style") or name.startswith("on")}
    assert "&lt;script src=http://evil.example&gt;" in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_markdown_shows_data_as_it_is(hostile: JsonObject) -> None:
    text = markdown_report(hostile)
    plain = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert "<script" not in plain.replace(r"\<", "")
    assert r"\[x\](http" in plain
    assert all(line.count(" | ") == 5 for line in re.findall(r"^\| approve.*$", plain, re.MULTILINE))


def test_reports_say_what_happened(depot: Server, executions: Run) -> None:
    execution_id = fulfilled(depot)
    markdown = executions("export", execution_id, "--format", "markdown").stdout
    assert markdown.startswith("# fulfil v1: COMPLETED\n")
    assert re.search(r"^\| approve \| APPROVED \| penstock dev .* \| fine \| Approve this order\? \|$", markdown, re.M)
    assert "### 4: output of price" in markdown
    assert "What flowed" not in executions("export", execution_id, "--format", "markdown", "--no-io").stdout
    assert executions("export", execution_id, "--format", "html").stdout.startswith("<!doctype html>\n")


def test_report_of_a_failure_tells_why(depot: Server) -> None:
    document = exported(depot, ended(depot, "failure"))
    error = document["execution"]["error"]
    for report in (html_report(document), markdown_report(document)):
        assert error["code"] in report and "Traceback" in report


def test_report_of_a_long_log_says_that_there_is_more(depot: Server) -> None:
    document = exported(depot, ended(depot, "pipeline"))
    document["events"] *= 2
    more = f"{len(document['events']) - EVENTS_MAX:,} more are in the JSON document."
    assert more in html_report(document) and more in markdown_report(document)
