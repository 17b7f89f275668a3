"""Run as a program: measure what is named in a Cairn of its own, one line of JSON a measure.

``python -m bench`` starts it and reads the lines; everything else goes to standard error.
"""

from __future__ import annotations

import importlib
import os
import sys

import msgspec

from bench.installation import installed


def main() -> None:
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Nothing else may get between the lines.
    with installed():
        for name in sys.argv[1:]:
            # Modules of measures use models, which there are from now on.
            for measure in importlib.import_module(f"bench.{name}").measure():
                answer.write(msgspec.json.encode(measure) + b"\n")
                answer.flush()


if __name__ == "__main__":
    main()
