"""What is found and suggested; small models that anybody can follow."""

from recommendation.model import Model
from search.index import Document, Index

SHELF = (
    Document(1, "Laptop", "Fourteen inches, a keyboard that lasts."),
    Document(2, "Laptop sleeve", "Felt."),
    Document(3, "Mechanical keyboard", "Tactile."),
    Document(4, "Café mug", "Stoneware."),
)


def found(query: str) -> list[int]:
    return [one.product_id for one, _ in Index(SHELF).find(query, 10)]


def test_the_name_says_more_than_the_description() -> None:
    assert found("keyboard") == [3, 1]
    assert found("laptop")[0] == 1
    assert found("felt laptop")[0] == 2


def test_misspelt_and_begun_words_are_met() -> None:
    assert found("lapto")[:2] == [1, 2]
    assert found("keybord")[0] == 3
    assert found("cafe") == [4]
    assert found("zzz") == []
    assert found("") == []


def test_what_is_bought_together_is_suggested() -> None:
    model = Model([[1, 2], [1, 2], [1, 3], [3, 4], [3], [3]])
    assert [number for number, _ in model.with_product(1, 3)] == [2, 3, 4]
    # Nobody bought it: what sells best.
    assert [number for number, _ in model.with_product(99, 2)] == [3, 1]
    assert Model([]).with_product(1, 5) == []
