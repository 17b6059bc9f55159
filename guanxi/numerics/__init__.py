"""Pure functions on arrays: purchase models, survival, weights, scores; no Django, no files."""

import os

# Before NumPy starts its threads: on arrays of this size they cost more than they give, and where
# others work, too, they wait for each other (a boosting fit of 0.2 s became 14 s).
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
