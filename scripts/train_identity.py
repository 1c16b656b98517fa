"""Trains the classifier of phase 2 (aegis_pipeline/entities/pair_model.json) and writes what it reaches.

    python scripts/train_identity.py REDOCRED_DEV.jsonl --run DIR

It is trained on the documents 300-499 of the file, on the mentions that phase 1 finds there, the reader's and those of
NER_BACKEND=spacy: on either it is then better than trained on that one's alone. DIR is the folder of one ``aegis
train-reader`` on that file: no document is read by a tagger that learned from it. Every choice (features, trees,
threshold) was made by cross-validation over these documents, and docs/results/identity.json has its figures.
0-299 are for the report alone (scripts/measure_mentions.py). Two names are one thing where most of their mentions have
the same cluster.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from measure_mentions import chunks_of, merges_beyond_key, predictions
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from unseen_mentions import UnseenExtractor

from aegis_pipeline.benchmarks.scoring import load, score
from aegis_pipeline.benchmarks.scoring.scorer import tight
from aegis_pipeline.entities.classifier import PairModel, Tree, as_matrix
from aegis_pipeline.entities.features import FEATURES, Pair
from aegis_pipeline.entities.linked_documents import named_documents, read_mentions
from aegis_pipeline.entities.local_names import LocalName, NamedDocument
from aegis_pipeline.entities.name_vectors import NameVectors
from aegis_pipeline.entities.normalise import normalise
from aegis_pipeline.entities.senses import VALUE
from aegis_pipeline.entities.within import ScoredPair, described_pairs, link_within
from aegis_pipeline.mentions import MentionExtractor, SpacyMentionExtractor, read_pipeline
from aegis_pipeline.models import load_encoder
from aegis_pipeline.records import Entity, Mention
from aegis_pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "aegis_pipeline" / "entities" / "pair_model.json"
RESULT = ROOT / "docs" / "results" / "identity.json"
DOCUMENTS = "300-499"
FOLDS = 10
THRESHOLDS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
THRESHOLD = 0.75
TREES = {"max_depth": 3, "max_iter": 120, "learning_rate": 0.08, "min_samples_leaf": 8, "l2_regularization": 3.0}
# What can only speak for two names being one, and what only against it: the trees may not learn the contrary from the
# noise of a few pairs.
MONOTONIC = {
    "initials": 1,
    "abbreviation": 1,
    "bracket": 1,
    "alias_phrase": 1,
    "well_known": 1,
    "family_name": 1,
    "same_without_company": 1,
    "same_type": 1,
    "both_persons": 1,
    "plural": 1,
    "list": -1,
    "rivals": -1,
    "rival_before": -1,
    "given_names_clash": -1,
    "short_before_full": -1,
    "digits_differ": -1,
    "kind_word_alone": -1,
    "kind_words_left": -1,
}

Described = list[tuple[NamedDocument, Pair, dict[str, float]]]
Floats = NDArray[np.float64]
Clusters = Mapping[str, Mapping[Any, Any]]


def main() -> None:
    """Train, and write the model and its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--run", type=Path, required=True, help="folder of an `aegis train-reader` on GOLD")
    arguments = parser.parse_args()
    gold, settings = load(arguments.gold, DOCUMENTS), Settings()
    reader = UnseenExtractor(arguments.run, arguments.gold, settings)
    spacy = SpacyMentionExtractor(read_pipeline(settings.spacy_model, device="cpu"))
    (documents, described), (_, of_spacy) = (examples(gold, extractor) for extractor in (reader, spacy))
    own = len(described)  # the figures are of the reader's mentions
    described += of_spacy
    labels = labelled(gold, described)
    known = labels >= 0
    sums = out_of_fold(described, labels)
    scaling = LogisticRegression(C=1e6).fit(sums[known, None], labels[known], sample_weight=weights(described)[known])
    slope, shift = float(scaling.coef_[0][0]), float(scaling.intercept_[0])
    probabilities = 1 / (1 + np.exp(-(slope * sums + shift)))
    model = exported(fitted(described, labels, known), slope, shift)
    MODEL.write_text(model.model_dump_json() + "\n", encoding="utf-8")
    reached_at = partial(reached, gold, documents, described[:own], labels[:own], probabilities[:own])
    result = {
        "command": f"python scripts/train_identity.py {arguments.gold.name} --run DIR",
        "documents": DOCUMENTS,
        "mentions": reader.model,
        "pairs": counts(labels[:own]),
        "pairs of spaCy's mentions": counts(labels[own:]),
        "cross-validation": {"folds": FOLDS, "trees": TREES, "threshold": THRESHOLD},
        "by threshold": {str(t): reached_at(t) for t in THRESHOLDS},
        "calibration": calibration(probabilities[:own][known[:own]], labels[:own][known[:own]]),
        "pairs with a feature": {
            name: counts(labels[having])
            for name in FEATURES
            if (having := np.array([name in features for _, _, features in described])).any()
        },
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def examples(gold: Mapping[str, Any], extractor: MentionExtractor) -> tuple[list[NamedDocument], Described]:
    """The documents' names as phase 2 sees them, and every candidate pair with its features."""
    settings = Settings()
    mentions = extractor.extract(chunks_of(dict(gold), settings)).mentions
    documents = named_documents(
        read_mentions(mentions, {mention.text: normalise(mention.text) for mention in mentions})
    )
    encoder = load_encoder(settings.encoder_model, device="cpu")
    keys = (name.key for document in documents for name in document.names if name.sense != VALUE)
    vectors = NameVectors.of(keys, encoder.encode)
    return documents, [(d, *found) for d in documents for found in described_pairs(d, vectors)]


def labelled(gold: Mapping[str, Any], described: Described) -> NDArray[np.int64]:
    """1 where both names have the same cluster, 0 where not, -1 where one has none."""
    clusters = gold_clusters(gold)

    def cluster(name: LocalName) -> Any:
        votes = Counter(cluster_of(mention, gold, clusters) for mention in name.mentions)
        del votes[None]
        return votes.most_common(1)[0][0] if votes else None

    found = [(cluster(pair[0]), cluster(pair[1])) for _, pair, _ in described]
    return np.array([-1 if None in both else int(both[0] == both[1]) for both in found])


def gold_clusters(gold: Mapping[str, Any]) -> Clusters:
    """Document → span → cluster."""
    return {
        name: {tight(document["text"], m["start"], m["end"]): m.get("cluster") for m in document["mentions"]}
        for name, document in gold.items()
    }


def cluster_of(mention: Mention, gold: Mapping[str, Any], clusters: Clusters) -> Any:
    """The labelled cluster of a mention, or None."""
    text = gold[mention.document_id]["text"]
    return clusters[mention.document_id].get(tight(text, mention.span.start, mention.span.end))


def counts(labels: NDArray[np.int64]) -> dict[str, int]:
    """Pairs by label."""
    return {name: int((labels == label).sum()) for name, label in (("same", 1), ("other", 0), ("unlabelled", -1))}


def weights(described: Described) -> Floats:
    """A pair of names that are mentioned often counts more, up to ten times."""
    return np.array([min(10.0, (len(p[0].mentions) * len(p[1].mentions)) ** 0.5) for _, p, _ in described])


def fitted(described: Described, labels: NDArray[np.int64], rows: NDArray[Any]) -> HistGradientBoostingClassifier:
    """The trees, trained on ``rows``."""
    matrix = as_matrix([features for _, _, features in described])
    monotonic = [MONOTONIC.get(name, 0) for name in FEATURES]
    trees = HistGradientBoostingClassifier(random_state=0, monotonic_cst=monotonic, **TREES)
    return trees.fit(matrix[rows], labels[rows], sample_weight=weights(described)[rows])


def out_of_fold(described: Described, labels: NDArray[np.int64]) -> Floats:
    """What trees say of each pair that have not seen its document."""
    groups = np.array([document.document_id for document, _, _ in described])
    matrix, sums = as_matrix([features for _, _, features in described]), np.zeros(len(described))
    for train, test in GroupKFold(FOLDS).split(matrix, labels, groups):
        trees = fitted(described, labels, train[labels[train] >= 0])
        sums[test] = trees.decision_function(matrix[test])
    return sums


def exported(trees: HistGradientBoostingClassifier, slope: float, shift: float) -> PairModel:
    """The trees as data."""
    return PairModel(
        features=FEATURES,
        threshold=THRESHOLD,
        baseline=float(trees._baseline_prediction[0, 0]),
        slope=round(slope, 6),
        shift=round(shift, 6),
        trees=tuple(tree(stage[0].nodes) for stage in trees._predictors),
    )


def tree(nodes: Any) -> Tree:
    """One tree of scikit-learn's; a leaf becomes its own child, so that walking on changes nothing."""
    own = range(len(nodes))
    left, right = (
        tuple(at if n["is_leaf"] else int(n[side]) for at, n in zip(own, nodes, strict=True))
        for side in ("left", "right")
    )
    return Tree(
        feature=tuple(0 if n["is_leaf"] else int(n["feature_idx"]) for n in nodes),
        threshold=tuple(0.0 if n["is_leaf"] else round(float(n["num_threshold"]), 6) for n in nodes),
        left=left,
        right=right,
        value=tuple(round(float(n["value"]), 6) if n["is_leaf"] else 0.0 for n in nodes),
        depth=int(nodes["depth"].max()),
    )


def reached(
    gold: Mapping[str, Any],
    documents: Sequence[NamedDocument],
    described: Described,
    labels: NDArray[np.int64],
    probabilities: Floats,
    threshold: float,
) -> dict[str, Any]:
    """Identity within documents at one threshold: all pairs of mentions, and the pairs of names that it merges."""
    scored: dict[str, list[ScoredPair]] = {document.document_id: [] for document in documents}
    for (document, pair, features), p in zip(described, probabilities, strict=True):
        scored[document.document_id].append(ScoredPair(pair, features, float(p)))
    label_of = {frozenset(map(id, pair)): label for (_, pair, _), label in zip(described, labels, strict=True)}
    groups = [group for d in documents for group in link_within(d.names, scored[d.document_id], threshold)]
    merged = [label_of.get(frozenset((id(a), id(b))), -1) for group in groups for a, b in combinations(group, 2)]
    entities = _as_entities(groups)
    found = score(gold, predictions(entities))
    return {
        "pairwise": found["pairwise"],
        "merged names": {"same": merged.count(1), "other": merged.count(0)},
        "merges": merges_beyond_key(dict(gold), entities),
    }


def _as_entities(groups: Sequence[Sequence[LocalName]]) -> list[Entity]:
    return [
        Entity(str(at), str(at), "", group[0].type, (), tuple(m for name in group for m in name.mentions))
        for at, group in enumerate(groups)
    ]


def calibration(probabilities: Floats, labels: NDArray[np.int64]) -> list[dict[str, float]]:
    """For tenths of the scale: pairs, mean probability, share that are the same."""
    rows = []
    for low in np.arange(0, 1, 0.1):
        inside = (probabilities >= low) & (probabilities < low + 0.1)
        if inside.any():
            mean, share = float(probabilities[inside].mean()), float(labels[inside].mean())
            rows.append(
                {
                    "from": round(float(low), 1),
                    "pairs": int(inside.sum()),
                    "mean": round(mean, 3),
                    "same": round(share, 3),
                }
            )
    return rows


if __name__ == "__main__":
    main()
