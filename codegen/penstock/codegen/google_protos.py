"""Copies the google/api protos that ours import to where buf looks for them.

buf would fetch them from its registry; we have them in the googleapis-common-protos wheel. Git ignores the
copies, buf is told to leave them alone (buf.yaml).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from penstock.codegen.protoc import common_protos

GOOGLE_FOLDER = "google"
_NAMES = (f"{GOOGLE_FOLDER}/api/annotations.proto", f"{GOOGLE_FOLDER}/api/http.proto")


def copy_google_protos(proto_root: Path) -> None:
    """`proto_root` is the folder that proto imports start from."""
    for name in _NAMES:
        target = proto_root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(common_protos() / name, target)
