"""The median deviation as a measure of width: a few wild values do not widen it (Hampel, 1974)."""

# Of normally distributed values the standard deviation is so many median deviations: 1 / (the normal quantile of 3/4).
MAD_TO_SIGMA = 1.4826
