"""Words that claim a direction, a size or what is normal, as models use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.llm.facts import Trend


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UP = _words(
    """
    above high higher highest rise rises rose rising risen increase increases increased increasing jump jumped
    jumps exceed exceeds exceeded exceeding elevated surge surged surging climb climbed climbs climbing up
    upward upwards overheating overheated overpressure hot hotter excessive spike spiked spiking soared peaked
    overspeed
    """
)
DOWN = _words(
    """
    below low lower lowest drop drops dropped dropping fall falls fell falling fallen decrease decreases
    decreased decreasing decline declined declining dip dipped reduced reduction down downward downwards cold
    colder insufficient sank sunk plunged plummeted underpressure underspeed
    """
)
# Directions only before a figure or what is normal: "over 75", "under its usual range", not "over the last hour".
OVER: dict[str, Trend] = {"over": "up", "under": "down", "beyond": "up"}
# These stand before the metric that they speak of: "high temperature".
BEFORE_NAME = _words(
    """
    high higher elevated low lower rising falling increased decreased increasing decreasing excessive reduced
    insufficient
    """
)
# After these a figure is what should be, until another one or one of SEEN comes.
NORMAL = _words(
    """
    expected expect expectation normal normally usual usually typical typically instead than baseline should
    range between limit limits bound bounds threshold above below over under beyond exceeds exceeded exceeding
    """
)
SEEN = _words(
    "at reached reaching observed measured seen actual actually currently now recorded hit reads reading showing shows"
)
# "high severity", "lower limit": no direction of the metric.
NO_TREND = _words("severity confidence score risk likelihood probability limit limits bound bounds end alert priority")
# Words that join names to one subject: "temperature and pressure rose"; TOGETHER makes one of all names so far.
JOINING = _words("and or as well the its plus with")
TOGETHER = _words("both all")
SMALL = _words("of the a an its in to")
# Sizes that nobody can look up in the evidence.
SIZES = _words(
    """
    twice double doubled doubling triple tripled halved half tenfold hundred hundreds thousand thousands million
    millions twenty thirty forty fifty sixty seventy eighty ninety
    """
)
# Words for a quantity that mean something else more often than not.
AMBIGUOUS = _words("current level fill press thermo accel")
