"""How Python looks after memory in processes that live long."""

import gc


def load_quietly() -> None:
    """What is being loaded is no garbage: looking for some costs a tenth of every start."""
    gc.set_threshold(50_000, 20, 50)


def keep_loaded() -> None:
    """What is loaded now stays for good: do not look through it for garbage again and again.

    In a web process that would cost a tenth of every few requests, in an import a twentieth.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
