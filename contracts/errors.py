"""What can be wrong with a message."""


class ContractError(Exception):
    """Base of this package's errors."""


class DecodeError(ContractError):
    """A payload is not the message that its topic promises.

    Args:
        reason: short machine-readable word, the label of the dead-letter counter.
        field: path of the offending field, empty when the whole payload is meant.
        value: what stood there, shortened for people.
        expected: what should have stood there.
        payload: the raw bytes, kept for the dead letter.
    """

    def __init__(self, reason: str, *, field: str = "", value: object = None, expected: str, payload: bytes) -> None:
        self.reason = reason
        self.field = field
        self.value = _shortened(value)
        self.expected = expected
        self.payload = payload
        where = f"field {field!r}" if field else "payload"
        got = "" if value is None else f" is {self.value}"
        super().__init__(f"{where}{got}, expected {expected}")


class TopicError(ContractError):
    """A topic, prefix or name cannot be used on MQTT."""


_SHOWN_CHARACTERS = 80


def _shortened(value: object) -> str:
    try:
        text = ascii(value)
    except (ValueError, RecursionError) as error:  # a 5,000-digit integer has no text; so has deep nesting
        text = f"<{type(value).__name__}: {type(error).__name__}>"
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
