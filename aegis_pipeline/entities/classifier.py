"""How likely two names are one: gradient-boosted trees over the pair's features, calibrated, as data.

``scripts/train_identity.py`` trains them and writes ``pair_model.json``; the figures behind them are in
docs/results/identity.json.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from aegis_pipeline.entities.features import FEATURES
from aegis_pipeline.errors import ModelError


class Tree(BaseModel):
    """One regression tree: at node ``n`` a pair goes left where ``feature[n]`` is at most ``threshold[n]``. A leaf is
    its own child."""

    model_config = ConfigDict(frozen=True)

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    depth: int


class PairModel(BaseModel):
    """Trees, what they add up from, and Platt's scaling of the sum (Platt 1999): probability =
    1 / (1 + exp(-(slope · sum + shift)))."""

    model_config = ConfigDict(frozen=True)

    features: tuple[str, ...]
    threshold: Annotated[float, Field(gt=0, lt=1)]
    baseline: float
    slope: float
    shift: float
    trees: tuple[Tree, ...]

    def probabilities(self, pairs: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
        """One a pair, in [0, 1]; a pair has the features that are not zero."""
        matrix = as_matrix(pairs)
        return 1 / (1 + np.exp(-(self.slope * self._sums(matrix) + self.shift)))

    def _sums(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.full(len(matrix), self.baseline)
        rows = np.arange(len(matrix))
        for tree in self.trees:
            feature, threshold = np.array(tree.feature), np.array(tree.threshold)
            left, right, value = np.array(tree.left), np.array(tree.right), np.array(tree.value)
            node = np.zeros(len(matrix), dtype=np.int64)
            for _ in range(tree.depth):
                node = np.where(matrix[rows, feature[node]] <= threshold[node], left[node], right[node])
            sums += value[node]
        return sums


def as_matrix(pairs: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
    """Shape ``(len(pairs), len(FEATURES))``."""
    return np.array([[pair.get(name, 0.0) for name in FEATURES] for pair in pairs]).reshape(len(pairs), len(FEATURES))


@lru_cache(maxsize=1)
def pair_model() -> PairModel:
    """The model of this version.

    Raises:
        ModelError: it was trained on other features than this version finds.
    """
    text = files("aegis_pipeline.entities").joinpath("pair_model.json").read_text(encoding="utf-8")
    model = PairModel.model_validate_json(text)
    if model.features != FEATURES:
        differing = ", ".join(sorted({*model.features} ^ {*FEATURES})) or "the same ones in another order"
        raise ModelError(
            f"entities/pair_model.json was trained on other features than features.FEATURES has: {differing}. "
            "Install the package again, or where the features were changed, run scripts/train_identity.py."
        )
    return model
