"""Says hello."""

from dataclasses import dataclass

from penstock.sdk import node


@dataclass
class GreetRequest:
    name: str


@dataclass
class Greeting:
    greeting: str


@node
async def greet(request: GreetRequest) -> Greeting:
    """Greets someone by name."""
    return Greeting(f"Hello, {request.name}!")
