"""The gate on the memory of a GPU; it only warns."""

from collections.abc import Mapping

from aegis_pipeline.gates.verdict import Verdict

_GB = 1e9


def vram_budget(peaks: Mapping[str, int], budget_gb: float) -> Verdict:
    """The largest of the phases' ``peaks``, in bytes by asset, is within ``budget_gb`` (GB of 10^9 bytes).

    It knows what this pipeline's own process held: what an LLM's server holds on the same card comes on top.
    """
    evidence = {
        **{f"peak_gb_of_{asset}": round(peak / _GB, 3) for asset, peak in peaks.items()},
        "budget_gb": budget_gb,
    }
    if not peaks:
        return Verdict(True, False, "No phase of this batch used a GPU.", evidence)
    asset, peak = max(peaks.items(), key=lambda item: item[1])
    over = peak / _GB > budget_gb
    told = f"{asset} held {peak / _GB:.2f} GB of the GPU at most; VRAM_BUDGET_GB is {budget_gb:g}."
    remedy = " Turn down EXTRACTION_BATCH_SIZE, or set GPU_KEEP_MODELS=never." if over else ""
    return Verdict(True, over, told + remedy, evidence)
