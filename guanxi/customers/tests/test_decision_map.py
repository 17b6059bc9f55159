"""The decision-chain map: everybody who plays a part has a place, whatever the data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.customers.page.decision_map import CARD, WIDTH, draw, fit
from guanxi.customers.queries import ContactRow


def person(pk: int, **values) -> ContactRow:
    """A contact as the map sees it."""
    plain = dict.fromkeys(ContactRow._fields, "") | {"is_primary": False, "reports_to_id": None}
    known = {"name": "李娜", "position": "采购总监", "decision_role": "buyer", "influence": 3}
    return ContactRow(**{**plain, **known, "attitude": "unknown", "pk": pk, **values})


def order_of(people) -> list[int]:
    return [card.person.pk for card in draw(people).cards]


def test_people_stand_below_their_superior_the_weightiest_first():
    weak = person(2, influence=1, reports_to_id=1)
    strong = person(3, influence=5, reports_to_id=1)
    boss, below_weak = person(1), person(4, reports_to_id=2)
    assert order_of([below_weak, weak, strong, boss]) == [1, 3, 2, 4]


def test_depth_is_drawn_as_indent_and_each_line_has_a_wire():
    drawn = draw([person(1), person(2, reports_to_id=1), person(3, reports_to_id=2)])
    assert [card.depth for card in drawn.cards] == [0, 1, 2]
    assert len({card.x for card in drawn.cards}) == 3
    assert len(drawn.wires) == 2
    assert drawn.cards[2].superior == "李娜"


def test_who_plays_no_part_is_left_out_unless_somebody_reports_to_them():
    plain = person(1, decision_role="", attitude="unknown")
    assert order_of([plain]) == []
    assert order_of([plain, person(2, reports_to_id=1)]) == [1, 2]


@pytest.mark.parametrize(("attitude", "mood"), [("supporter", "for"), ("opponent", "against")])
def test_an_attitude_alone_is_a_part(attitude, mood):
    drawn = draw([person(1, decision_role="", attitude=attitude)])
    assert drawn.cards[0].mood == mood


def test_influence_fills_that_many_dots():
    card = draw([person(1, influence=4)]).cards[0]
    assert [is_on for _place, is_on in card.dots] == [True] * 4 + [False]
    assert all(0 < place < card.width for place, _is_on in card.dots)


def test_a_loop_and_a_lost_superior_still_have_their_place():
    loop = [person(1, reports_to_id=2), person(2, reports_to_id=1)]
    assert sorted(order_of([*loop, person(3, reports_to_id=99)])) == [1, 2, 3]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 12)), min_size=1, max_size=12))
def test_every_chain_draws_everybody_once_within_the_picture(chain):
    people = [
        person(number, influence=influence, reports_to_id=superior or None)
        for number, (influence, superior) in enumerate(chain, start=1)
    ]
    drawn = draw(people)
    assert sorted(card.person.pk for card in drawn.cards) == [p.pk for p in people]
    tops = [card.y for card in drawn.cards]
    assert tops == sorted(set(tops))
    assert all(card.x >= 0 and card.x + card.width <= WIDTH for card in drawn.cards)
    assert tops[-1] + CARD <= drawn.height


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("李娜", 100, "李娜"),
        ("上海云澜精密电子", 65, "上海云澜…"),
        ("", 10, ""),
        ("Lina", 40, "Lina"),
    ],
)
def test_words_are_cut_to_the_room_they_have(text, room, shown):
    assert fit(text, room, 13) == shown
