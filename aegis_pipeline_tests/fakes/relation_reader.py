"""A relation reader that says what a test says, and a small document for it to read."""

from collections.abc import Sequence

from aegis_pipeline.reader.files import RELATIONS, DataFile, Manifest, Training
from aegis_pipeline.reader.relation_reader import Statement
from aegis_pipeline.reader.tokens import Tokens
from aegis_pipeline.reader.windows import Named, Window
from aegis_pipeline.records import Mention, RelationInput, Sentence, Span

TEXT = "Marie was born in Warsaw. She left Warsaw."
TRAINING = Training(version="0", data=DataFile(name="gold", sha256="0" * 64), train="0-1", tune="2-3", folds=2, seed=1)
MANIFEST = Manifest(
    sha256={RELATIONS: "f" * 64}, properties=("P19",), margin=-1.0, slope=2.0, offset=0.0, training=TRAINING
)


class FakeRelationReader:
    """Cuts a document into as many windows as it was given lists; ``said`` has the statements of each."""

    def __init__(self, *said: list[Statement]) -> None:
        self._said = said
        self.named: list[Named] = []

    def windows(self, text: str, sentences: Sequence[Span], named: Sequence[Named]) -> list[Window]:
        """As ``RelationReader.windows``."""
        self.named += named
        entities = tuple(dict.fromkeys(mention.entity for mention in named))
        return [Window(Tokens((), (), (), ()), (), (), entities) for _ in self._said]

    def read(self, texts: Sequence[Window], least_margin: float) -> list[list[Statement]]:
        """As ``RelationReader.read``."""
        return [[s for s in statements if s.margin >= least_margin] for statements in self._said]


def document(numeric: bool = False) -> RelationInput:
    """``TEXT`` with the entities ``marie`` and ``warsaw``, which are no nodes where ``numeric``."""
    spans = [(Span(0, 5), "PERSON"), (Span(18, 24), "GPE"), (Span(35, 41), "GPE")]
    mentions = tuple(
        Mention("d", "d-0", 0, span, TEXT[span.start : span.end], label, label, "test", not numeric)
        for span, label in spans
    )
    entity_of = {m.id: entity for m, entity in zip(mentions, ("marie", "warsaw", "warsaw"), strict=True)}
    sentences = (Sentence("d", "d-0", 0, Span(0, 25)), Sentence("d", "d-1", 1, Span(26, 42)))
    types = {"marie": "person", "warsaw": "place"}
    return RelationInput("d", TEXT, (), sentences, mentions, entity_of, types)
