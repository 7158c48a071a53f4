"""Reads an access log line by line; each line that is kept becomes a frame of the stream."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from penstock.sdk import UserError, context, node, pipeline

from .messages_pb2 import Finding, Record, Scan

DATA = Path(__file__).parent / "data"

# 203.0.113.7 - - [14/Mar/2025:08:00:01 +0000] "GET /tea HTTP/1.1" 200 5120 "referrer" "agent"
COMBINED_FORMAT = re.compile(
    r"(?P<client>\S+) \S+ \S+ "
    r"\[(?P<time>[^]]+)\] "
    r'"(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" '
    r"(?P<status>\d{3}) (?P<size>\d+|-)"
)
DOORS = ("/wp-login.php", "/.env", "/.git/", "/phpmyadmin", "/cgi-bin/")


@pipeline(timeout="1m")
def scan(request: Scan) -> Iterator[Record]:
    """Parses the file, keeps the records that are asked for and counts them."""
    kept: Counter[str] = Counter()
    for number, line in lines_of(request.file):
        record = parse(number, line)
        if record is None:
            context.log.warning("line %d is not in the combined format", number)
        elif record.status >= request.status_min and record.path.startswith(request.path_prefix):
            kept[record.client] += 1
            record.kept = kept.total()
            record.kept_of_client = kept[record.client]
            yield record


@node
async def judge(record: Record) -> Finding:
    """Says how much a record matters. Runs once for each frame of the scan."""
    return Finding(severity=severity_of(record), summary=summary_of(record), record=record)


def lines_of(file: str) -> Iterator[tuple[int, str]]:
    """Numbered lines, read as they are asked for: the file may be larger than the memory."""
    known = sorted(path.name for path in DATA.iterdir())
    if file not in known:
        raise UserError(f"there is no file {file!r}; there is {', '.join(known)}", code="NO_SUCH_FILE")
    with open(DATA / file, encoding="utf-8", errors="replace") as lines:
        yield from enumerate(lines, 1)


def parse(number: int, line: str) -> Record | None:
    """None for a line in another format: servers crash in the middle of one."""
    match = COMBINED_FORMAT.match(line)
    if match is None:
        return None
    return Record(
        line=number,
        time=datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z"),
        client=match["client"],
        method=match["method"],
        path=match["path"],
        status=int(match["status"]),
        size_bytes=0 if match["size"] == "-" else int(match["size"]),
    )


def severity_of(record: Record) -> int:
    if record.path.startswith(DOORS):
        return Finding.ATTACK
    if record.status >= 500:
        return Finding.ERROR
    return Finding.WARNING if record.status >= 400 else Finding.INFO


def summary_of(record: Record) -> str:
    request = f"{record.method} {record.path} from {record.client} gave {record.status}"
    return request if record.kept_of_client == 1 else f"{request}, number {record.kept_of_client} from there"
