"""From an order to a confirmation: price it, charge a card or write an invoice, tell the customer."""

from penstock.sdk import PolicyError, UserError, context, node

from .catalogue import FREE_SHIPPING_FROM_CENTS, GOLD_DISCOUNT_PERCENT, SHIPPING_CENTS, TITLES_AND_PRICES
from .messages import CardCharge, Confirmation, Customer, Line, Method, Order, Payment, PricedLine, Quote, Tier

REPORTED_STOLEN = {"4000000000009979"}


@node
def price(order: Order) -> Quote:
    """Prices every line, then takes off the discount and adds the shipping."""
    if not order.lines:
        raise UserError(f"order {order.order_id} has no lines", code="EMPTY_ORDER")
    lines = [price_line(line) for line in order.lines]
    goods = sum(line.amount_cents for line in lines)
    discount = discount_of(order.customer, goods)
    shipping = 0 if goods - discount >= FREE_SHIPPING_FROM_CENTS else SHIPPING_CENTS
    return Quote(
        order_id=order.order_id,
        customer=order.customer,
        lines=lines,
        goods_cents=goods,
        discount_cents=discount,
        shipping_cents=shipping,
        total_cents=goods - discount + shipping,
    )


@node(timeout="10s")
async def charge(request: CardCharge) -> Payment:
    """Charges a card."""
    if not is_card_number(request.card):
        raise UserError("that is not a card number; its check digit is wrong", code="BAD_CARD_NUMBER")
    if request.card in REPORTED_STOLEN:
        raise PolicyError("the card was reported stolen", code="CARD_REFUSED")
    # A card network takes this key with the charge. A charge that is sent again after a crash has the
    # same key, and is not made twice.
    context.log.info("charging %d cents under the key %s", request.amount_cents, context.idempotency_key)
    note = f"charged to the card ending in {request.card[-4:]}"
    return Payment(request.reference, Method.CARD, request.amount_cents, note)


@node
async def invoice(quote: Quote) -> Payment:
    """Writes an invoice for whoever pays later."""
    return Payment(quote.order_id, Method.INVOICE, quote.total_cents, "payable within 30 days of delivery")


@node
async def confirm(payment: Payment) -> Confirmation:
    """Tells the customer what was done, however it is paid."""
    text = f"Thank you! Order {payment.reference} is on its way: {euros(payment.amount_cents)}, {payment.note}."
    return Confirmation(payment.reference, payment.method, payment.amount_cents, text)


def price_line(line: Line) -> PricedLine:
    if line.sku not in TITLES_AND_PRICES:
        raise UserError(f"there is no {line.sku} in the catalogue", code="UNKNOWN_SKU")
    if line.quantity < 1:
        raise UserError(f"{line.quantity} of {line.sku} cannot be ordered", code="BAD_QUANTITY")
    title, unit_cents = TITLES_AND_PRICES[line.sku]
    return PricedLine(line.sku, title, line.quantity, unit_cents * line.quantity)


def discount_of(customer: Customer, goods_cents: int) -> int:
    """Rounded down to the cent."""
    return goods_cents * GOLD_DISCOUNT_PERCENT // 100 if customer.tier is Tier.GOLD else 0


def is_card_number(text: str) -> bool:
    """By Luhn's check digit: every second digit from the right is doubled, and the sum ends in 0."""
    if not (text.isdecimal() and 12 <= len(text) <= 19):
        return False
    digits = [int(digit) for digit in reversed(text)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} EUR"
