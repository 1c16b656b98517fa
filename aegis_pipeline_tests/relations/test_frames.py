"""Grammatical frames in parses that are written out: what they state, in which direction, and which state nothing."""

import pytest

from aegis_pipeline.relations import DependencyRelationExtractor, load_patterns

ACTIVE = """
Ada PROPN NNP nsubj 1 person
founded/found VERB VBD ROOT 1
Acme PROPN NNP dobj 1 organization
. PUNCT . punct 1
"""
PARTICIPLE = """
Acme PROPN NNP nsubj 1 organization
is/be AUX VBZ ROOT 1
a DET DT det 3
company NOUN NN attr 1
founded/found VERB VBN acl 3
by ADP IN agent 4
Ada PROPN NNP pobj 5 person
. PUNCT . punct 1
"""
RELATIVE = """
Ada PROPN NNP nsubj 6 person
, PUNCT . punct 0
who PRON WP nsubj 3
founded/found VERB VBD relcl 0
Acme PROPN NNP dobj 3 organization
, PUNCT . punct 6
lives/live VERB VBZ ROOT 6
in ADP IN prep 6
Ghent PROPN NNP pobj 7 place
. PUNCT . punct 6
"""
PASSIVE = """
Acme PROPN NNP nsubjpass 2 organization
was/be AUX VBD auxpass 2
founded/found VERB VBN ROOT 2
by ADP IN agent 2
Ada PROPN NNP pobj 3 person
in ADP IN prep 2
1999 NUM CD pobj 5 date
. PUNCT . punct 2
"""
REDUCED = """
Acme PROPN NNP nsubj 6 organization
, PUNCT . punct 6
founded/found VERB VBN advcl 6
by ADP IN agent 2
Ada PROPN NNP pobj 3 person
, PUNCT . punct 6
is/be AUX VBZ ROOT 6
small ADJ JJ acomp 6
. PUNCT . punct 6
"""
APPOSITION = """
Ada PROPN NNP nsubj 6 person
, PUNCT . punct 0
founder NOUN NN appos 0
of ADP IN prep 2
Acme PROPN NNP pobj 3 organization
, PUNCT . punct 6
lives/live VERB VBZ ROOT 6
in ADP IN prep 6
Ghent PROPN NNP pobj 7 place
. PUNCT . punct 6
"""
POSSESSIVE = """
Acme PROPN NNP poss 3 organization
's PART POS case 0
founder NOUN NN compound 3
Ada PROPN NNP nsubj 4 person
lives/live VERB VBZ ROOT 4
in ADP IN prep 4
Ghent PROPN NNP pobj 5 place
. PUNCT . punct 4
"""
POSSESSIVE_VERB = """
Ada PROPN NNP nsubj 1 person
is/be AUX VBZ ROOT 1
Bob PROPN NNP poss 4 person
's PART POS case 2
daughter NOUN NN attr 1
. PUNCT . punct 1
"""
COPULA = """
Ghent NOUN NN nsubj 1 place
is/be AUX VBZ ROOT 1
the DET DT det 3
capital NOUN NN attr 1
of ADP IN prep 3
Flanders PROPN NNP pobj 4 place
. PUNCT . punct 1
"""
PREPOSITION = """
Ada PROPN NNP nsubjpass 2 person
was/be AUX VBD auxpass 2
born/bear VERB VBN ROOT 2
in ADP IN prep 2
Ghent PROPN NNP pobj 3 place
. PUNCT . punct 2
"""
CONJUNCTION = """
Ada PROPN NNP nsubj 3 person
and CCONJ CC cc 0
Bob PROPN NNP conj 0 person
founded/found VERB VBD ROOT 3
Acme PROPN NNP dobj 3 organization
. PUNCT . punct 3
"""
VERBS = """
Ada PROPN NNP nsubj 1 person
moved/move VERB VBD ROOT 1
to ADP IN prep 1
Ghent PROPN NNP pobj 2 place
and CCONJ CC cc 1
founded/found VERB VBD conj 1
Acme PROPN NNP dobj 5 organization
. PUNCT . punct 1
"""
NATIONALITY = """
Ada PROPN NNP nsubj 1 person
is/be AUX VBZ ROOT 1
a DET DT det 4
German/german ADJ JJ amod 4 group
engineer NOUN NN attr 1
. PUNCT . punct 1
"""
AS = """
Ada PROPN NNP nsubjpass 2 person
was/be AUX VBD auxpass 2
appointed/appoint VERB VBN ROOT 2
as ADP IN prep 2
chair NOUN NN pobj 3
of ADP IN prep 4
Acme PROPN NNP pobj 5 organization
. PUNCT . punct 2
"""
PARTICIPLES = """
Solo PROPN NNP ROOT 0 work
, PUNCT , punct 0
directed/direct VERB VBN acl 0
by ADP IN agent 2
Ada PROPN NNP pobj 3 person
and CCONJ CC cc 2
starring/star VERB VBG conj 2
Bob PROPN NNP dobj 6 person
. PUNCT . punct 0
"""
PROVINCE = """
Ghent PROPN NNP nsubj 1 place
lies/lie VERB VBZ ROOT 1
in ADP IN prep 1
the DET DT det 4
province NOUN NN pobj 2
of ADP IN prep 4
Flanders PROPN NNP pobj 5 place
. PUNCT . punct 1
"""
SONS = """
Ada PROPN NNP nsubj 1 person
had/have VERB VBD ROOT 1
a DET DT det 3
son NOUN NN dobj 1
, PUNCT , punct 3
Bob PROPN NNP appos 3 person
. PUNCT . punct 1
"""
ACHIEVED = """
Ada PROPN NNP nsubj 1 person
managed/manage VERB VBD ROOT 1
to PART TO aux 3
found VERB VBN xcomp 1
Acme PROPN NNP dobj 3 organization
. PUNCT . punct 1
"""
NEGATED = """
Ada PROPN NNP nsubj 3 person
did/do AUX VBD aux 3
not PART RB neg 3
found VERB VBN ROOT 3
Acme PROPN NNP dobj 3 organization
. PUNCT . punct 3
"""
NEVER = """
Ada PROPN NNP nsubj 2 person
never ADV RB neg 2
founded/found VERB VBD ROOT 2
Acme PROPN NNP dobj 2 organization
. PUNCT . punct 2
"""
HYPOTHETICAL = """
Ada PROPN NNP nsubj 3 person
would AUX MD aux 3
have AUX VB aux 3
founded/found VERB VBN ROOT 3
Acme PROPN NNP dobj 3 organization
. PUNCT . punct 3
"""
CONDITION = """
If/if SCONJ IN mark 2
Ada PROPN NNP nsubj 2 person
founded/found VERB VBD advcl 6
Acme PROPN NNP dobj 2 organization
, PUNCT . punct 6
Bob PROPN NNP nsubj 6 person
left/leave VERB VBD ROOT 6
. PUNCT . punct 6
"""
WANTED = """
Ada PROPN NNP nsubj 1 person
planned/plan VERB VBD ROOT 1
to PART TO aux 3
found VERB VB xcomp 1
Acme PROPN NNP dobj 3 organization
. PUNCT . punct 1
"""
QUESTION = """
Did/do AUX VBD aux 2
Ada PROPN NNP nsubj 2 person
found VERB VBD ROOT 2
Acme PROPN NNP dobj 2 organization
? PUNCT . punct 2
"""


@pytest.fixture
def stated(document):
    """All that the extractor reads in one sentence, as head, predicate and tail."""

    def read(*tables):
        relations = DependencyRelationExtractor(load_patterns()).extract([document(*tables)]).relations
        return {(relation.head, relation.predicate, relation.tail) for relation in relations}

    return read


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        pytest.param(ACTIVE, ("Acme", "founded_by", "Ada"), id="active"),
        pytest.param(PARTICIPLE, ("Acme", "founded_by", "Ada"), id="participle"),
        pytest.param(RELATIVE, ("Acme", "founded_by", "Ada"), id="relative"),
        pytest.param(PASSIVE, ("Acme", "founded_by", "Ada"), id="passive"),
        pytest.param(REDUCED, ("Acme", "founded_by", "Ada"), id="reduced"),
        pytest.param(APPOSITION, ("Acme", "founded_by", "Ada"), id="apposition"),
        pytest.param(POSSESSIVE, ("Acme", "founded_by", "Ada"), id="possessive"),
        pytest.param(POSSESSIVE_VERB, ("Bob", "child", "Ada"), id="possessive_verb"),
        pytest.param(COPULA, ("Ghent", "capital_of", "Flanders"), id="copula"),
        pytest.param(PREPOSITION, ("Ada", "place_of_birth", "Ghent"), id="preposition"),
        pytest.param(CONJUNCTION, ("Acme", "founded_by", "Bob"), id="conjunction"),
        pytest.param(VERBS, ("Acme", "founded_by", "Ada"), id="verbs"),
        pytest.param(NATIONALITY, ("Ada", "country_of_citizenship", "German"), id="nationality"),
        pytest.param(AS, ("Acme", "chairperson", "Ada"), id="as"),
        pytest.param(PARTICIPLES, ("Solo", "cast_member", "Bob"), id="participles"),
        pytest.param(
            PROVINCE, ("Ghent", "located_in_the_administrative_territorial_entity", "Flanders"), id="province"
        ),
        pytest.param(SONS, ("Ada", "child", "Bob"), id="sons"),
        pytest.param(ACHIEVED, ("Acme", "founded_by", "Ada"), id="achieved"),
    ],
)
def test_frame_states(stated, table, statement):
    assert statement in stated(table)


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        (ACTIVE, ("Ada", "founded_by", "Acme")),
        (PASSIVE, ("Ada", "founded_by", "Acme")),
        (COPULA, ("Flanders", "capital_of", "Ghent")),
        (POSSESSIVE_VERB, ("Ada", "child", "Bob")),
        (CONJUNCTION, ("Ada", "founded_by", "Bob")),
    ],
)
def test_direction_is_never_the_other_one(stated, table, statement):
    assert statement not in stated(table)


@pytest.mark.parametrize("table", [NEGATED, NEVER, HYPOTHETICAL, CONDITION, WANTED, QUESTION])
def test_unreal_clause_states_nothing(stated, table):
    assert stated(table) == set()


def test_both_conjuncts_take_part(stated):
    assert stated(CONJUNCTION) == {("Acme", "founded_by", "Ada"), ("Acme", "founded_by", "Bob")}


def test_doubt_does_not_reach_another_clause(stated):
    """Ada, founder of Acme, does not live in Ghent: only the second is denied."""
    denied = APPOSITION.replace(". PUNCT . punct 6", "not PART RB neg 6")
    assert ("Ada", "residence", "Ghent") in stated(APPOSITION)
    assert stated(denied) == {("Acme", "founded_by", "Ada")}


@pytest.mark.parametrize("label", ["conj", "appos", "attr", "relcl", "compound", "pobj", "advcl"])
def test_head_outside_the_sentence(stated, label):
    """Such a token is its own head, whatever its label: phase 1 cuts sentences that are too long."""
    cut = APPOSITION.replace("founder NOUN NN appos 0", f"founder NOUN NN {label} 2")
    assert ("Ada", "residence", "Ghent") in stated(cut)


def test_inverse_is_stated_too(stated):
    assert {("Ghent", "capital_of", "Flanders"), ("Flanders", "capital", "Ghent")} <= stated(COPULA)


def test_adjunct_of_the_same_verb(stated):
    assert ("Acme", "inception", "1999") in stated(PASSIVE)
