"""The results as a table; `python -m benchmarks.table` pastes it into the READMEs.

It goes between the lines `<!-- benchmarks -->` and `<!-- /benchmarks -->`.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.figures import Measured

ROOT = Path(__file__).resolve().parents[1]
MARKED = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)
#: What the same operation cost Odoo 18 at 100 000 partners on the same machine, ms of CPU.
OTHERS = {
    "list page (HTML, 50 rows)": 148,
    "open a customer (HTML)": 159,
    "two-character search (palette)": 904,
    "phone search (palette)": 329,
    "create a customer (API)": 105,
}
CHINESE = {
    "list page (HTML, 50 rows)": "列表页（HTML，50 行）",
    "… its counts, which arrive later": "…… 随后到达的计数",
    "open a customer (HTML)": "打开客户（HTML）",
    "… trade and files, once in view": "…… 进入视野时加载的订单、付款与文件",
    "two-character search (palette)": "两字搜索（搜索框）",
    "two-character search (list page)": "两字搜索（列表页）",
    "phone search (palette)": "电话搜索（搜索框）",
    "phone search (list page)": "电话搜索（列表页）",
    "create a customer (API)": "新建客户（API）",
    "first screen": "首屏",
    "memory of web and worker": "网页与后台进程内存",
    "ms CPU": "毫秒 CPU",
    "kB": "kB",
    "requests": "个请求",
    "MB": "MB",
}


def line(measured: Measured) -> str:
    """One figure for the terminal."""
    bound = f"≤ {measured.bound:g}" if measured.bound is not None else ""
    share = f"{measured.ratio:.0%}" if measured.ratio is not None else ""
    return (
        f"{measured.name:<36}{measured.value:>9.1f} {measured.unit:<10}{bound:>8} {share:>6}  "
        + " ".join(f"{k}={v}" for k, v in measured.details.items())
    )


def markdown(results: dict[str, Any], *, is_chinese: bool = False) -> str:
    """The table with date and machine, in English or Chinese."""
    say = (lambda words: CHINESE.get(words, words)) if is_chinese else (lambda words: words)
    head = (
        ["操作", "结果", "上限", "占上限", "Odoo 18"]
        if is_chinese
        else ["operation", "measured", "bound", "share", "Odoo 18"]
    )
    rows = [head, ["---", "--:", "--:", "--:", "--:"]]
    for figure in results["figures"]:
        other = OTHERS.get(figure["name"])
        rows.append(
            [
                say(figure["name"]),
                f"{figure['value']:g} {say(figure['unit'])}",
                f"{figure['bound']:g}" if figure["bound"] is not None else "–",
                f"{figure['ratio']:.0%}" if figure["ratio"] is not None else "–",
                f"{other}" if other else "–",
            ]
        )
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", _where(results, is_chinese=is_chinese)])


def _where(results: dict[str, Any], *, is_chinese: bool) -> str:
    machine = results["machine"]
    place = f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}"
    count = f"{results['customers']:,}".replace(",", " ")
    if is_chinese:
        return (
            f"{results['date']}，{place.replace('cores', '核')}，PostgreSQL（fsync 开），"
            f"{count} 个客户，CPU 为应用与数据库进程合计；部门负责人身份，通过 HTTP。"
        )
    return (
        f"{results['date']}, {place}, PostgreSQL with fsync, {count} customers; CPU of application "
        "and database processes together, as a department head, over HTTP."
    )


def main() -> int:
    """Paste the kept results into both READMEs."""
    results = json.loads((ROOT / "benchmarks/results.json").read_text("utf-8"))
    for name, is_chinese in (("README.md", False), ("README.zh.md", True)):
        path = ROOT / name
        text = path.read_text("utf-8")
        found = MARKED.search(text)
        if not found:
            sys.exit(f"{name} has no place: <!-- benchmarks --> … <!-- /benchmarks -->")
        pasted = markdown(results, is_chinese=is_chinese)
        start, end = found.end(1), found.start(2)
        path.write_text(f"{text[:start]}{pasted}\n{text[end:]}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
