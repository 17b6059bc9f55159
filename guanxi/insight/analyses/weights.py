"""`insight weights`: weights of indicators by judgement, by the data, by experts, or combined."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from guanxi.insight.answers import Answer, TextTable
from guanxi.insight.problems import Unusable
from guanxi.insight.refusals import reason
from guanxi.insight.tables import Matrix, read_matrix
from guanxi.numerics import weights
from guanxi.numerics.refusal import Refused

Floats = NDArray[np.float64]


def run(options: Mapping[str, Any], _today: int) -> Answer:
    """The weights of a matrix, by the method asked for."""
    matrices = [read_matrix(Path(name)) for name in options["file"]]
    if options["method"] != "ahp":
        _refuse_gaps(matrices)
    try:
        return METHODS[options["method"]](matrices, options)
    except Refused as refused:
        raise _as_unusable(refused, matrices[0]) from refused


def _refuse_gaps(matrices: list[Matrix]) -> None:
    """Only judgements may be missing."""
    for matrix in matrices:
        gaps = np.argwhere(np.isnan(matrix.numbers))
        if len(gaps):
            line, column = matrix.place(int(gaps[0][0]), int(gaps[0][1]))
            raise Unusable(matrix.path, gettext("the cell is empty"), line=line, column=column)


def _as_unusable(refused: Refused, matrix: Matrix) -> Unusable:
    line, column = 1, ""
    if "row" in refused.params:
        place = int(str(refused.params.get("column", 1))) - 1
        line, column = matrix.place(int(str(refused.params["row"])) - 1, place)
    if "column" not in refused.params:
        column = ""
    return Unusable(matrix.path, reason(refused), line=line, column=column)


def _names(matrix: Matrix) -> list[str]:
    size = matrix.numbers.shape[1]
    return matrix.columns or [str(n + 1) for n in range(size)]


def _ahp(matrices: list[Matrix], _options: Mapping[str, Any]) -> Answer:
    names = _names(matrices[0])
    if not matrices[0].columns and matrices[0].rows:
        names = matrices[0].rows
    tables = [matrix.numbers for matrix in matrices]
    found = weights.ahp(tables[0] if len(tables) == 1 else weights.agreed(tables))
    values = _values("ahp", names, found.weights) | {
        "lambda_max": found.lambda_max,
        "ci": found.ci,
        "cr": found.cr,
        "consistent": found.consistent,
        "accepted": found.consistent,
        "random_index": weights.RANDOM_INDEX[len(names)],
        "random_index_source": weights.RANDOM_INDEX_SOURCE,
        "completed": found.completed,
        "worst_judgements": [
            {
                "row": names[each.row],
                "column": names[each.column],
                "given": each.given,
                "suggested": each.suggested,
                "cr_then": each.cr_then,
            }
            for each in found.worst
        ],
    }
    if len(tables) > 1:
        values["kendalls_w"] = weights.kendalls_w(
            np.array([weights.ahp(t).weights for t in tables])
        )
    return Answer(values, [_table(names, found.weights), *_advice(names, found)], [_verdict(found)])


def _verdict(found: weights.Hierarchy) -> str:
    facts = {
        "largest": f"{found.lambda_max:.5f}",
        "ci": f"{found.ci:.4f}",
        "cr": f"{found.cr:.4f}",
        "source": weights.RANDOM_INDEX_SOURCE,
    }
    figures = gettext("λmax %(largest)s, CI %(ci)s, CR %(cr)s (random index: %(source)s)") % facts
    if found.consistent:
        return figures
    return f"{figures}\n" + gettext(
        "Refused: the judgements contradict each other (CR is not below 0.10); mend the worst ones."
    )


def _advice(names: list[str], found: weights.Hierarchy) -> list[TextTable]:
    if not found.worst:
        return []
    headers = [
        gettext("Row"), gettext("Column"), gettext("Given"),
        gettext("Suggested"), gettext("CR then"),
    ]  # fmt: skip
    rows = [
        [
            names[e.row],
            names[e.column],
            _fraction(e.given),
            _fraction(e.suggested),
            f"{e.cr_then:.3f}",
        ]
        for e in found.worst
    ]
    return [TextTable(gettext("Worst judgements"), headers, rows)]


def _fraction(value: float) -> str:
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:.3g}"


def _entropy(matrices: list[Matrix], options: Mapping[str, Any]) -> Answer:
    matrix = matrices[0]
    names = _names(matrix)
    cost = _chosen(matrix, names, options["cost"])
    found = weights.entropy(matrix.numbers, cost=cost, scaling=options["scaling"])
    values = _values("entropy", names, found) | {"scaling": options["scaling"]}
    return Answer(values, [_table(names, found)])


def _chosen(matrix: Matrix, names: list[str], text: str | None) -> NDArray[np.bool_]:
    """Which columns an option names."""
    chosen = [name.strip() for name in (text or "").split(",") if name.strip()]
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise Unusable(matrix.path, gettext("there is no such column"), line=1, column=unknown[0])
    return np.array([name in chosen for name in names])


def _expert(matrices: list[Matrix], _options: Mapping[str, Any]) -> Answer:
    names = _names(matrices[0])
    scores = matrices[0].numbers
    found = weights.expert(scores)
    agreement = weights.kendalls_w(scores)
    values = _values("expert", names, found) | {"kendalls_w": agreement, "experts": len(scores)}
    note = gettext("Kendall's W of %(count)s experts: %(w)s")
    facts = {"count": len(scores), "w": f"{agreement:.3f}"}
    return Answer(values, [_table(names, found)], [note % facts])


def _combined(matrices: list[Matrix], options: Mapping[str, Any]) -> Answer:
    """Rows of weights; with --judgements, the AHP weights of those and the entropy of this."""
    matrix = matrices[0]
    names = _names(matrix)
    vectors, values = matrix.numbers, {}
    if options["judgements"]:
        judged = weights.ahp(read_matrix(Path(options["judgements"])).numbers)
        cost = _chosen(matrix, names, options["cost"])
        measured = weights.entropy(matrix.numbers, cost=cost, scaling=options["scaling"])
        if len(judged.weights) != len(measured):
            raise Refused("sizes_differ")
        vectors = np.array([judged.weights, measured])
        values = {"subjective": vectors[0], "objective": vectors[1], "cr": judged.cr}
    found = weights.combine(vectors, options["combine"])
    head = _values("combined", names, found) | {"combine": options["combine"]}
    return Answer(head | values, [_table(names, found)])


def _values(method: str, names: list[str], found: Floats) -> dict[str, Any]:
    return {"method": method, "names": names, "weights": found}


def _table(names: list[str], found: Floats) -> TextTable:
    rows = [[name, f"{value:.5f}"] for name, value in zip(names, found.tolist(), strict=True)]
    return TextTable("", [gettext("Indicator"), gettext("Weight")], rows)


METHODS: Final[dict[str, Callable[[list[Matrix], Mapping[str, Any]], Answer]]] = {
    "ahp": _ahp,
    "entropy": _entropy,
    "expert": _expert,
    "combined": _combined,
}
