"""One module per foreign writer: ``PACKAGE`` is its distribution, ``JOBS`` writes one store per name."""
