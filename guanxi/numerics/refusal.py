"""What a model says when the data cannot carry it."""


class Refused(ValueError):
    """The data do not support the question; `code` says why, `params` with which figures."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code, self.params = code, params
