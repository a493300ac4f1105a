"""Who bought this also bought that: counted, not guessed.

The score is the cosine of two products in the space of orders: how often they are together, less
what their being popular explains by itself. (Sarwar et al., item-based collaborative filtering)
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from math import sqrt

# A basket of everything says nothing, and its pairs are many.
MAX_BASKET = 20


class Model:
    def __init__(self, baskets: Iterable[Sequence[int]]) -> None:
        self._bought: Counter[int] = Counter()
        self._together: dict[int, Counter[int]] = {}
        for basket in baskets:
            products = sorted(set(basket))
            self._bought.update(products)
            if len(products) > MAX_BASKET:
                continue
            for one, other in combinations(products, 2):
                self._together.setdefault(one, Counter())[other] += 1
                self._together.setdefault(other, Counter())[one] += 1

    def with_product(self, product: int, limit: int) -> list[tuple[int, float]]:
        """Best first; filled up with what sells best."""
        scored = [
            (other, times / sqrt(self._bought[product] * self._bought[other]))
            for other, times in self._together.get(product, Counter()).items()
        ]
        scored.sort(key=lambda one: (-one[1], one[0]))
        found = scored[:limit]
        known = {product, *(number for number, _ in found)}
        best = sorted(self._bought, key=lambda number: (-self._bought[number], number))
        found += [(number, 0.0) for number in best if number not in known]
        return found[:limit]
