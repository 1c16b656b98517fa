"""Keys over all batches: equal things are one node, and a plain name has one owner."""

from itertools import permutations

from aegis_pipeline.entities.keys import KEY_MAX_CHARACTERS, Thing, entity_id
from aegis_pipeline.graph.identity import decode, encode, final_keys, moved

PLACE, PERSON, WORK = (encode(Thing("Jordan", kind)) for kind in ("place", "person", "work"))
SECOND = encode(Thing("Jordan", "place", "ent-2"))


def test_identity_things_are_read_back() -> None:
    assert decode(encode(Thing("a (b)", "place", ""))) == Thing("a (b)", "place")
    assert decode(SECOND) == Thing("Jordan", "place", "ent-2")


def test_identity_equal_things_of_several_batches_have_one_key() -> None:
    assert final_keys([[[PLACE]], [[PLACE], [PLACE]]]) == {PLACE: "Jordan"}


def test_identity_plain_name_goes_to_most_batches_then_most_documents_then_by_name() -> None:
    assert final_keys([[[PERSON], [PERSON], [PERSON]], [[PLACE]], [[PLACE]]])[PLACE] == "Jordan"
    assert final_keys([[[PERSON], [PERSON], [PLACE]]])[PERSON] == "Jordan"
    assert final_keys([[[WORK, PLACE, PERSON]]]) == {
        PERSON: "Jordan",
        PLACE: "Jordan (place)",
        WORK: "Jordan (work)",
    }


def test_identity_second_of_one_type_keeps_its_mark_and_never_takes_the_name() -> None:
    keys = final_keys([[[SECOND], [SECOND], [PLACE]], [[SECOND]]])
    assert keys == {PLACE: "Jordan", SECOND: "Jordan (place, ent-2)"}


def test_identity_suffixed_key_does_not_take_a_name_that_is_there() -> None:
    taken = encode(Thing("Jordan (person)", "work"))
    keys = final_keys([[[PLACE], [PLACE]], [[PERSON, taken]]])
    assert keys[taken] == "Jordan (person)"
    assert keys[PERSON] == f"Jordan (person, {entity_id('Jordan', 'person')})"


def test_identity_long_names_that_are_cut_alike_stay_apart() -> None:
    names = ["x" * 250 + "a" * 6, "x" * 250 + "b" * 6]
    things = [encode(Thing(name, kind)) for name in names for kind in ("person", "place")]
    keys = final_keys([[things]])
    assert len(set(keys.values())) == 4
    assert all(len(key) <= KEY_MAX_CHARACTERS for key in keys.values())


def test_identity_order_of_batches_and_documents_does_not_show() -> None:
    batches = [[[PLACE], [SECOND, WORK]], [[PERSON], [PLACE]], [[WORK]]]
    found = [final_keys([list(reversed(batch)) for batch in order]) for order in permutations(batches)]
    assert all(keys == found[0] for keys in found)


def test_identity_moved_are_things_that_stay_under_another_key() -> None:
    assert moved({PLACE: "Jordan", WORK: "x"}, {PLACE: "Jordan (place)", PERSON: "Jordan"}) == {PLACE}
