"""What a flow on disk is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli.errors import UsageError
from penstock.cli.sources import Sources, Unreadable, find_sources


def package(name: str, folder: str = "", **flows: str) -> None:
    """A package in packages/<folder> with flow files; nothing in it is imported here."""
    root = Path("packages") / (folder or name)
    (root / "flows").mkdir(parents=True)
    (root / "penstock.yaml").write_text(f"name: {name}\n")
    (root / "nodes.py").touch()
    for flow, nodes in flows.items():
        (root / "flows" / f"{flow}.yaml").write_text(f"flow: {flow}\nnodes: {nodes}\n")


def found(sources: Sources) -> tuple[list[str], list[str]]:
    return [str(folder) for folder in sources.packages], [str(file.path) for file in sources.flows]


@pytest.mark.parametrize("path", ["packages/tea", "packages/tea/nodes.py", "packages/tea/flows", "packages"])
def test_package_is_found_by_its_folder_by_what_is_in_it_and_by_what_holds_it(path: str) -> None:
    package("tea", tea="{boil: {use: tea/boil}}", other="{x: {use: tea/x}}")
    assert found(find_sources(Path(path), "tea")) == (["packages/tea"], ["packages/tea/flows/tea.yaml"])


def test_only_what_the_flow_needs_is_taken_from_the_packages_beside_it() -> None:
    package("tea", tea="{boil: {use: tea/boil}, ship: {flow: ship@live}, more: {gate: {output: words.Word}}}")
    package("post", "second", ship="{go: {flow: label}}", unused="{x: {use: nowhere/x}}", label="{x: {use: paper/x}}")
    package("paper")
    package("words")
    package("nobody")
    assert found(find_sources(Path("packages/tea"), "tea")) == (
        ["packages/paper", "packages/tea", "packages/words"],
        ["packages/second/flows/label.yaml", "packages/second/flows/ship.yaml", "packages/tea/flows/tea.yaml"],
    )


@pytest.mark.parametrize("path", [".", "flows/..", "../tea"])
def test_packages_beside_the_folder_that_one_works_in_are_found(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package("tea", tea="{x: {use: post/x}}")
    package("post")
    monkeypatch.chdir("packages/tea")
    (folder,) = find_sources(Path(path), "tea").packages
    assert folder == Path.cwd().parent / "post"


def test_flow_of_the_package_itself_comes_before_one_of_its_name_beside_it() -> None:
    package("tea", tea="{boil: {flow: ship}}", ship="{x: {use: tea/x}}")
    package("a", ship="{x: {use: a/x}}")
    assert found(find_sources(Path("packages/tea"), "tea"))[1] == [
        "packages/tea/flows/ship.yaml",
        "packages/tea/flows/tea.yaml",
    ]


def test_flows_that_run_each_other_are_found_once() -> None:
    package("tea", one="{x: {flow: two}}", two="{x: {flow: one}}")
    assert found(find_sources(Path("packages/tea"), "one"))[1] == [
        "packages/tea/flows/two.yaml",
        "packages/tea/flows/one.yaml",
    ]


def test_package_whose_manifest_is_wrong_is_taken_by_its_folder() -> None:
    package("tea", tea="{boil: {use: tea/boil}}")
    Path("packages/tea/penstock.yaml").write_text("nme: tea\n")
    assert found(find_sources(Path("packages/tea"), "tea"))[0] == ["packages/tea"]


def test_file_that_is_no_flow_is_told_and_others_do_not_matter() -> None:
    package("tea", tea="{boil: {use: tea/boil}}", wrong="[]")
    with pytest.raises(Unreadable) as caught:
        find_sources(Path("packages/tea"), "wrong")
    assert str(caught.value.path) == "packages/tea/flows/wrong.yaml"
    assert found(find_sources(Path("packages/tea"), "tea"))[0] == ["packages/tea"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("packages/tea", "packages/tea: expected the name of one of its flows: other, tea, got nope"),
        ("nowhere", "nowhere: expected a package folder or a file of a package, got nothing"),
        ("file", "file: expected a package folder or a file of a package, found no penstock.yaml above it"),
    ],
)
def test_what_is_not_there_is_wrong_usage(path: str, problem: str) -> None:
    package("tea", tea="{boil: {use: tea/boil}}", other="{x: {use: tea/x}}")
    Path("file").touch()
    with pytest.raises(UsageError) as caught:
        find_sources(Path(path), "nope")
    assert str(caught.value) == problem
