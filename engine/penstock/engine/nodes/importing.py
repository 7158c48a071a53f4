"""Imports a package's code, whatever it does: raise, exit or never come back."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import importlib.util
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from penstock.engine.domain.errors import PackageProblems
from penstock.engine.domain.failure import shorten
from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.authoring import ATTRIBUTE, Declaration, collect

_T = TypeVar("_T")
_MESSAGE_LENGTH_MAX = 1_000


async def run_in_thread(package: str, function: Callable[[], _T], timeout_s: float) -> _T:
    """Runs `function` beside the event loop. Raises what it raises, or PackageProblems when it takes too long.

    The thread is a daemon: one that never comes back must not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(error)

    def work() -> None:
        result, error = None, None
        try:
            result = function()
        except BaseException as raised:
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name=f"load-{package}", daemon=True).start()
    try:
        async with asyncio.timeout(timeout_s):
            return await done
    except TimeoutError:
        raise PackageProblems(package, [Problem("nodes.py", f"took longer than {timeout_s:g} s to import")]) from None


def import_nodes(
    package: str, root: Path, parent: str, generated: Mapping[str, ModuleType]
) -> tuple[ModuleType, Sequence[Declaration]]:
    """The module <parent>.nodes and what was declared to be a node while it was imported.

    `root` is the folder of the module `parent`; `generated` are modules that are there without a file. An
    earlier import under the same names is forgotten first. Raises PackageProblems naming file and line.
    """
    forget(parent)
    importlib.invalidate_caches()
    sys.modules.update(generated)
    try:
        with collect() as declarations:
            _import_parent(parent, root)
            module = importlib.import_module(f"{parent}.nodes")
    except BaseException as error:  # also SystemExit: nothing that a package does may stop the engine
        forget(parent)
        raise PackageProblems(package, [_problem(error, root, parent)]) from None
    return module, [_outermost(declaration, module) for declaration in declarations]


def _outermost(declaration: Declaration, module: ModuleType) -> Declaration:
    """The declaration with what other decorators above @node made of the function."""
    function: Any = getattr(module, getattr(declaration.function, "__name__", ""), None)
    declared = getattr(function, ATTRIBUTE, None) is declaration
    return dataclasses.replace(declaration, function=function) if declared else declaration


def forget(parent: str) -> None:
    """Takes the modules out of sys.modules. Functions that are still referred to go on working."""
    for name in [name for name in sys.modules if name == parent or name.startswith(f"{parent}.")]:
        del sys.modules[name]


def _import_parent(parent: str, root: Path) -> None:
    own = root / "__init__.py"
    if own.is_file():
        spec = importlib.util.spec_from_file_location(parent, own, submodule_search_locations=[str(root)])
    else:
        spec = ModuleSpec(parent, None, is_package=True)
        spec.submodule_search_locations = [str(root)]
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[parent] = module
    if spec.loader is not None:
        spec.loader.exec_module(module)


def _problem(error: BaseException, root: Path, parent: str) -> Problem:
    where = _where(error, root)
    if isinstance(error, SyntaxError):
        return Problem(where, f"{type(error).__name__}: {error.msg}")
    if isinstance(error, SystemExit):
        return Problem(where, f"it called sys.exit({error.code!r}) while it was imported")
    if isinstance(error, ModuleNotFoundError):
        if error.name == f"{parent}.nodes":
            return Problem("nodes.py", "there is no such file; it holds the package's nodes")
        return Problem(where, f"there is no module {error.name}{_hint(error.name or '', root)}")
    return Problem(where, shorten(f"{type(error).__name__}: {error}", _MESSAGE_LENGTH_MAX))


def _where(error: BaseException, root: Path) -> str:
    """File and line of the package's own code that is nearest to the error."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    for file, line in reversed(places):
        if Path(file).is_relative_to(root):
            return f"{Path(file).relative_to(root).as_posix()}:{line}"
    return "nodes.py"


def _hint(name: str, root: Path) -> str:
    first = name.partition(".")[0]
    if first.endswith("_pb2") and any(root.glob(f"{first.removesuffix('_pb2')}.proto")):
        return f"; the messages of a package's own files come with: from .{first} import …"
    if (root / f"{first}.py").is_file() or (root / first).is_dir():
        return f"; it is a file of the package itself: write `from . import {first}`"
    return "; it has to be installed where the engine runs"
