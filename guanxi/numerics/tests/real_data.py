"""The real purchase logs, read where they lie; tests say so when they are absent."""

import csv
import datetime as dt
import gzip
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT.parent / "shared" / "data"
EPOCH = dt.date(1970, 1, 1)


def folder():
    """Where the real data lie, or a skip that says they do not."""
    asked = os.environ.get("GUANXI_REAL_DATA")
    each = Path(asked) if asked else FOLDER
    if each.is_dir():
        return each
    pytest.skip("no real data: set GUANXI_REAL_DATA")


def day(text):
    return (dt.date.fromisoformat(text) - EPOCH).days


@cache
def cdnow():
    """Customer, day and dollars of the CDNOW sample."""
    with gzip.open(folder() / "cdnow_sample.txt.gz", "rt") as lines:
        rows = [line.split() for line in lines]
    days = [day(f"{r[2][:4]}-{r[2][4:6]}-{r[2][6:]}") for r in rows]
    return (
        np.array([int(r[1]) for r in rows]),
        np.array(days),
        np.array([float(r[4]) for r in rows]),
    )


@cache
def mobile_survey():
    """Names and answers of the ECSI mobile-phone survey."""
    with (folder() / "ecsi_mobi.csv").open() as lines:
        names, *rows = csv.reader(lines)
    return names, np.array([[float(cell) for cell in row] for row in rows])


@cache
def online_retail():
    """Customer, day and pounds of Online Retail II, a row per invoice."""
    with gzip.open(folder() / "online_retail_ii_orders.csv.gz", "rt") as lines:
        rows = list(csv.DictReader(lines))
    codes = {}
    return (
        np.array([codes.setdefault(r["customer_id"], len(codes)) for r in rows]),
        np.array([day(r["ts"][:10]) for r in rows]),
        np.array([int(r["amount_pence"]) / 100 for r in rows]),
    )
