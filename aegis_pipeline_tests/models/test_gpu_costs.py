"""What fits in a GPU, by the table of costs."""

import math

import pytest

from aegis_pipeline.models.gpu_costs import calculate_optimal_batch_size, known_costs, optimal_parallel_requests


@pytest.mark.parametrize(
    ("free", "loaded", "texts"), [(0, False, 1), (2.5, False, 1), (4, False, 46), (2, True, 62), (24, False, 100)]
)
def test_batch_fills_80_percent_of_what_is_free(free: float, loaded: bool, texts: int) -> None:
    # 4 GB: (.8 x 4 - 2) / (.1 x .256) = 46.9
    assert calculate_optimal_batch_size(free, loaded=loaded) == texts


def test_batch_has_fewer_of_longer_texts() -> None:
    assert calculate_optimal_batch_size(4, tokens_per_text=512) == 23


@pytest.mark.parametrize("free", [-1, math.nan, math.inf])
def test_batch_of_no_memory_at_all_is_an_error(free: float) -> None:
    with pytest.raises(ValueError, match="GB of free memory"):
        calculate_optimal_batch_size(free)


def test_requests_fit_beside_the_weights() -> None:
    # 8 GB: (.8 x 8 - 3.3) / (.122 + .0205 x 24) = 5.04; with the weights of 8 bits 2.4
    assert optimal_parallel_requests(8, "gemma3:4b", 24_000, 16) == 5
    assert optimal_parallel_requests(8, "gemma3:4b-it-q8_0", 24_000, 16) == 2
    assert optimal_parallel_requests(80, "gemma3:4b", 24_000, 4) == 4
    assert optimal_parallel_requests(1, "gemma3:4b", 24_000, 4) == 1
    assert optimal_parallel_requests(1, "unknown", 24_000, 4) == 4


def test_every_cost_names_its_source() -> None:
    costs = known_costs()
    assert all(cost.source for cost in (*costs.texts.values(), *costs.llms.values()))
