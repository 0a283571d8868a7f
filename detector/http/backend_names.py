"""Which algorithm serves a name of the API, and what `/backends` says of it.

`suod`, several algorithms at once, is served by our own ensemble; a name that needs an extra which is not installed by
the default algorithm, so that a client runs on. The list of backends and a fit's `model_params.backend` say so.
"""

from __future__ import annotations

from typing import Any

from detector.http.errors import RequestError
from detector.models.backends import BACKENDS, check_installed
from detector.models.backends.port import BackendMissingError

DEFAULT = "isolation_forest"
_OTHER = ("other", "medium", "medium", (), "whatever it is good at")
# category, speed, memory, parameters, best for
_WORDS: dict[str, tuple[str, str, str, tuple[str, ...], str]] = {
    "isolation_forest": ("tree", "fast", "low", ("contamination",), "several metrics; the default"),
    "zscore": ("statistical", "very fast", "very low", ("contamination",), "a yardstick for the others"),
    "ecod": ("statistical", "fast", "low", ("contamination",), "no settings, heavy tails"),
    "hbos": ("statistical", "very fast", "low", ("contamination",), "many metrics that are independent"),
    "loda": ("projection", "very fast", "low", ("contamination",), "streams of many metrics"),
    "one_class_svm": ("boundary", "slow", "medium", ("contamination",), "few rows with a smooth boundary"),
    "knn": ("proximity", "fast", "medium", ("contamination",), "rows that lie apart from all groups"),
    "local_outlier_factor": ("proximity", "medium", "medium", ("contamination",), "groups of different density"),
    "copod": ("statistical", "fast", "low", ("contamination",), "no settings, skewed columns"),
    "mcd": ("linear", "fast", "low", ("contamination",), "columns that move together"),
    "cblof": ("clustering", "fast", "low", ("contamination",), "machines with several usual states"),
    "autoencoder": ("neural", "slow", "high", ("contamination", "epochs"), "many metrics with curved relations"),
    "lstm_autoencoder": ("neural", "very slow", "high", ("contamination", "epochs"), "patterns in time"),
    "adaptive_lstm": ("neural", "very slow", "high", ("contamination", "epochs"), "patterns in time that change"),
    "ensemble": ("ensemble", "slow", "high", ("contamination",), "agreement of several algorithms"),
}
_LEGACY = frozenset({"isolation_forest", "one_class_svm", "local_outlier_factor", "autoencoder"})


# Of the API alone, and what comes nearest here.
_NEAREST = {"suod": "ensemble"}


def offered() -> list[str]:
    """Return every name that a client may ask for."""
    return list(dict.fromkeys([*BACKENDS, *_NEAREST]))


def served_by(name: str) -> str:
    """Return the algorithm that serves a name.

    Raises:
        RequestError: nobody knows the name.
    """
    if name in BACKENDS:
        return name if _is_installed(name) else DEFAULT
    if name in _NEAREST:
        return _NEAREST[name]
    raise RequestError(400, f"no backend {name[:40]!r}; there are: {', '.join(offered())}")


def _is_installed(name: str) -> bool:
    try:
        check_installed(name)
    except BackendMissingError:
        return False
    return True


def category_of(backend: str) -> str:
    """Return the family of an algorithm."""
    return _WORDS.get(served_by(backend), _OTHER)[0]


def described(backend: str) -> dict[str, Any]:
    """Describe an algorithm of the table; one without words of its own says what its class says."""
    server = served_by(backend)
    category, speed, memory, parameters, best_for = _WORDS.get(server, _OTHER)
    return {
        "backend": backend,
        "name": backend.replace("_", " ").capitalize(),
        "description": _first_line(backend) if server == backend else f"served by {server} here",
        "category": category,
        "speed": speed,
        "memory": memory,
        "parameters": list(parameters),
        "best_for": best_for,
        "is_legacy": backend in _LEGACY,
    }


def _first_line(backend: str) -> str:
    words = BACKENDS[backend].__doc__ or ""
    return words.strip().splitlines()[0] if words.strip() else backend
