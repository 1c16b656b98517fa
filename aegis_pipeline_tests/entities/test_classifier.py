"""The classifier as data: it says what the trees say that it was made from, and refuses other features."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from aegis_pipeline.entities import classifier
from aegis_pipeline.entities.classifier import PairModel, Tree, as_matrix, pair_model
from aegis_pipeline.entities.features import FEATURES
from aegis_pipeline.errors import ModelError

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
LEAF = {"feature": (0,), "threshold": (0.0,), "left": (0,), "right": (0,), "value": (0.0,), "depth": 0}


def model(*trees: dict[str, Any], **values: Any) -> PairModel:
    defaults = {"features": FEATURES, "threshold": 0.5, "baseline": 0.0, "slope": 1.0, "shift": 0.0}
    return PairModel(**{**defaults, **values}, trees=tuple(Tree(**tree) for tree in trees))


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script that trains the model."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: it is needed for training alone")
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield import_module("train_identity")
    for name in ("train_identity", "measure_mentions"):
        sys.modules.pop(name, None)


def test_classifier_walks_a_tree() -> None:
    cosine = FEATURES.index("cosine")
    tree = {
        "feature": (cosine, 0, 0),
        "threshold": (0.5, 0.0, 0.0),
        "left": (1, 1, 2),
        "right": (2, 1, 2),
        "value": (0.0, -2.0, 3.0),
        "depth": 1,
    }
    found = model(tree, tree, baseline=0.25, slope=2.0, shift=-1.0).probabilities(
        [{"cosine": 0.5}, {"cosine": 0.51}, {"part": 1.0}]
    )
    sums = np.array([0.25 - 4, 0.25 + 6, 0.25 - 4])
    assert found == pytest.approx(1 / (1 + np.exp(-(2 * sums - 1))))


@pytest.mark.slow  # the script loads what it measures with
def test_classifier_says_what_scikit_learn_says(training: ModuleType) -> None:
    """The pairs fall exactly on thresholds too, where left and right are easily taken for each other."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(3)
    matrix = rng.integers(0, 5, size=(600, len(FEATURES))) / 4
    labels = (matrix[:, 0] + matrix[:, 3] * matrix[:, 7] + 0.3 * rng.normal(size=600) > 0.8).astype(int)
    trees = HistGradientBoostingClassifier(max_iter=20, max_depth=4, random_state=0).fit(matrix, labels)
    pairs = [dict(zip(FEATURES, row, strict=True)) for row in matrix.tolist()]
    found = training.exported(trees, slope=1.0, shift=0.0).probabilities(pairs)
    assert found == pytest.approx(trees.predict_proba(matrix)[:, 1], abs=1e-4)
    assert found.std() > 0.1


def test_classifier_of_this_version_has_its_features() -> None:
    found = pair_model()
    assert found.features == FEATURES
    assert pair_model() is found
    assert all(max(tree.feature) < len(FEATURES) for tree in found.trees)


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e6, -1e6])
def test_classifier_gives_probabilities(scale: float) -> None:
    rows = scale * np.random.default_rng(0).random((200, len(FEATURES)))
    found = pair_model().probabilities([dict(zip(FEATURES, row, strict=True)) for row in rows.tolist()])
    assert found.shape == (200,)
    assert ((found >= 0) & (found <= 1)).all()


def test_classifier_of_no_pairs() -> None:
    assert pair_model().probabilities([]).shape == (0,)
    assert as_matrix([]).shape == (0, len(FEATURES))


def test_classifier_thinks_more_of_what_speaks_for_a_pair() -> None:
    clash, initials, part = pair_model().probabilities(
        [
            {"given_names_clash": 1.0, "both_persons": 1.0, "cosine": 0.6},
            {"initials": 1.0, "bracket": 1.0, "same_type": 1.0, "same_sense": 1.0, "same_sentence": 1.0},
            {"part": 1.0, "family_name": 1.0, "both_persons": 1.0, "same_type": 1.0, "same_sense": 1.0},
        ]
    )
    assert clash < 0.5 < min(initials, part)


@pytest.mark.parametrize(
    ("features", "told"),
    [((*FEATURES[:-1], "shoe_size"), "shoe_size"), (FEATURES[::-1], "another order"), (FEATURES[1:], FEATURES[0])],
)
def test_classifier_of_other_features_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, features: tuple[str, ...], told: str
) -> None:
    (tmp_path / "pair_model.json").write_text(model(LEAF, features=features).model_dump_json(), encoding="utf-8")
    monkeypatch.setattr(classifier, "files", lambda package: tmp_path)
    with pytest.raises(ModelError, match=rf"(?s){told}.*scripts/train_identity\.py"):
        pair_model.__wrapped__()
