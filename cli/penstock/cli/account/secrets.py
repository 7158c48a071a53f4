"""`penstock secrets`: puts secrets away. Values come from standard input or a file, never from the command line."""

from __future__ import annotations

import asyncio
import getpass
import sys
from argparse import Namespace

from penstock.cli.client import Client
from penstock.cli.errors import UsageError
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.target import find_target

_PATH = "/configs/v1/secrets"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"list": _list, "set": _set, "delete": _delete}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    secrets = await pages(client, _PATH, "secrets", {}, sys.maxsize)
    if args.output == "json":
        print_json({"secrets": secrets})
        return
    rows = [
        (secret["name"], moment(secret["create_time"]), moment(secret["update_time"]), secret.get("key_id", ""))
        for secret in secrets
    ]
    print_list(("SECRET", "CREATED", "CHANGED", "BY KEY"), rows, "No secrets yet. Set one: penstock secrets set NAME")


async def _set(args: Namespace, client: Client) -> None:
    answer = await client.call("PUT", f"{_PATH}/{args.name}", body={"value": _read(args)})
    if args.output == "json":
        print_json(answer)
    else:
        print(f"secret {args.name} is set")


async def _delete(args: Namespace, client: Client) -> None:
    answer = await client.call("DELETE", f"{_PATH}/{args.name}")
    if args.output == "json":
        print_json(answer)
    else:
        print(f"secret {args.name} is gone")


def _read(args: Namespace) -> str:
    """The value. One end of line at its end belongs to the shell or the editor, not to the value."""
    if args.from_file is None and sys.stdin.isatty():
        return getpass.getpass(f"{args.name}: ")
    source = args.from_file or "standard input"
    try:
        text = sys.stdin.read() if args.from_file is None else args.from_file.read_bytes().decode()
    except UnicodeDecodeError:
        raise UsageError(f"{source}: expected text in UTF-8") from None
    except OSError as error:
        raise UsageError(f"cannot read {source}: {error.strerror}") from error
    return text.removesuffix("\n").removesuffix("\r")
