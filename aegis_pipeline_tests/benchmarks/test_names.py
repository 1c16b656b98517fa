from collections import Counter, defaultdict

import pytest

from aegis_pipeline.benchmarks.names import GeneratedName, generate_mentions, generate_names


@pytest.fixture(scope="module")
def names() -> list[GeneratedName]:
    return generate_names(5000, seed=1)


def test_names_has_as_many_distinct_ones_as_were_asked_for(names: list[GeneratedName]) -> None:
    assert len({name.name for name in names}) == 5000
    assert all(name.name == " ".join(name.name.split()) for name in names)


def test_names_of_one_seed_are_always_the_same(names: list[GeneratedName]) -> None:
    assert generate_names(5000, seed=1) == names
    assert generate_names(5000, seed=2) != names
    assert generate_names(4, seed=1) == names[:4]
    assert [name.name for name in names[:2]] == ["Irene Lensilbaoğlu", "Kenji Melwalfalski"]


def test_names_full_ones_are_unique_and_come_first(names: list[GeneratedName]) -> None:
    full: dict[int, str] = {}
    for name in names:
        full.setdefault(name.entity, name.name)
    assert len(set(full.values())) == len(full) == names[-1].entity + 1


def test_names_have_as_many_others_as_real_things_have(names: list[GeneratedName]) -> None:
    of_entity: dict[tuple[str, int], int] = Counter((name.type, name.entity) for name in names)
    several: defaultdict[str, list[bool]] = defaultdict(list)
    for (kind, _), count in of_entity.items():
        several[kind].append(count > 1)
    shares = {kind: sum(found) / len(found) for kind, found in several.items()}
    assert shares["person"] == pytest.approx(0.18, abs=0.03)
    assert shares["organization"] == pytest.approx(0.11, abs=0.03)
    assert shares["place"] == pytest.approx(0.06, abs=0.03)


def test_names_acronym_is_introduced_by_the_full_name(names: list[GeneratedName]) -> None:
    acronyms = [name for name in names if name.introduction.startswith("{name} ({alias})")]
    full: dict[int, str] = {}
    for name in names:
        full.setdefault(name.entity, name.name)
    assert acronyms
    for name in acronyms:
        assert name.name == "".join(word[0] for word in full[name.entity].split() if word[0].isupper())


def test_mentions_are_where_they_say_and_name_everything(names: list[GeneratedName]) -> None:
    found = generate_mentions(names, seed=3)
    assert generate_mentions(names, seed=3) == found
    assert {(row.mention.text, row.entity) for row in found} == {(name.name, name.entity) for name in names}
    assert len({row.mention.id for row in found}) == len(found)
    starts: dict[tuple[str, int], set[int]] = defaultdict(set)
    for row in found:
        mention = row.mention
        assert mention.span.end - mention.span.start == len(mention.text)
        place = mention.context.rindex(mention.text)
        starts[mention.document_id, mention.sentence].add(mention.span.start - place)
    assert all(len(found) == 1 for found in starts.values())


def test_mentions_make_documents_of_the_size_of_real_ones(names: list[GeneratedName]) -> None:
    sizes = Counter(row.mention.document_id for row in generate_mentions(names, seed=3))
    assert 24 <= sum(sizes.values()) / len(sizes) <= 30
