"""Which processor a model runs on."""

from aegis_pipeline.errors import SettingsError


def torch_device(device: str) -> str:
    """What torch calls the device: ``auto`` is the first GPU where there is one, else the CPU.

    Raises:
        SettingsError: a GPU was asked for and torch does not find it.
    """
    import torch

    if device == "cpu":
        return "cpu"
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda" if count else "cpu"
    index = int(device.partition(":")[2] or 0)
    if index >= count:
        raise SettingsError(f"DEVICE={device}: torch finds {count} GPU(s) here. Set DEVICE=auto or DEVICE=cpu.")
    return device


def computes_bfloat16(device: str) -> bool:
    """Whether ``device`` is a CPU with bfloat16 instructions: without them, bfloat16 is slower than float32."""
    import torch

    read = getattr(torch.cpu, "get_capabilities", None)  # older versions of torch do not have it
    capabilities: dict[str, bool] = read() if read else {}
    return device == "cpu" and any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def use_spacy_device(device: str) -> None:
    """Choose the device of the spaCy models loaded from now on; ``auto`` takes a GPU only where CuPy finds one.

    Raises:
        SettingsError: a GPU was asked for and spaCy cannot use one.
    """
    from thinc.api import prefer_gpu, require_cpu

    index = int(device.partition(":")[2] or 0)
    if device == "cpu":
        require_cpu()
    elif device == "auto":
        prefer_gpu()
    elif not prefer_gpu(index):
        raise SettingsError(
            f"DEVICE={device}: spaCy finds no GPU; it needs CuPy (pip install cupy-cuda12x). Set DEVICE=auto or cpu."
        )
