"""Databases of the other engines, in the cluster of the bench."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg


def make_database(database_url: str, name: str) -> str:
    """The URL of a new, empty database of this name in the same cluster."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
        connection.execute(f'create database "{name}"')
    return urlsplit(database_url)._replace(path=f"/{name}").geturl()


def with_host(database_url: str) -> str:
    """The same for those that want a host even where the query names a socket, which wins."""
    address = urlsplit(database_url)
    return database_url if address.hostname else address._replace(netloc=f"{address.netloc}localhost").geturl()
