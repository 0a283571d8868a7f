"""What lies far outside of all that was ever seen of a metric, however usual a score of that height is.

How rare a score is shows nothing of a value that is absurd, where the machine's own switches score as high, nor of one
that came slowly, where the units grew as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detector.verdicts.findings import MOST_DECADES, Finding, rarer

if TYPE_CHECKING:
    from detector.models.scorer import Scorer
    from detector.rows.features import Floats, Ints
    from detector.rows.stream import Stream
    from detector.verdicts.seen import Seen

_STRAYED = 1e-6  # how rare that is by agreement: no history holds values so far out
_SPAN_DECADES = 6.0  # of a value that is beyond all that was seen by as much as that spans


def or_far_out(  # noqa: PLR0913, PLR0917 - what is known of one reading
    found: Finding | None, columns: Ints, values: Floats, stream: Stream, scorer: Scorer, seen: Seen
) -> Finding | None:
    """Return what was found, or that a metric is far outside of all that was seen, where that says more.

    What stays there is a matter of the newest ones together; a lone value is asked for where nothing else opens.
    """
    if not seen.wide(stream, scorer):
        return found
    column = seen.strayed(stream, scorer)
    if column >= 0:
        found = rarer(found, Finding(_STRAYED, opens=True, keeps=True, metric=column, lasting=True))
    if found is not None and found.opens:
        return found
    return rarer(found, far_out(columns, values, seen, scorer))


def far_out(columns: Ints, values: Floats, seen: Seen, scorer: Scorer) -> Finding | None:
    """Find values (n,) of columns (n,) far outside of all that was seen; one that never moved may go anywhere."""
    low, high = seen.reached[:, columns]
    span = (seen.limits[1] - seen.limits[0])[columns]
    known = np.isfinite(values) & (span > 0.0) & np.isfinite(span)
    if not known.any():
        return None
    beyond = np.where(known, np.maximum(values - high, low - values) / np.where(known, span, 1.0), 0.0)
    room = seen.room(scorer)[columns]
    n = int(np.argmax(beyond / room))
    if beyond[n] <= room[n]:
        return None
    rare = 10.0 ** -min(_SPAN_DECADES * beyond[n], MOST_DECADES)
    return Finding(rare, opens=True, keeps=True, metric=int(columns[n]))
