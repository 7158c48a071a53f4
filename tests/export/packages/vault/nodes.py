"""A node that gives back whom it got."""

from penstock.sdk import node

from .messages_pb2 import Person


@node
async def enter(person: Person) -> Person:
    return person
