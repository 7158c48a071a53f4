"""Paths of google.api.http become paths of aiohttp and of OpenAPI."""

from __future__ import annotations

import pytest

from penstock.codegen.path_template import PathTemplate, PathTemplateError, PathVariable, parse_path_template


def test_a_path_is_taken_apart_at_its_variables() -> None:
    assert parse_path_template("/v1/flows/{flow.name}/nodes/{node}:run") == PathTemplate(
        literals=("/v1/flows/", "/nodes/", ":run"),
        variables=(PathVariable("name", "flow.name"), PathVariable("node", "node")),
    )


@pytest.mark.parametrize(
    ("path", "aiohttp", "openapi"),
    [
        ("/v1/flows", "/v1/flows", "/v1/flows"),
        ("/v1/flows:sync", "/v1/flows:sync", "/v1/flows:sync"),
        ("/v1/flows/{flow}", "/v1/flows/{flow:[^/:]+}", "/v1/flows/{flow}"),
        ("/v1/flows/{flow.name}:compile", "/v1/flows/{name:[^/:]+}:compile", "/v1/flows/{name}:compile"),
    ],
)
def test_a_path_is_written_for_aiohttp_and_for_openapi(path: str, aiohttp: str, openapi: str) -> None:
    template = parse_path_template(path)

    assert (template.aiohttp, template.openapi) == (aiohttp, openapi)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("v1/flows", 'path "v1/flows": expected a "/" at its start'),
        ("/v1/*", 'path "/v1/*": expected literals and {field}, found "/v1/*"'),
        (
            "/v1/{name=flows/**}",
            'path "/v1/{name=flows/**}": expected literals and {field}, found "/v1/{name=flows/**}"',
        ),
        ("/v1/{flow}/{flow}", 'path "/v1/{flow}/{flow}": expected each field once'),
        ("/v1/{a.flow}/{b.flow}", 'path "/v1/{a.flow}/{b.flow}": expected each field once'),
    ],
)
def test_a_path_that_cannot_be_a_route_is_refused(path: str, problem: str) -> None:
    with pytest.raises(PathTemplateError) as raised:
        parse_path_template(path)

    assert str(raised.value) == problem
