"""Independent random streams, each named by what it is for."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def random_stream(seed: int, *purpose: str) -> np.random.Generator:
    """A generator that depends on seed and purpose alone, so that adding a device leaves the others unchanged."""
    digest = blake2b("\0".join((str(seed), *purpose)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
