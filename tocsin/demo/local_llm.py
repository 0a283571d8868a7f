"""The demo's own language model: a small one, served on this machine."""

from __future__ import annotations

MODULE = "explainer.local_model"
NAME = "smollm2-135m"


def serving(port: int) -> dict[str, str]:
    """Return the settings of the model server."""
    return {"TOCSIN_LOCAL_MODEL_PORT": str(port)}


def asking(port: int) -> dict[str, str]:
    """Return the settings of an explainer that asks it: one at a time, in few words, with patience."""
    return {
        "TOCSIN_LLM_BASE_URL": f"http://127.0.0.1:{port}",
        "TOCSIN_LLM_MODEL": NAME,
        "TOCSIN_LLM_TEMPLATE": "small",
        "TOCSIN_LLM_SHORT_ANSWERS": "true",
        "TOCSIN_LLM_CONCURRENCY": "1",
        "TOCSIN_LLM_TIMEOUT_S": "120",
        "TOCSIN_LLM_DEADLINE_S": "240",
    }
