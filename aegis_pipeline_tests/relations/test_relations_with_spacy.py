"""The extractor over what phase 1 really gives: plain sentences in, statements out."""

import pytest

from aegis_pipeline.documents.chunks import chunk_documents
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.mentions import build_mention_extractor
from aegis_pipeline.records import Document, Outcome, RelationInput
from aegis_pipeline.relations import DependencyRelationExtractor, load_patterns
from aegis_pipeline.settings import Settings

pytestmark = pytest.mark.models

SENTENCES = {
    "Steve Jobs founded Apple in California.": ("apple", "founded_by", "steve jobs"),
    "Berlin lies in Germany.": ("berlin", "located_in_the_administrative_territorial_entity", "germany"),
    "Microsoft was founded by Bill Gates and Paul Allen.": ("microsoft", "founded_by", "paul allen"),
    "Intel was established in 1968.": ("intel", "inception", "1968"),
    "Marie Curie was born in Warsaw.": ("marie curie", "place_of_birth", "warsaw"),
    "Isaac Newton (1643 – 1727) studied motion.": ("isaac newton", "date_of_death", "1727"),
    "Alan Turing died on 7 June 1954.": ("alan turing", "date_of_death", "7 june 1954"),
    "Canberra is the capital of Australia.": ("canberra", "capital_of", "australia"),
    "Angela Merkel is a German politician.": ("angela merkel", "country_of_citizenship", "german"),
    "George Washington married Martha Custis in 1759.": ("george washington", "spouse", "martha custis"),
    "Robert Oppenheimer studied at Harvard University.": ("robert oppenheimer", "educated_at", "harvard university"),
    "He moved from Detroit, Michigan to Toronto, Ontario, Canada.": ("toronto", "country", "canada"),
    "Charles Darwin did not marry Emma Wedgwood.": None,
}


@pytest.fixture(scope="module")
def statements():
    """What is stated in each sentence, by the sentence."""
    documents = [Document(str(n), f"{n}.txt", text, "") for n, text in enumerate(SENTENCES)]
    chunks = chunk_documents(documents, lambda texts: [len(text.split()) for text in texts], 256)
    found = build_mention_extractor(Settings(mention_fallback=False)).extract(chunks)
    inputs = [_input(document, chunks, found) for document in documents]
    result = DependencyRelationExtractor(load_patterns(), 0.3).extract(inputs)
    assert {outcome.outcome for outcome in result.outcomes} == {Outcome.OK, Outcome.EMPTY}
    return {
        text: {(r.head, r.predicate, r.tail) for r in result.relations if r.document_id == str(n)}
        for n, text in enumerate(SENTENCES)
    }


def _input(document, chunks, found):
    mentions = tuple(mention for mention in found.mentions if mention.document_id == document.id)
    return RelationInput(
        document_id=document.id,
        text=document.text,
        chunks=tuple(chunk for chunk in chunks if chunk.document_id == document.id),
        sentences=tuple(sentence for sentence in found.sentences if sentence.document_id == document.id),
        mentions=mentions,
        entity_of={mention.id: normalise(mention.text) for mention in mentions},
        entity_types={normalise(mention.text): mention.type for mention in mentions},
    )


@pytest.mark.parametrize("text", [text for text, expected in SENTENCES.items() if expected])
def test_sentence_states(statements, text):
    assert SENTENCES[text] in statements[text]


@pytest.mark.parametrize("text", [text for text, expected in SENTENCES.items() if not expected])
def test_sentence_states_nothing(statements, text):
    assert statements[text] == set()
