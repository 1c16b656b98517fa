"""The extractor over whole documents: merging, evidence, outcomes and order."""

from dataclasses import replace

import pytest

from aegis_pipeline.records import Outcome
from aegis_pipeline.relations import DependencyRelationExtractor, RelationExtractor, load_patterns, predicate

FOUNDED = """
Ada PROPN NNP nsubj 1 person
founded/found VERB VBD ROOT 1
Acme PROPN NNP dobj 1 organization
. PUNCT . punct 1
"""
PLACES = """
Ada PROPN NNP nsubjpass 2 person
was/be AUX VBD auxpass 2
born/bear VERB VBN ROOT 2
in ADP IN prep 2
Reno PROPN NNP pobj 3 place
, PUNCT , punct 4
Nevada PROPN NNP appos 4 place
, PUNCT , punct 6
USA PROPN NNP appos 6 place
. PUNCT . punct 2
"""
NOTHING = FOUNDED.replace("founded/found", "met/meet")


@pytest.fixture
def extractor():
    return DependencyRelationExtractor(load_patterns())


def test_relation_has_all_that_the_graph_needs(extractor, document):
    (relation,) = extractor.extract([document(NOTHING, FOUNDED)]).relations
    assert (relation.head, relation.predicate, relation.pid, relation.tail) == ("Acme", "founded_by", "P112", "Ada")
    assert (relation.document_id, relation.chunk_id) == ("d", "d:0")
    assert relation.extractor == f"dependency {extractor.version}"
    assert 0 < relation.confidence < 1
    assert relation.pid == predicate(relation.predicate).pid


def test_evidence_is_the_sentence(extractor, document):
    read = document(NOTHING, FOUNDED)
    (relation,) = extractor.extract([read]).relations
    assert read.text[relation.evidence.start : relation.evidence.end] == "Ada founded Acme."
    assert relation.evidence == read.sentences[1].span


def test_repetition_is_merged_with_the_first_evidence(extractor, document):
    read = document(FOUNDED, FOUNDED)
    (relation,) = extractor.extract([read]).relations
    assert relation.evidence == read.sentences[0].span


def test_chain_of_places_is_composed(extractor, document):
    stated = {(r.head, r.predicate, r.tail) for r in extractor.extract([document(PLACES)]).relations}
    assert ("Ada", "place_of_birth", "Reno") in stated
    assert {("Reno", "country", "USA"), ("Nevada", "country", "USA")} <= stated


def test_order_is_the_same_every_time(extractor, document):
    read = document(PLACES, FOUNDED)
    shuffled = replace(read, mentions=read.mentions[::-1])
    assert extractor.extract([read]) == extractor.extract([shuffled])


def test_same_entity_on_both_ends_is_no_relation(extractor, document):
    read = document(FOUNDED)
    same = replace(read, entity_of=dict.fromkeys(read.entity_of, "e"), entity_types={"e": "organization"})
    assert extractor.extract([same]).relations == ()


def test_mention_that_is_no_node_has_no_relation(extractor, document):
    read = document(FOUNDED)
    ada, acme = read.mentions
    assert extractor.extract([replace(read, mentions=(replace(ada, is_node=False), acme))]).relations == ()


def test_mention_without_an_entity_has_no_relation(extractor, document):
    read = document(FOUNDED)
    assert extractor.extract([replace(read, entity_of={})]).relations == ()


def test_min_confidence_drops_what_is_less_sure(document):
    sure = DependencyRelationExtractor(load_patterns(), min_confidence=0.99)
    result = sure.extract([document(FOUNDED)])
    assert result.relations == ()
    assert result.outcomes[0].outcome is Outcome.EMPTY


def test_outcome_of_each_document(extractor, document):
    read, silent = document(FOUNDED), replace(document(NOTHING), document_id="e")
    ok, empty = extractor.extract([read, silent]).outcomes
    assert (ok.document_id, ok.outcome) == ("d", Outcome.OK)
    assert (empty.document_id, empty.outcome) == ("e", Outcome.EMPTY)
    assert "1 frames match no pattern" in empty.detail


def test_document_without_a_parse_is_degraded_and_says_so(extractor, document):
    read = document(FOUNDED, NOTHING)
    unparsed = replace(read, sentences=tuple(replace(sentence, tokens=()) for sentence in read.sentences))
    (outcome,) = extractor.extract([unparsed]).outcomes
    assert outcome.outcome is Outcome.DEGRADED
    assert "2 of 2 sentences have no dependency parse" in outcome.detail


def test_partial_parse_is_degraded_but_read(extractor, document):
    read = document(FOUNDED, NOTHING)
    partly = replace(read, sentences=(read.sentences[0], replace(read.sentences[1], tokens=())))
    result = extractor.extract([partly])
    assert len(result.relations) == 1
    assert result.outcomes[0].outcome is Outcome.DEGRADED


def test_version_changes_with_the_threshold():
    low, high = (DependencyRelationExtractor(load_patterns(), min_confidence=t) for t in (0.1, 0.2))
    assert low.version != high.version


def test_it_is_a_relation_extractor(extractor):
    as_interface: RelationExtractor = extractor
    assert as_interface.name == "dependency"
