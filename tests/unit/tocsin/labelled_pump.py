"""A recorded pump with a fault that is labelled."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FAULT = range(330, 345)


def recording(file: Path, *, labelled: bool = True) -> Path:
    """Write 400 rows, one a second; 15 of them are far off and labelled so."""
    draw = random.Random(3)  # noqa: S311 - no secret
    lines = ["time,temperature,flow" + ",anomaly" * labelled]
    for row in range(400):
        load = math.sin(row / 15) + draw.gauss(0, 0.1)
        warm = 60 + load + 25 * (row in FAULT)
        cells = f"2026-11-22T06:{row // 60:02}:{row % 60:02}Z,{warm:.3f},{12 + 0.5 * load:.4f}"
        lines.append(cells + f",{int(row in FAULT)}" * labelled)
    file.write_text("\n".join(lines) + "\n")
    return file
