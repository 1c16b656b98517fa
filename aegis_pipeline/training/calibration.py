"""From margins to confidences that mean what they say."""

from collections.abc import Sequence

import numpy as np

_STEPS = 200
_LONGEST_STEP = 0.5  # a whole step of Newton's method leaves the ground where few statements are right


def fit_logistic(margins: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Slope and offset of the logistic function that best says how likely a statement of a margin is right (Platt,
    1999), by Newton's method; a small ridge keeps them finite where margins part right from wrong."""
    x = np.stack([np.asarray(margins, dtype=float), np.ones(len(margins))], axis=1)
    y = np.asarray(right, dtype=float)
    weights = np.array([1.0, 0.0])
    ridge = 1e-3 * np.eye(2)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - y) + ridge @ (weights - [1.0, 0.0])
        curvature = (x * (p * (1 - p))[:, None]).T @ x + ridge
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step * min(1.0, _LONGEST_STEP / max(float(np.linalg.norm(step)), 1e-12))
    return float(weights[0]), float(weights[1])
