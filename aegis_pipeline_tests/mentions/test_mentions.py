"""Phase 1 without model weights: blank spaCy pipelines and the regex tagger."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from aegis_pipeline.errors import InputError, ModelError
from aegis_pipeline.mentions import (
    FallbackMentionExtractor,
    GlossaryEntry,
    RegexMentionExtractor,
    SpacyMentionExtractor,
    build_mention_extractor,
    load_glossary,
    same_names,
)
from aegis_pipeline.mentions.boundaries import tidy
from aegis_pipeline.mentions.labels import type_of
from aegis_pipeline.mentions.marks import Mark, overlaps, without_overlaps
from aegis_pipeline.mentions.proper_nouns import names_of, repeats, unlabelled_names
from aegis_pipeline.records import Chunk, MentionResult, Outcome, Span
from aegis_pipeline.settings import Settings


def chunk(text: str, *sentences: tuple[int, int], document: str = "d1", start: int = 0, index: int = 0) -> Chunk:
    spans = tuple(Span(start + a, start + b) for a, b in sentences or [(0, len(text))])
    return Chunk(f"{document}-{index}", document, index, Span(start, start + len(text)), text, spans)


def ruled(*patterns: tuple[str, str]) -> Language:
    nlp = spacy.blank("en")
    if patterns:
        nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": text} for label, text in patterns])
    return nlp


def found(result: MentionResult) -> list[tuple[str, str, str]]:
    return [(mention.text, mention.label, mention.source) for mention in result.mentions]


def check(result: MentionResult, chunks: Sequence[Chunk]) -> None:
    """What must hold of every result: texts at their spans, inside one sentence of the chunk, none overlapping."""
    by_id = {each.id: each for each in chunks}
    end: dict[str, int] = {}
    for mention in result.mentions:
        here = by_id[mention.chunk_id]
        a, b = mention.span.start - here.span.start, mention.span.end - here.span.start
        assert mention.text
        assert here.text[a:b] == mention.text
        assert any(s.start <= mention.span.start and mention.span.end <= s.end for s in here.sentences)
        assert mention.text in mention.context
        assert mention.span.start >= end.get(mention.document_id, 0)
        end[mention.document_id] = mention.span.end


# --- labels


@pytest.mark.parametrize(
    ("label", "kind"),
    [("PERSON", "person"), ("GPE", "place"), ("Drug / Dose", "drug_dose"), ("<>", "other"), ("__proto__", "proto")],
)
def test_type_of(label: str, kind: str) -> None:
    assert type_of(label) == kind


@given(st.text())
def test_type_of_is_always_one_that_lightrag_takes(label: str) -> None:
    kind = type_of(label)
    assert kind
    assert not set(kind) & set("'()<>|/\\, ")
    assert kind not in {"__proto__", "constructor", "prototype"}


# --- boundaries


@pytest.mark.parametrize(
    ("text", "label", "parts"),
    [
        ("the White House", "FAC", ["White House"]),
        ('"Third Rome"', "ORG", ["Third Rome"]),
        ("Apple's", "ORG", ["Apple"]),
        ("Andy Warhol 's", "PERSON", ["Andy Warhol"]),
        ("(Suites", "WORK_OF_ART", ["Suites"]),
        ("Mercury (planet)", "LOC", ["Mercury (planet)"]),
        ("Mercury)", "LOC", ["Mercury"]),
        ("about 200", "CARDINAL", ["200"]),
        ("the early 1930s", "DATE", ["1930s"]),
        ("Over the Rainbow", "WORK_OF_ART", ["Over the Rainbow"]),
        ("1946-1950", "DATE", ["1946", "1950"]),
        ("4 March 1919–22 November 2009", "DATE", ["4 March 1919", "22 November 2009"]),
        ("1939 to 1950", "DATE", ["1939", "1950"]),
        ("1997-8", "DATE", ["1997-8"]),
        ("5-10", "CARDINAL", ["5-10"]),
        ("-15", "CARDINAL", ["-15"]),
        (".NET", "PRODUCT", [".NET"]),
        (" ' ", "ORG", []),
        ("the", "ORG", ["the"]),
        ("Signal and Control (ISC", "ORG", ["Signal and Control"]),
        ("Cray [later", "ORG", ["Cray"]),
        ("Arm (company)", "ORG", ["Arm (company)"]),
    ],
)
def test_tidy(text: str, label: str, parts: list[str]) -> None:
    marks = tidy(text, Mark(0, len(text), label, "spacy"))
    assert [text[mark.start : mark.end] for mark in marks] == parts


@given(st.text(alphabet=" \n'’s\"()the aboutéа1290-–.&", max_size=40), st.sampled_from(["DATE", "ORG"]))
def test_tidy_stays_inside_and_is_stable(text: str, label: str) -> None:
    for mark in tidy(text, Mark(0, len(text), label, "spacy")):
        assert 0 <= mark.start < mark.end <= len(text)
        assert tidy(text, mark) == [mark]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8))))
def test_without_overlaps(ranges: list[tuple[int, int]]) -> None:
    kept = without_overlaps(Mark(start, start + length, "X", "spacy") for start, length in ranges)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert all(length == 0 or overlaps(start, start + length, kept) for start, length in ranges)


# --- names without a label


def test_repeats_finds_unmarked_names_longest_first() -> None:
    text = "Ann Lee met Bob. Later Ann Lee left; Annex stayed, Ann too."
    marks = [Mark(0, 7, "PERSON", "spacy"), Mark(51, 54, "PERSON", "spacy")]
    names = names_of([(text, marks)])
    assert names == {"Ann Lee": "PERSON", "Ann": "PERSON"}
    assert [text[m.start : m.end] for m in repeats(text, marks, names)] == ["Ann Lee"]


def test_numbers_are_not_repeated() -> None:
    assert names_of([("1000 and Four", [Mark(0, 4, "CARDINAL", "spacy"), Mark(9, 13, "CARDINAL", "spacy")])]) == {}


def _tagged(words: list[str], pos: list[str]) -> Doc:
    return Doc(spacy.blank("en").vocab, words=words, pos=pos, sent_starts=[True] + [False] * (len(words) - 1))


def test_unlabelled_names_stand_alone() -> None:
    words = ["Catania", "lies", "near", "Osaka", "Bay", ",", "Gangs", "of", "Rome", "and", "President", "Lu", "x" * 99]
    pos = [
        "PROPN",
        "VERB",
        "ADP",
        "PROPN",
        "PROPN",
        "PUNCT",
        "PROPN",
        "ADP",
        "PROPN",
        "CCONJ",
        "PROPN",
        "PROPN",
        "PROPN",
    ]
    doc = _tagged(words, pos)
    osaka = doc.text.index("Osaka")
    texts = [doc.text[m.start : m.end] for m in unlabelled_names(doc, [Mark(osaka, osaka + 5, "GPE", "spacy")])]
    assert texts == ["Catania", "Lu"]


# --- the spaCy extractor


def test_mentions_have_document_offsets_and_sentences_of_the_document() -> None:
    nlp = ruled(("ORG", "Acme"), ("GPE", "Rome"), ("CARDINAL", "12"))
    chunks = [
        chunk("Acme grew. It left Rome.", (0, 10), (11, 24)),
        chunk("Rome had 12 hills.", start=30, index=1),
        chunk("Acme.", document="d2"),
    ]
    result = SpacyMentionExtractor(nlp).extract(chunks)
    check(result, chunks)
    assert [(m.text, m.sentence, m.is_node, m.type) for m in result.mentions] == [
        ("Acme", 0, True, "organization"),
        ("Rome", 1, True, "place"),
        ("Rome", 2, True, "place"),
        ("12", 2, False, "number"),
        ("Acme", 0, True, "organization"),
    ]
    assert [(s.document_id, s.index) for s in result.sentences] == [("d1", 0), ("d1", 1), ("d1", 2), ("d2", 0)]
    assert [(o.document_id, o.outcome) for o in result.outcomes] == [("d1", Outcome.OK), ("d2", Outcome.OK)]
    assert result.mentions[2].context == "Rome had 12 hills."


def test_numeric_nodes_setting() -> None:
    mentions = SpacyMentionExtractor(ruled(("MONEY", "$5")), numeric_nodes=True).extract([chunk("I owe $5.")]).mentions
    assert [m.is_node for m in mentions] == [True]


def test_a_name_labelled_in_one_chunk_is_found_in_the_others() -> None:
    chunks = [chunk("Acme Inc: good."), chunk("We know Acme Inc; Acmes do not.", start=20, index=1)]
    result = SpacyMentionExtractor(ruled(("ORG", "Acme Inc:"))).extract(chunks)
    check(result, chunks)
    assert found(result) == [("Acme Inc", "ORG", "spacy"), ("Acme Inc", "ORG", "repeat")]


def test_document_without_names_is_empty_not_ok() -> None:
    result = SpacyMentionExtractor(ruled()).extract([chunk("nothing here")])
    assert [o.outcome for o in result.outcomes] == [Outcome.EMPTY]


def test_no_chunks() -> None:
    assert SpacyMentionExtractor(ruled()).extract([]) == MentionResult((), (), ())


def test_tokens_lie_in_their_sentence_and_heads_in_the_same() -> None:
    nlp = ruled()

    @Language.component("wrong_heads")
    def wrong_heads(doc: Doc) -> Doc:
        for token in doc:
            token.dep_ = "dep"
        doc[1].head = doc[0]
        doc[4].head = doc[1]
        return doc

    nlp.add_pipe("wrong_heads")
    text = "Acme grew. It left."
    chunks = [chunk(text, (0, 10), (11, 19), start=100)]
    sentences = SpacyMentionExtractor(nlp).extract(chunks).sentences
    assert [[text[t.start - 100 : t.end - 100] for t in s.tokens] for s in sentences] == [
        ["Acme", "grew", "."],
        ["It", "left", "."],
    ]
    assert [[t.head for t in s.tokens] for s in sentences] == [[0, 0, 2], [0, 1, 2]]


def test_boundary_within_a_token_leaves_a_sentence_without_tokens() -> None:
    chunks = [chunk("Supercalifragilistic", (0, 10), (10, 20))]
    nlp = ruled()
    nlp.add_pipe("flat_parse")
    assert [len(s.tokens) for s in SpacyMentionExtractor(nlp).extract(chunks).sentences] == [1, 0]


def test_a_pipeline_without_a_parser_gives_sentences_without_tokens() -> None:
    [sentence] = SpacyMentionExtractor(ruled()).extract([chunk("Acme grew.")]).sentences
    assert sentence.tokens == ()


@Language.component("flat_parse")
def _flat_parse(doc: Doc) -> Doc:
    """Every token is a root."""
    for token in doc:
        token.dep_ = "ROOT"
    return doc


def test_pipes_that_are_not_needed_are_not_run() -> None:
    nlp = ruled(("ORG", "Acme"))

    nlp.add_pipe("textcat")  # it is not initialized, and would raise
    assert found(SpacyMentionExtractor(nlp).extract([chunk("Acme.")])) == [("Acme", "ORG", "spacy")]


# --- hostile text

HOSTILE = [
    "A" * 100_000,
    "\x00\x01\x02 Acme \x07\x1b[31m",
    "👩‍👩‍👧‍👦🎉" * 50,
    "‏שלום עולם‏ Acme مرحبا",
    "\n\n \t " * 20 + "Acme",
    "<script> alert ( 'Acme' ) </script> {{7*7}} `rm -rf /` MATCH (n) DETACH DELETE n",
    "of the and " * 500,
    "'" * 1000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text(text: str) -> None:
    chunks = [chunk(text)]
    glossary = [GlossaryEntry(name="Acme", type="ORG")]
    for extractor in (SpacyMentionExtractor(ruled(("ORG", "Acme")), glossary), RegexMentionExtractor(glossary)):
        result = extractor.extract(chunks)
        check(result, chunks)
        assert ("Acme" in text) == any(m.text == "Acme" for m in result.mentions)


@given(st.text(max_size=200), st.lists(st.integers(0, 200), max_size=4))
@example("00", [1])
def test_mention_invariants_hold_for_any_text(text: str, cuts: list[int]) -> None:
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [chunk(text, *pairwise(edges), start=7)] if text else []
    for extractor in (SpacyMentionExtractor(NUMBERS), RegexMentionExtractor()):
        check(extractor.extract(chunks), chunks)


NUMBERS = spacy.blank("en")
NUMBERS.add_pipe("entity_ruler").add_patterns(
    [{"label": "DATE", "pattern": [{"IS_DIGIT": True, "OP": "+"}]}, {"label": "ORG", "pattern": [{"IS_TITLE": True}]}]
)


# --- the glossary


def test_glossary_wins_over_the_model_and_keeps_its_case_rules() -> None:
    glossary = [
        GlossaryEntry(name="Acme Rocket", type="PRODUCT"),
        GlossaryEntry(name="IT", type="ORG"),
        GlossaryEntry(name="Graph Store", type="tool", aliases=("GS",)),
    ]
    chunks = [chunk("The Acme Rocket: it uses IT and a graph store, a GS; gs is no name.")]
    result = SpacyMentionExtractor(ruled(("ORG", "Acme")), glossary).extract(chunks)
    check(result, chunks)
    assert found(result) == [
        ("Acme Rocket", "PRODUCT", "glossary"),
        ("IT", "ORG", "glossary"),
        ("graph store", "tool", "glossary"),
        ("GS", "tool", "glossary"),
    ]
    assert result.mentions[2].type == "tool"
    assert found(RegexMentionExtractor(glossary).extract(chunks))[:2] == [
        ("Acme Rocket", "PRODUCT", "glossary"),
        ("IT", "ORG", "glossary"),
    ]


def test_glossary_names_do_not_cross_sentences() -> None:
    chunks = [chunk("He saw Graph Store", (0, 12), (13, 18))]
    glossary = [GlossaryEntry(name="Graph Store", type="tool"), GlossaryEntry(name="graph", type="idea")]
    assert found(SpacyMentionExtractor(ruled(), glossary).extract(chunks)) == [("Graph", "idea", "glossary")]


def test_load_glossary_from_toml_and_jsonl(tmp_path: Path) -> None:
    rows = [{"name": "Graph Store", "type": "tool", "aliases": ["GS"]}, {"name": "Acme", "type": "ORG"}]
    toml, jsonl = tmp_path / "g.toml", tmp_path / "g.jsonl"
    toml.write_text(
        '[[entry]]\nname="Graph Store"\ntype="tool"\naliases=["GS"]\n[[entry]]\nname="Acme"\ntype="ORG"\n', "utf-8"
    )
    jsonl.write_text("\n\n".join(map(json.dumps, rows)), "utf-8")
    assert load_glossary(toml) == load_glossary(jsonl) == tuple(GlossaryEntry(**row) for row in rows)
    assert same_names(load_glossary(toml)) == {"GS": "Graph Store"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("g.jsonl", '{"name": "A", "type": "ORG"}\n{"name": "B"}', "line 2: type: Field required"),
        ("g.jsonl", '{"name": "A", "type": "ORG", "alias": []}', "line 1: alias: Extra inputs"),
        ("g.jsonl", '{"name": "A"', "line 1 is no JSON"),
        ("g.jsonl", '{"name": " ", "type": "ORG"}', "line 1: name"),
        ("g.toml", '[[entry]]\nname = "A"\ntype = 3', "entry 1: type"),
        ("g.toml", "entry = [", "cannot be read"),
    ],
)
def test_bad_glossary_names_place_and_fields(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        load_glossary(tmp_path / name)
    assert told in str(caught.value)
    assert "fields: name and type" in str(caught.value)


def test_missing_glossary(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_glossary(tmp_path / "none.toml")


# --- the regex tagger


def test_regex_tagger() -> None:
    text = "The Bank of England cut rates in May 1997. In 1998 NASA hired 12 people. We saw nothing."
    chunks = [chunk(text, (0, 42), (43, 72), (73, len(text)))]
    result = RegexMentionExtractor().extract(chunks)
    check(result, chunks)
    assert found(result) == [
        ("Bank of England", "MISC", "regex"),
        ("May 1997", "DATE", "regex"),
        ("1998", "DATE", "regex"),
        ("NASA", "MISC", "regex"),
        ("12", "CARDINAL", "regex"),
    ]
    assert [m.is_node for m in result.mentions] == [True, True, True, True, False]
    assert all(sentence.tokens == () for sentence in result.sentences)


# --- falling back


class Flaky:
    """Fails whenever one of the chunks says so; counts its calls."""

    def __init__(self, error: Exception) -> None:
        self.error, self.calls = error, 0

    def extract(self, chunks: Sequence[Chunk]) -> MentionResult:
        self.calls += 1
        if any("secret" in each.text for each in chunks):
            raise self.error
        return SpacyMentionExtractor(ruled(("ORG", "Acme"))).extract(chunks)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("near 'secret'")])
def test_a_failing_document_does_not_cost_the_others(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    flaky = Flaky(error)
    chunks = [chunk("Acme.", document="a"), chunk("Acme secret.", document="b"), chunk("Acme.", document="c")]
    result = FallbackMentionExtractor(lambda: flaky, RegexMentionExtractor()).extract(chunks)
    check(result, chunks)
    assert [(o.document_id, o.outcome) for o in result.outcomes] == [
        ("a", Outcome.OK),
        ("b", Outcome.DEGRADED),
        ("c", Outcome.OK),
    ]
    assert [m.source for m in result.mentions] == ["spacy", "regex", "spacy"]
    assert type(error).__name__ in result.outcomes[1].detail
    assert "secret" not in caplog.text + result.outcomes[1].detail
    assert "degraded for 1 document" in caplog.text
    assert flaky.calls == 4


def test_a_model_that_cannot_be_loaded_degrades_every_document() -> None:
    attempts = []

    def load() -> SpacyMentionExtractor:
        attempts.append(1)
        raise ModelError("The model 'x' is not here.")

    chunks = [chunk("Acme.", document="a"), chunk("Acme.", document="b")]
    result = FallbackMentionExtractor(load, RegexMentionExtractor()).extract(chunks)
    assert [o.outcome for o in result.outcomes] == [Outcome.DEGRADED, Outcome.DEGRADED]
    assert "The model 'x' is not here." in result.outcomes[0].detail
    assert [m.text for m in result.mentions] == ["Acme", "Acme"]
    assert len(attempts) == 1


def test_without_fallback_the_error_goes_up() -> None:
    def settings(fallback: bool) -> Settings:
        return Settings(_env_file=None, spacy_model="./nowhere", mention_fallback=fallback)  # type: ignore[call-arg]

    with pytest.raises(ModelError):
        build_mention_extractor(settings(False))
    result = build_mention_extractor(settings(True)).extract([chunk("Acme.")])
    assert [o.outcome for o in result.outcomes] == [Outcome.DEGRADED]
