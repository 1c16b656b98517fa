"""What pronouns and nouns refer to, and the type of a thing by what it is called."""

import pytest

from aegis_pipeline.relations import DependencyRelationExtractor, load_patterns

ADA = """
Ada PROPN NNP nsubj 1 person
sang/sing VERB VBD ROOT 1
. PUNCT . punct 1
"""
BOB = ADA.replace("Ada", "Bob")
HE_FOUNDED = """
He/he PRON PRP nsubj 1
founded/found VERB VBD ROOT 1
Acme PROPN NNP dobj 1 organization
. PUNCT . punct 1
"""
HIS_WIFE = """
His/his PRON PRP$ poss 1
wife NOUN NN nsubj 4
, PUNCT , punct 1
Eve PROPN NNP appos 1 person
sang/sing VERB VBD ROOT 4
. PUNCT . punct 4
"""
COMPANY = """
Acme PROPN NNP nsubj 1 {kind}
is/be AUX VBZ ROOT 1
a DET DT det 3
company NOUN NN attr 1
. PUNCT . punct 1
"""
COMPANY_FOUNDED = """
The/the DET DT det 1
company NOUN NN nsubjpass 3
was/be AUX VBD auxpass 3
founded/found VERB VBN ROOT 3
by ADP IN agent 3
Ada PROPN NNP pobj 4 person
. PUNCT . punct 3
"""
THIRD_COMPANY = COMPANY_FOUNDED.replace(". PUNCT . punct 3", "rich ADJ JJ amod 1\n. PUNCT . punct 3")
IT_FOUNDED = """
It/it PRON PRP nsubjpass 2
was/be AUX VBD auxpass 2
founded/found VERB VBN ROOT 2
by ADP IN agent 2
Ada PROPN NNP pobj 3 person
. PUNCT . punct 2
"""


@pytest.fixture
def relations(document):
    def read(*tables):
        return DependencyRelationExtractor(load_patterns()).extract([document(*tables)]).relations

    return read


@pytest.fixture
def stated(relations):
    return lambda *tables: {(r.head, r.predicate, r.tail) for r in relations(*tables)}


def test_he_is_the_person_before(stated):
    assert ("Acme", "founded_by", "Ada") in stated(ADA, HE_FOUNDED)


def test_he_is_the_person_named_most_of_late(stated):
    assert ("Acme", "founded_by", "Bob") in stated(ADA, *[BOB] * 5, HE_FOUNDED)
    assert ("Acme", "founded_by", "Ada") in stated(ADA, BOB, HE_FOUNDED)


def test_who_was_named_long_ago_fades(stated):
    assert ("Acme", "founded_by", "Bob") in stated(*[ADA] * 5, *[BOB] * 6, HE_FOUNDED)


def test_what_is_stated_by_reference_has_its_own_confidence(relations):
    (named,) = relations(HE_FOUNDED.replace("He/he PRON PRP nsubj 1", "Ada PROPN NNP nsubj 1 person"))
    (referred,) = relations(ADA, HE_FOUNDED)
    assert referred.confidence < named.confidence


def test_he_without_a_person_is_no_one(stated):
    assert stated(HE_FOUNDED) == set()


def test_possessive_refers_too(stated):
    assert ("Eve", "spouse", "Ada") in stated(ADA, HIS_WIFE)


def test_it_is_what_the_document_is_about(stated):
    assert ("Acme", "founded_by", "Ada") in stated(COMPANY.format(kind="organization"), IT_FOUNDED)


def test_it_is_no_person(stated):
    assert stated(BOB, IT_FOUNDED) == set()


def test_company_is_what_was_called_so(stated):
    assert ("Acme", "founded_by", "Ada") in stated(COMPANY.format(kind="organization"), COMPANY_FOUNDED)


def test_company_told_apart_is_another(stated):
    assert stated(COMPANY.format(kind="organization"), THIRD_COMPANY) == set()


def test_type_is_that_of_the_noun_it_is_called_by(stated):
    """The tagger took Acme for a date, of which nothing can be founded."""
    assert ("Acme", "founded_by", "Ada") in stated(COMPANY.format(kind="date"), COMPANY_FOUNDED)


def test_evidence_is_the_sentence_that_states(relations):
    (relation,) = relations(ADA, HE_FOUNDED)
    assert relation.evidence.start == len("Ada sang.") + 1
