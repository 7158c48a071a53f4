"""An exported execution as one HTML page that asks nobody for anything: no script, no font, no picture."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from penstock.cli.client import JsonObject
from penstock.cli.exports.export_report import Table, report_of

_STYLE = """\
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dt { opacity: .65; } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td { white-space: nowrap; } td:last-child { white-space: normal; overflow-wrap: anywhere; min-width: 16rem; }
pre { background: #8881; padding: .75rem; overflow-x: auto; font-size: .85rem; }
.FAILED, .TIMED_OUT, .REJECTED, .EXPIRED { color: #c62828; } .SUCCEEDED, .COMPLETED, .APPROVED { color: #2e7d32; }
@media (prefers-color-scheme: dark) {
  .FAILED, .TIMED_OUT, .REJECTED, .EXPIRED { color: #ef9a9a; } .SUCCEEDED, .COMPLETED, .APPROVED { color: #a5d6a7; }
}
@media print { details { display: block; } }
"""
_COLOURED = frozenset(("FAILED", "TIMED_OUT", "REJECTED", "EXPIRED", "SUCCEEDED", "COMPLETED", "APPROVED"))


def html_report(document: JsonObject) -> str:
    return "\n".join(_lines(document)) + "\n"


def _lines(document: JsonObject) -> Iterator[str]:
    report = report_of(document)
    title = escape(report.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    # Whatever somebody put into the data, the page loads nothing and runs nothing.
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{title}</h1>\n<dl>"
    for name, value in report.facts.items():
        yield f"<dt>{escape(name)}</dt><dd>{_cell(value)}</dd>"
    yield "</dl>"
    for table in report.tables:
        yield from _table(table)
    if report.traceback:
        yield f"<h2>Traceback</h2>\n<pre>{escape(report.traceback)}</pre>"
    if report.messages:
        yield "<h2>What flowed</h2>"
        for message in report.messages:
            yield f"<details><summary>{escape(message.title)}</summary><pre>{escape(message.text)}</pre></details>"
    yield "</body>\n</html>"


def _table(table: Table) -> Iterator[str]:
    yield f'<h2>{escape(table.title)}</h2>\n<div class="wide"><table>'
    yield f"<thead><tr>{''.join(f'<th>{escape(header)}</th>' for header in table.headers)}</tr></thead>\n<tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table></div>"
    if table.note:
        yield f"<p>{escape(table.note)}</p>"


def _cell(text: str) -> str:
    return f'<span class="{text}">{text}</span>' if text in _COLOURED else escape(text)
