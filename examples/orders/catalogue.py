"""The shop's goods and terms. Amounts are in euro cents."""

TITLES_AND_PRICES = {
    "TEA-EARL-GREY": ("Earl Grey, 100 g", 890),
    "TEA-SENCHA": ("Sencha, 100 g", 1250),
    "POT-IRON": ("Cast-iron teapot, 0.8 l", 4995),
    "CUP-PORCELAIN": ("Porcelain cup", 1490),
}

GOLD_DISCOUNT_PERCENT = 10
SHIPPING_CENTS = 495
FREE_SHIPPING_FROM_CENTS = 5_000
