"""Nodes that fail, wait and tell as their input says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from penstock.sdk import ProviderError, UserError, context, node


@dataclass
class Leg:
    to: str
    fails: int = 0
    """How many attempts fail; -1 for all, at once."""


@dataclass
class Trip:
    name: str = ""
    fails: int = 0
    legs: list[Leg] = field(default_factory=list)


@dataclass
class Ride:
    to: str


@dataclass
class Rides:
    rides: list[Ride] = field(default_factory=list)


@dataclass
class Visa:
    number: str


@node
def plan(trip: Trip) -> Trip:
    return trip


@node
async def book(trip: Trip) -> Trip:
    if context.attempt <= trip.fails:
        raise ProviderError(f"no seat for {trip.name}", code="NO_SEAT")
    return trip


@node
def walk(trip: Trip) -> Trip:
    return trip


@node(retries={"max_attempts": 2, "initial_backoff": "1ms"})
def unbook(trip: Trip) -> Trip:
    if context.attempt <= trip.fails:
        raise ProviderError("nobody answers", code="NO_ANSWER")
    return trip


@node
def crash(trip: Trip) -> Trip:
    raise UserError("the bridge is closed", code="BRIDGE_CLOSED")


@node
def ride(leg: Leg) -> Ride:
    if leg.fails < 0:
        raise UserError(f"nothing goes to {leg.to}", code="NO_WAY")
    if context.attempt <= leg.fails:
        raise ProviderError(f"late to {leg.to}", code="LATE")
    return Ride(leg.to)


@node
def arrive(rides: Rides) -> Rides:
    return rides


@node
async def cross(trip: Trip) -> Visa:
    return await context.signal("visa", Visa)


@node
def tell(trip: Trip) -> Trip:
    context.log.info("packing for %s", trip.name)
    context.progress(0.25, "packed")
    context.progress(0.75, "on the way")
    context.usage(provider="maps", model="large", input_tokens=10, output_tokens=1, cost_usd=0.5)
    context.usage(provider="maps", model="small", input_tokens=1)
    context.usage(provider="maps", model="large", input_tokens=5, output_tokens=2, cost_usd=0.25)
    return trip


@node
async def drive(trip: Trip) -> Trip:
    await asyncio.Event().wait()
    return trip
