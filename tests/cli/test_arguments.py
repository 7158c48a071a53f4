"""The command line."""

from pathlib import Path

import pytest

from penstock.cli.commandline.arguments import parse
from penstock.cli.errors import UsageError

PLAIN = {"tls_cert": None, "tls_key": None, "tls_client_ca": None, "plain_text": False}


def test_dev_has_the_documented_defaults() -> None:
    assert vars(parse(["dev", "examples/"])) == {
        "module": "penstock.cli.serving.dev",
        "paths": [Path("examples")],
        "http": "127.0.0.1:8080",
        "grpc": "127.0.0.1:50051",
        "data_dir": Path(".penstock"),
        "database_url": None,
        **PLAIN,
    }


def test_dev_takes_its_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_HTTP_ADDRESS", "0.0.0.0:0")
    monkeypatch.setenv("PENSTOCK_GRPC_ADDRESS", "[::1]:1")
    monkeypatch.setenv("PENSTOCK_DATA_DIR", "data")
    monkeypatch.setenv("PENSTOCK_DATABASE_URL", "postgresql:///x")
    assert vars(parse(["dev"])) == {
        "module": "penstock.cli.serving.dev",
        "paths": [],
        "http": "0.0.0.0:0",
        "grpc": "[::1]:1",
        "data_dir": Path("data"),
        "database_url": "postgresql:///x",
        **PLAIN,
    }


def test_serve_is_one_process_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse(["serve"]).processes == 1
    monkeypatch.setenv("PENSTOCK_PROCESSES", "3")
    assert (parse(["serve"]).processes, parse(["serve", "--processes", "2"]).processes) == (3, 2)


def test_gateway_has_the_documented_defaults() -> None:
    assert vars(parse(["gateway"])) == {
        "module": "penstock.cli.serving.gateway",
        "engine": "127.0.0.1:50051",
        "http": "127.0.0.1:8080",
        **PLAIN,
        "engine_ca": None,
        "engine_cert": None,
        "engine_key": None,
    }


def test_tls_takes_its_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_TLS_CERT", "a.pem")
    monkeypatch.setenv("PENSTOCK_PLAIN_TEXT", "1")
    args = parse(["serve", "--tls-key", "a.key"])
    assert (args.tls_cert, args.tls_key, args.tls_client_ca, args.plain_text) == (
        Path("a.pem"),
        Path("a.key"),
        None,
        True,
    )


def test_gateway_takes_its_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_ENGINE_ADDRESS", "engine.example:1")
    monkeypatch.setenv("PENSTOCK_HTTP_ADDRESS", "0.0.0.0:0")
    args = parse(["gateway"])
    assert (args.engine, args.http) == ("engine.example:1", "0.0.0.0:0")


def test_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_HTTP_ADDRESS", "127.0.0.1:1")
    assert parse(["serve", "--http", "127.0.0.1:2"]).http == "127.0.0.1:2"


def test_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_DATABASE_URL", "")
    assert vars(parse(["migrate"])) == {
        "module": "penstock.cli.serving.migrate",
        "data_dir": Path(".penstock"),
        "database_url": None,
    }


def test_invoke_waits_unless_told_otherwise() -> None:
    assert vars(parse(["invoke", "hello"])) == {
        "module": "penstock.cli.runs.invoke",
        "flow": "hello",
        "input": None,
        "wait": True,
        "stream": False,
        "timeout": None,
        "request_id": None,
        "labels": [],
        "config": None,
        "overwrite_cache": False,
        "webhook": None,
        "webhook_headers": [],
        "output": "table",
    }


def test_invoke_takes_every_flag() -> None:
    line = (
        "invoke hello@canary --input {} --no-wait --timeout 1.5 --request-id r --label a=b --label c=d= --output json"
        " --config eu-west --overwrite-cache --webhook https://a.example/hook --webhook-header X-Order:7"
    )
    assert vars(parse(line.split())) == {
        "module": "penstock.cli.runs.invoke",
        "flow": "hello@canary",
        "input": "{}",
        "wait": False,
        "stream": False,
        "timeout": 1.5,
        "request_id": "r",
        "labels": [("a", "b"), ("c", "d=")],
        "config": "eu-west",
        "overwrite_cache": True,
        "webhook": "https://a.example/hook",
        "webhook_headers": [("X-Order", "7")],
        "output": "json",
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "the following arguments are required: VERB (see penstock --help)"),
        ("invoke", "the following arguments are required: FLOW (see penstock invoke --help)"),
        ("invoke f --label x", 'argument --label: expected KEY=VALUE, got "x" (see penstock invoke --help)'),
        (
            "invoke f --webhook-header x=1",
            'argument --webhook-header: expected NAME: VALUE, got "x=1" (see penstock invoke --help)',
        ),
        ("exec f", "the following arguments are required: FLOW (see penstock exec --help)"),
        (
            "invoke f --timeout 0",
            'argument --timeout: expected a number of seconds above 0, got "0" (see penstock invoke --help)',
        ),
        (
            "invoke f --timeout nan",
            'argument --timeout: expected a number of seconds above 0, got "nan" (see penstock invoke --help)',
        ),
        (
            "invoke f --no-wait --stream",
            "argument --stream: not allowed with argument --wait/--no-wait (see penstock invoke --help)",
        ),
        (
            "executions get ABC",
            'argument ID: expected 32 lower-case hex digits, got "ABC" (see penstock executions get --help)',
        ),
        (
            "executions list --limit 0",
            'argument --limit: expected a whole number above 0, got "0" (see penstock executions list --help)',
        ),
        (
            "serve --processes 0",
            'argument --processes: expected a whole number above 0, got "0" (see penstock serve --help)',
        ),
        ("serve --processes 65", 'argument --processes: expected at most 64, got "65" (see penstock serve --help)'),
        ("dev --http 8080", 'argument --http: expected HOST:PORT, got "8080" (see penstock dev --help)'),
        ("dev --http h:65536", 'argument --http: expected HOST:PORT, got "h:65536" (see penstock dev --help)'),
    ],
)
def test_wrong_usage_says_what_was_expected(line: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line.split())
    assert str(caught.value) == problem


def test_wrong_variable_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_GRPC_ADDRESS", "nonsense")
    with pytest.raises(UsageError, match='expected HOST:PORT, got "nonsense"'):
        parse(["dev"])
