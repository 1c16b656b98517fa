"""What the relation network learns by."""

import torch
from torch import Tensor


def adaptive_threshold_loss(logits: Tensor, labels: Tensor, known: Tensor | None = None) -> Tensor:
    """The mean over pairs of ATLOP's loss (Zhou et al., 2021): every property that holds is pushed above the threshold
    (class 0), every other one below.

    Args:
        logits: ``(pairs, classes)``, float32.
        labels: the same shape, 1 where a property holds; class 0 is ignored.
        known: the same shape, true where a property was labelled at all; the others have no part in it. Default: all.
    """
    holds = labels.bool()
    holds[:, 0] = False
    threshold = torch.zeros_like(holds)
    threshold[:, 0] = True
    if known is not None:
        logits = logits.masked_fill(~(known | threshold), -torch.inf)
    above = logits.masked_fill(~(holds | threshold), -torch.inf).log_softmax(-1)
    below = logits.masked_fill(holds, -torch.inf).log_softmax(-1)
    stated = -above.masked_fill(~holds, 0).sum(-1)
    return (stated - below[:, 0]).mean()


def evidence_loss(evidence: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy between where pairs attend to and the sentences that state them (Ma et al., 2023), the mean over
    pairs that have such sentences.

    Args:
        evidence: ``(pairs, sentences)``, each summing to at most 1.
        wanted: the same shape, each summing to 1, or to 0 where nothing is known.
    """
    known = wanted.sum(-1) > 0
    if not known.any():
        return evidence.sum() * 0
    return -(wanted[known] * (evidence[known] + 1e-6).log()).sum(-1).mean()
