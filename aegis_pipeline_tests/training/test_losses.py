import math
import random

import pytest
import torch

from aegis_pipeline.training.calibration import fit_logistic
from aegis_pipeline.training.losses import adaptive_threshold_loss, evidence_loss


def test_loss_is_nearly_nothing_where_the_threshold_parts_right_from_wrong() -> None:
    logits = torch.tensor([[0.0, 20.0, -20.0], [0.0, -20.0, -20.0]])
    labels = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert float(adaptive_threshold_loss(logits, labels)) < 1e-6


def test_loss_is_that_of_the_paper() -> None:
    logits, labels = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    above = -math.log(math.exp(2) / (math.exp(2) + math.exp(1)))
    below = -math.log(math.exp(1) / (math.exp(1) + math.exp(3)))
    assert float(adaptive_threshold_loss(logits, labels)) == pytest.approx(above + below)


def test_gradient_is_finite_where_every_property_holds() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    adaptive_threshold_loss(logits, torch.ones(1, 3)).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_evidence_counts_only_pairs_that_have_some() -> None:
    evidence = torch.tensor([[0.5, 0.5], [1.0, 0.0]])
    wanted = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    assert float(evidence_loss(evidence, wanted)) == pytest.approx(math.log(2), abs=1e-4)
    assert float(evidence_loss(evidence, torch.zeros(2, 2))) == 0


def test_confidences_stay_on_the_ground_where_few_statements_are_right() -> None:
    chance = random.Random(1)
    margins = [chance.uniform(-6, -2) for _ in range(20_000)] + [chance.uniform(-1, 15) for _ in range(1_000)]
    right = [chance.random() < 1 / (1 + math.exp(0.8 - 0.4 * margin)) for margin in margins]
    assert fit_logistic(margins, right) == (pytest.approx(0.4, abs=0.05), pytest.approx(-0.8, abs=0.15))


def test_confidences_mean_what_they_say() -> None:
    margins = [-1.0] * 100 + [1.0] * 100
    right = [k < 20 for k in range(100)] + [k < 80 for k in range(100)]
    slope, offset = fit_logistic(margins, right)
    assert 1 / (1 + math.exp(-slope - offset)) == pytest.approx(0.8, abs=0.001)
    assert 1 / (1 + math.exp(slope - offset)) == pytest.approx(0.2, abs=0.001)
