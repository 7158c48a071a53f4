"""Installs the other engines, pinned, into an environment of their own: `python -m bench.peers.install`.

Not an extra of `pyproject.toml`: what they need shall not decide what the project uses, and Flux needs a newer Python.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".venv-peers"

DBOS = "dbos==3.4.0"
RESTATE_SDK = "restate-sdk==1.3.0"
RESTATE_SERVER = "@restatedev/restate-server@1.7.12"
FLUX = "flux-core[postgresql]==0.87.5"

_PYTHON_PACKAGES = (DBOS, RESTATE_SDK, "uvicorn==0.54.0", "httptools==0.9.0", "hypercorn==0.18.0", "uvloop==0.23.0")
_FLUX_NEEDS = (3, 12)
"""The oldest Python that Flux runs on."""

_INSTALL_S = 600.0

PYTHON = FOLDER / "python" / "bin" / "python"
FLUX_PYTHON = FOLDER / "flux" / "bin" / "python"

VERSIONS = {
    "dbos": f"DBOS {DBOS.rpartition('==')[2]}",
    "restate": f"Restate {RESTATE_SERVER.rpartition('@')[2]} (Python SDK {RESTATE_SDK.rpartition('==')[2]})",
    "flux": f"Flux {FLUX.rpartition('==')[2]}",
}
"""What a report calls them."""


def installed() -> list[str]:
    """The engines that can be started without an install."""
    python = _is_current("python", _PYTHON_PACKAGES)
    found = {
        "dbos": python,
        "restate": python and _is_current("node", (RESTATE_SERVER,)),
        "flux": _is_current("flux", (FLUX,)),
    }
    return [name for name, is_found in found.items() if is_found]


def install() -> list[str]:
    """Installs what is missing and says what it does on standard error; the engines that can be started.

    An engine that this machine cannot run is left out, with the reason in one line. Raises
    RuntimeError when a package manager fails.
    """
    _install("python", _PYTHON_PACKAGES, _install_python)
    if shutil.which("npm") is None:
        _say("Restate is left out: npm is not here, and its server is installed with it")
    elif (platform.system(), platform.machine()) not in _RESTATE_PLATFORMS:
        _say(f"Restate is left out: it has no server for {platform.system()} on {platform.machine()}")
    else:
        _install("node", (RESTATE_SERVER,), _install_node)
    if _python_for_flux() is None:
        _say("Flux is left out: it needs Python 3.12 or newer, and none was found")
    else:
        _install("flux", (FLUX,), _install_flux)
    return installed()


def restate_server() -> Path:
    """The program itself; npm's own entry is a Node process that waits for it."""
    return next((FOLDER / "node" / "node_modules" / "@restatedev").glob("restate-server-*/bin/restate-server"))


_RESTATE_PLATFORMS = {
    ("Linux", "x86_64"),
    ("Linux", "aarch64"),
    ("Darwin", "x86_64"),
    ("Darwin", "arm64"),
}


def _install_python(folder: Path) -> None:
    _pip(sys.executable, folder, _PYTHON_PACKAGES)


def _install_flux(folder: Path) -> None:
    python = _python_for_flux()
    assert python is not None
    _pip(python, folder, (FLUX,))


def _install_node(folder: Path) -> None:
    folder.mkdir(parents=True)
    # Without scripts: the one of a dependency does nothing but report the install.
    _run("npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", RESTATE_SERVER)


def _pip(python: str, folder: Path, packages: Sequence[str]) -> None:
    _run(python, "-m", "venv", str(folder))
    _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input", *packages)


def _install(name: str, packages: Sequence[str], make: Callable[[Path], None]) -> None:
    if _is_current(name, packages):
        return
    _say(f"installing {', '.join(packages)}")
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    make(FOLDER / name)
    _stamp(name).write_text(_wanted(packages))


def _is_current(name: str, packages: Sequence[str]) -> bool:
    stamp = _stamp(name)
    return stamp.is_file() and stamp.read_text() == _wanted(packages)


def _stamp(name: str) -> Path:
    return FOLDER / name / "installed.txt"


def _wanted(packages: Sequence[str]) -> str:
    """Names the folder as well: an environment does not work where it was moved to."""
    return "\n".join((str(FOLDER), *packages, ""))


@cache
def _python_for_flux() -> str | None:
    """An interpreter that is new enough, this one first; None when there is none."""
    minors = range(_FLUX_NEEDS[1], _FLUX_NEEDS[1] + 3)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    pyenv = [str(path) for minor in minors for path in sorted(versions.glob(f"3.{minor}.*/bin/python"))]
    for candidate in (sys.executable, *(f"python3.{minor}" for minor in minors), *pyenv):
        check = f"import sys, ensurepip, venv; sys.exit(sys.version_info < {_FLUX_NEEDS})"
        if shutil.which(candidate) and not subprocess.run([candidate, "-c", check], capture_output=True).returncode:
            return candidate
    return None


def _run(*command: str) -> None:
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_INSTALL_S, cwd=FOLDER
    )
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}")


def _say(text: str) -> None:
    print(f"peers: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    _say(f"ready: {', '.join(VERSIONS[name] for name in install())}")
