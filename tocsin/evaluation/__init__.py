"""How right the detector was about labelled readings."""
