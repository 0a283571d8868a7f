"""What can go wrong while alerts are made and explained."""


class ExplainerError(Exception):
    """Base of this package's errors."""


class ChosenFileError(ExplainerError, ValueError):
    """A file that a setting names cannot be used; a wrong setting, too, as pydantic sees it."""


class KnowledgeError(ChosenFileError):
    """A file of texts cannot be used."""


class SiteNotesError(ChosenFileError):
    """A file of notes about the site cannot be used."""


class PriceError(ChosenFileError):
    """A price table cannot be used."""


class PromptError(ChosenFileError):
    """A prompt template cannot be used."""


class ProviderError(ExplainerError):
    """A provider gave no answer.

    Args:
        message: what happened, free of secrets.
        retriable: whether the same request may succeed later.
        retry_after: seconds that the provider asks to wait.
        hopeless: whether this question will never be answered, though others may be.
    """

    def __init__(
        self, message: str, *, retriable: bool, retry_after: float | None = None, hopeless: bool = False
    ) -> None:
        super().__init__(message)
        self.hopeless = hopeless
        self.retriable = retriable
        self.retry_after = retry_after


class AnswerError(ExplainerError):
    """A model's answer does not have the form or the grounds that were asked for."""
