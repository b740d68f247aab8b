"""Sums of products of columns: the formula of an amount, said in one way however it came about."""

from collections.abc import Iterable, Mapping

Product = tuple[str, ...]
"""Columns, or other SQL of whole numbers, in order; none: the number 1."""

Terms = Mapping[Product, int]
"""How often each product is taken; never 0 times."""

Ordered = tuple[tuple[Product, int], ...]
"""Terms in order: two sums of the same terms are equal."""

ONE: Product = ()

BELOW, ZERO, ABOVE = 1, 2, 4
"""Signs a number may have, as bits."""
ANY = BELOW | ZERO | ABOVE


def constant(number: int) -> Terms:
    """Return a number that is the same for all disputes."""
    return {ONE: number} if number else {}


def number_of(terms: Terms) -> int | None:
    """Return what terms come to if they are the same for all disputes."""
    return terms.get(ONE, 0) if all(product == ONE for product in terms) else None


def plus(one: Terms, other: Terms, times: int = 1) -> Terms:
    """Return the sum of terms and so many times others."""
    found = dict(one)
    for product, count in other.items():
        found[product] = found.get(product, 0) + times * count
    return {product: count for product, count in found.items() if count}


def multiplied(one: Terms, other: Terms) -> Terms:
    """Return the product of two sums."""
    found: Terms = {}
    for product, count in one.items():
        many = {tuple(sorted((*product, *factor))): n * count for factor, n in other.items()}
        found = plus(found, many)
    return found


def divided(whole: Terms, by: Terms) -> Terms | None:
    """Return the terms that are `whole` when multiplied by one column; None: not known."""
    if not whole:
        return whole
    if len(by) != 1 or (divisor := next(iter(by))) == ONE or by[divisor] != 1:
        return None
    found = {_without(product, divisor): count for product, count in whole.items()}
    return None if None in found else {p: count for p, count in found.items() if p is not None}


def _without(product: Product, divisor: Product) -> Product | None:
    left = list(product)
    for factor in divisor:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


# -- as SQL -------------------------------------------------------------------------------------


def text(terms: Terms) -> str:
    """Return terms as SQL."""
    if (number := number_of(terms)) is not None:
        return str(number)
    parts = ordered(terms)
    added = [_part(product, count) for product, count in parts if count > 0]
    taken = [_part(product, -count) for product, count in parts if count < 0]
    if len(parts) == 1 and added:
        return added[0]
    return f"({' - '.join([' + '.join(added) or '0', *taken])})"


def ordered(terms: Terms) -> Ordered:
    """Return terms in order, the number that is the same for all disputes last."""
    return tuple(sorted(terms.items(), key=lambda term: (term[0] == ONE, term[0])))


def _part(product: Product, count: int) -> str:
    if product == ONE:
        return str(count)
    if len(product) == 1 and count == 1:
        return product[0]
    first, *rest = product
    factors = [f"{first}::HUGEINT", *rest, *([str(count)] if count != 1 else [])]
    return f"({' * '.join(factors)})"


def sides(difference: Ordered) -> tuple[str, str]:
    """Return two sums as SQL whose difference is this: its terms above and below nothing."""
    return (
        text({product: count for product, count in difference if count > 0}),
        text({product: -count for product, count in difference if count < 0}),
    )


# -- signs --------------------------------------------------------------------------------------


def sign_of_sum(signs: Iterable[int]) -> int:
    """Return which signs a sum may have, by those of its parts; no parts: nothing."""
    parts = tuple(signs)
    some = 0
    for sign in parts:
        some |= sign
    if some & BELOW and some & ABOVE:
        return ANY
    return next((sure for sure in (BELOW, ABOVE) if sure in parts), some or ZERO)


def sign_of_product(signs: Iterable[int]) -> int:
    """Return which signs a product may have, by those of its factors; no factors: above nothing."""
    found = ABOVE
    for sign in signs:
        kept = found if sign & ABOVE else 0
        found = kept | (turned(found) if sign & BELOW else 0) | (ZERO if sign & ZERO else 0)
    return found


def turned(sign: int) -> int:
    """Return the signs of a number taken off nothing, by its own."""
    return (sign & ZERO) | (ABOVE if sign & BELOW else 0) | (BELOW if sign & ABOVE else 0)
