"""Labelled documents in the words of the small tokenizer."""

from aegis_pipeline.training.gold import GoldDocument, GoldMention, GoldRelation

TEXT = "Marie Curie was born in Warsaw. Curie lives in Paris."


def document(identity: str = "d") -> GoldDocument:
    mentions = [(0, 11, "PER", 0), (24, 30, "LOC", 1), (32, 37, "PER", 0), (47, 52, "LOC", 2)]
    return GoldDocument(
        id=identity,
        text=TEXT,
        sents=[(0, 31), (32, 53)],
        mentions=[GoldMention(start=a, end=b, type=kind, cluster=cluster) for a, b, kind, cluster in mentions],
        relations=[
            GoldRelation(head=0, tail=1, pid="P19", evidence=[0]),
            GoldRelation(head=0, tail=2, pid="P551", evidence=[1]),
        ],
    )
