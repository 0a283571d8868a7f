"""The fitted models that are kept: files, versions, what devices of a class share."""
