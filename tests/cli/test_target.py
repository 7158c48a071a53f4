"""Which server a command finds."""

from pathlib import Path

import pytest

from penstock.cli.errors import CannotConnect, UsageError
from penstock.cli.target import Target, find_target

DEV = '{"pid": 1, "http_url": "http://127.0.0.1:8080", "grpc_address": "h:1", "api_key": "psk_dev", "flows": {}}'


def write_dev_file(folder: str = ".penstock") -> None:
    Path(folder).mkdir()
    Path(folder, "dev.json").write_text(DEV)


def test_running_dev_server_is_found() -> None:
    write_dev_file()
    assert find_target() == Target("http://127.0.0.1:8080", "psk_dev")


def test_data_directory_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    write_dev_file("elsewhere")
    monkeypatch.setenv("PENSTOCK_DATA_DIR", "elsewhere")
    assert find_target() == Target("http://127.0.0.1:8080", "psk_dev")


def test_environment_wins_over_the_running_dev_server(monkeypatch: pytest.MonkeyPatch) -> None:
    write_dev_file()
    monkeypatch.setenv("PENSTOCK_URL", "https://penstock.example/")
    monkeypatch.setenv("PENSTOCK_API_KEY", "psk_mine")
    assert find_target() == Target("https://penstock.example", "psk_mine")


def test_key_alone_is_used_at_the_running_dev_server(monkeypatch: pytest.MonkeyPatch) -> None:
    write_dev_file()
    monkeypatch.setenv("PENSTOCK_API_KEY", "psk_mine")
    assert find_target() == Target("http://127.0.0.1:8080", "psk_mine")


@pytest.mark.parametrize(("url", "key"), [("http://127.0.0.1:8080", "psk_dev"), ("http://penstock.example", "")])
def test_key_of_the_dev_server_goes_to_its_own_address_alone(
    url: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dev_file()
    monkeypatch.setenv("PENSTOCK_URL", url)
    assert find_target() == Target(url, key)


def test_no_server_is_said_with_what_to_do() -> None:
    with pytest.raises(CannotConnect) as caught:
        find_target()
    assert str(caught.value) == (
        "no server: .penstock/dev.json is not there; start `penstock dev`, or set PENSTOCK_URL and PENSTOCK_API_KEY"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"http_url": 1, "api_key": "k"}'])
def test_damaged_dev_file_is_refused(text: str) -> None:
    write_dev_file()
    Path(".penstock/dev.json").write_text(text)
    with pytest.raises(CannotConnect, match="is not what `penstock dev` writes"):
        find_target()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host", "http://", "http://host:port", "http://host:99999"])
def test_address_that_is_none_is_wrong_usage(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_URL", url)
    with pytest.raises(UsageError) as caught:
        find_target()
    assert str(caught.value) == f'PENSTOCK_URL: expected an address such as http://127.0.0.1:8080, got "{url}"'
