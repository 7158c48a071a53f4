"""Finds the signals that a node waits for in its source: `await context.signal("approved", Approval)`.

The function itself is read, and functions of the same package that it names. Nothing of it is run.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CellType, CodeType, FunctionType, ModuleType

from penstock.engine.nodes.authoring import context

_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of context.signal. `name` and `type` are None for what cannot be read from the source.

    `where` is its file and line.
    """

    name: str | None
    type: type | None
    where: str


def find_signal_calls(function: Callable[..., object], root: Path) -> list[Call]:
    """The calls in the function and in those that it names in files below `root`, each once.

    A source that is gone has none.
    """
    found: dict[Call, None] = {}
    seen: set[FunctionType] = set()
    ahead = [*_layers(function)]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            words = set(_words(one.__code__))
            if "signal" in words:  # nothing else is worth reading
                found |= dict.fromkeys(_calls(one, root))
            ahead += [named for named in _named(one, words) if _is_within(named, root)]
    return list(found)


def _layers(function: object) -> Iterator[FunctionType]:
    """The function and those that decorators wrapped."""
    for _ in range(100):  # a wrapper that wraps itself
        if isinstance(function, FunctionType):
            yield function
        function = getattr(function, "__wrapped__", None)
        if function is None:
            return


def _words(code: CodeType) -> Iterator[str]:
    """Names of globals and attributes in the code, and in functions within it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _words(constant)


def _named(function: FunctionType, words: Collection[str]) -> Iterator[FunctionType]:
    """The functions that the words stand for, by themselves or within a module or class among them."""
    space = function.__globals__
    ahead = [space[word] for word in words if word in space]
    ahead += [value for cell in function.__closure__ or () if (value := _content(cell)) is not None]
    holders: set[int] = set()
    while ahead:
        value = ahead.pop()
        yield from _layers(value) if isinstance(value, FunctionType) else ()
        if isinstance(value, ModuleType | type) and id(value) not in holders:
            holders.add(id(value))
            ahead += [vars(value)[word] for word in words if word in vars(value)]


def _content(cell: CellType) -> object | None:
    try:
        content: object = cell.cell_contents
    except ValueError:  # not filled yet
        return None
    return content


def name_below(root: Path, file: str) -> str:
    """The file's path below `root`, or its name alone when it is elsewhere."""
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _is_within(function: FunctionType, root: Path) -> bool:
    return Path(function.__code__.co_filename).is_relative_to(root)


def _calls(function: FunctionType, root: Path) -> Iterator[Call]:
    code = function.__code__
    try:
        syntax = _functions("".join(inspect.findsource(code)[0])).get((code.co_name, code.co_firstlineno))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    names = _Names(function)
    for node in ast.walk(syntax) if syntax is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "signal":
            call = _call(node, node.func.value, names, f"{name_below(root, code.co_filename)}:{node.lineno}")
            if call is not None:
                yield call


def _call(node: ast.Call, before: ast.expr, names: _Names, where: str) -> Call | None:
    """None when what stands before `.signal` is not the context."""
    holder = names.value(before)
    # A function may import its `context` itself, or be given it.
    perhaps = holder is _UNKNOWN and isinstance(before, ast.Name) and before.id == "context"
    if holder is not context and not perhaps:
        return None
    values = [names.value(argument) for argument in node.args] if len(node.args) == 2 and not node.keywords else []
    name, type_ = values or (None, None)
    call = Call(name if isinstance(name, str) else None, type_ if isinstance(type_, type) else None, where)
    return None if perhaps and None in (call.name, call.type) else call


class _Names:
    """What names in a function stand for, as far as it can be told without running it."""

    def __init__(self, function: FunctionType) -> None:
        code = function.__code__
        self._globals: Mapping[str, object] = function.__globals__
        self._cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        self._locals = {*code.co_varnames, *code.co_cellvars}

    def value(self, node: ast.expr) -> object:
        """_UNKNOWN for what only a run can tell."""
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name) if name in self._locals:
                return _UNKNOWN
            case ast.Name(name) if name in self._cells:
                return _content(self._cells[name])
            case ast.Name(name):
                return self._globals.get(name, vars(builtins).get(name, _UNKNOWN))
            case ast.Attribute(inner, name):
                # Only where looking runs no code of the author's.
                holder = self.value(inner)
                return vars(holder).get(name, _UNKNOWN) if isinstance(holder, ModuleType | type) else _UNKNOWN
        return _UNKNOWN


@lru_cache(maxsize=2)  # the functions of a module are looked at one after the other
def _functions(source: str) -> Mapping[tuple[str, int], ast.AST]:
    """The functions of a module by name and first line, that of their first decorator, as code objects have it."""
    return {
        (node.name, min(part.lineno for part in (node, *node.decorator_list))): node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
