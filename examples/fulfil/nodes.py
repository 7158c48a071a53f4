"""From an order to a parcel: price it, charge it, score it, reserve what it holds."""

from penstock.sdk import PolicyError, UserError, context, node

from .messages import Decided, Decision, Line, Order, Quote, Reservation, Risk

CENTS = {"TEA-SENCHA": 1490, "CUP-PORCELAIN": 1295, "SAMOVAR": 129_000}
STOCK = {"TEA-SENCHA": 40, "CUP-PORCELAIN": 12, "SAMOVAR": 1}
RISK_MAX = 0.9


@node
def price(order: Order) -> Quote:
    if not order.lines:
        raise UserError(f"order {order.order_id} has no lines", code="EMPTY_ORDER")
    if unknown := [line.sku for line in order.lines if line.sku not in CENTS]:
        raise UserError(f"there is no {unknown[0]} in the catalogue", code="UNKNOWN_SKU")
    return Quote(order.order_id, sum(CENTS[line.sku] * line.quantity for line in order.lines))


@node(timeout="10s", retries={"max_attempts": 3, "initial_backoff": "200ms"})
async def charge(quote: Quote) -> Quote:
    """Takes the money. A charge that is sent again has the same key, and is not made twice."""
    context.log.info("charging %d cents under the key %s", quote.total_cents, context.idempotency_key)
    return quote


@node
async def refund(quote: Quote) -> Quote:
    """Gives the money back: under the key of the charge, which says what for."""
    context.log.info("refunding %d cents under the key %s", quote.total_cents, context.idempotency_key)
    return quote


@node
def score(quote: Quote) -> Risk:
    return Risk(min(1.0, quote.total_cents / 1_000_000))


@node
async def reserve(line: Line) -> Reservation:
    if line.quantity > STOCK[line.sku]:
        raise UserError(f"there are {STOCK[line.sku]} of {line.sku}, not {line.quantity}", code="SOLD_OUT")
    return Reservation(line.sku, line.quantity, f"{line.sku[:3]}-{len(line.sku)}")


@node
def decide(decision: Decision) -> Decided:
    if decision.risk > RISK_MAX:
        raise PolicyError(f"a risk of {decision.risk:.2f} is too high", code="TOO_RISKY")
    return Decided(decision.order_id, decision.items)
