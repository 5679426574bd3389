"""How long `--version` and `--help` take, as multiples of an interpreter that does nothing.

`python tests/bench/bench_version.py [ROUNDS]` prints the ratios.
"""

from __future__ import annotations

import subprocess
import sys
import time

BARS = {"--version": 2.0, "--help": 5.0}
ROUNDS = 20
NOTHING = ["-c", "pass"]
COMMANDS = {
    "--version": ["-m", "animus_tui", "--version"],
    "--help": ["-m", "animus_tui", "--help"],
}


def fastest(arguments: list[str], rounds: int) -> float:
    """Seconds of the fastest of `rounds` runs: what the machine does besides only adds."""

    def run() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    return min(run() for _ in range(rounds))


def main() -> int:
    """Print the ratios; 1 when one is above its bar."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    reference = fastest(NOTHING, rounds)
    ratios = {name: fastest(arguments, rounds) / reference for name, arguments in COMMANDS.items()}
    sys.stdout.write(f"python -c pass: {reference * 1000:.1f} ms\n")
    for name, ratio in ratios.items():
        sys.stdout.write(f"{name}: {ratio:.2f} times (bar {BARS[name]})\n")
    return int(any(ratio > BARS[name] for name, ratio in ratios.items()))


if __name__ == "__main__":
    sys.exit(main())
