"""Links between documents lead somewhere."""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.docs.documents import DOCUMENTS, anchors, links
from tests.harness import ROOT


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_a_file_and_a_heading(document: str) -> None:
    assert list(_broken(document)) == []


def _broken(document: str) -> Iterator[str]:
    for link in links(document):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = os.path.normpath(PurePosixPath(document).parent / path) if path else document
        if not (ROOT / target).exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name != "README.md"])
def test_every_document_is_linked(document: str) -> None:
    linked = {
        os.path.normpath(PurePosixPath(source).parent / link.partition("#")[0])
        for source in DOCUMENTS
        if source != document
        for link in links(source)
        if not link.startswith("#")
    }
    assert document in linked or str(PurePosixPath(document).parent) in linked
