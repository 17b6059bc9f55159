"""The results as a table; `python -m benchmarks.table` pastes it into the READMEs.

They go between the lines `<!-- benchmarks -->` and `<!-- /benchmarks -->`, those of a million
customers (`benchmarks.million --keep`) between `<!-- million -->` and `<!-- /million -->`, what
goes through in a second (`benchmarks.throughput --keep`) between `<!-- throughput -->` and its end.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks import crash
from benchmarks.figures import Measured

ROOT = Path(__file__).resolve().parents[1]
MARKED = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)
MILLION = re.compile(r"(<!-- million -->\n).*?(<!-- /million -->)", re.DOTALL)
FLOW = re.compile(r"(<!-- throughput -->\n).*?(<!-- /throughput -->)", re.DOTALL)
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
    "desk of a head, department": "负责人工作台（本部门，10 万项未了）",
    "… their own": "…… 本人",
    "ms p95": "毫秒 p95",
    "lateness of alerts": "到期提醒的延迟（一分钟内 1 000 项到期）",
    "s p99": "秒 p99",
    "due times on business time": "按工作时间推算到期（每秒次数）",
    "sweep, 1 000 due among 1 000": "时限扫描：共 1 000 项，1 000 项到期",
    "… among 1 000 000": "…… 共 100 万项",
    "move of running clocks": "日历变更后重算 10 万项时限",
    "s": "秒",
    "/s": "次/秒",
    "first screen": "首屏",
    "memory of web and worker": "网页与后台进程内存",
    "ms CPU": "毫秒 CPU",
    "kB": "kB",
    "requests": "个请求",
    "MB": "MB",
    "lists": "列表：每种排序，首页与中间页",
    "searches": "两字搜索：搜索框与列表",
    "customers": "打开客户（含 1 万与 10 万条事件）",
    "views": "三个条件的视图",
    "counts": "任意筛选及其计数",
}
THROUGHPUT = {
    "import of customers: check and write": "导入客户：检查并写入",
    "… peak memory of the worker": "…… 后台进程内存峰值",
    "… p95 of others' pages, times idle": "…… 他人页面的 p95，与空闲时相比",
    "create customers (API)": "新建客户（API，八个并发）",
    "eight people at once, operations": "八人同时操作",
    "… p95 of an operation": "…… 单次操作的 p95",
    "s": "秒",
    "/s": "次/秒",
    "×": "倍",
}
ENGLISH = {
    "lists": "lists: every sort, first page and one in the middle",
    "searches": "two-character search, palette and list",
    "customers": "open a customer (10 000 and 100 000 events among them)",
    "views": "view of three conditions",
    "counts": "any filter, and its count",
}


def line(measured: Measured) -> str:
    """One figure for the terminal."""
    sign = "≥" if measured.is_least else "≤"
    bound = f"{sign} {measured.bound:g}" if measured.bound is not None else ""
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


def million(kept: dict[str, Any], *, is_chinese: bool = False) -> str:
    """The slowest ways at a million customers, by processor and by the clock."""
    say = CHINESE if is_chinese else ENGLISH
    head = (
        [
            "一百万客户",
            "数据库",
            "方式数",
            "最多 CPU（毫秒）",
            "p95 上限",
            "CPU 在上限内",
            "最慢 p95",
        ]
        if is_chinese
        else [
            "at a million",
            "database",
            "ways",
            "most CPU ms",
            "p95 bound",
            "CPU within",
            "worst p95",
        ]
    )
    rows = [head, ["---", "---", *["--:"] * 5]]
    places = []
    for database, results in kept.items():
        for group in results["groups"]:
            within = f"{group['within_by_cpu']} / {group['ways']}"
            figures = [group["ways"], group["most_cpu_ms"], f"{group['bound_ms']:g}", within]
            row = [say.get(group["group"], group["group"]), database, *figures, group["p95_ms"]]
            rows.append([str(cell) for cell in row])
        places.append(f"{database} {results['date']}, load {results['load_average']} on 2 cores")
    note = (
        "单次请求的应用与数据库 CPU；p95 为当时机器负载下的钟表时间："
        if is_chinese
        else "CPU of application and database per request; p95 by the clock under that load: "
    )
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", note + "; ".join(places) + ("。" if is_chinese else ".")])


def throughput(kept: dict[str, Any], *, is_chinese: bool = False) -> str:
    """How much goes through in a second, on each database."""
    say = {**CHINESE, **THROUGHPUT} if is_chinese else {}
    head = (
        ["吞吐量", "数据库", "结果", "要求", "占上限"]
        if is_chinese
        else ["throughput", "database", "measured", "bound", "share"]
    )
    rows, places = [head, ["---", "---", "--:", "--:", "--:"]], []
    for database, results in kept.items():
        for figure in results["figures"]:
            sign = "≥" if figure["is_least"] else "≤"
            value = f"{figure['value']:.4g} {say.get(figure['unit'], figure['unit'])}"
            bound = f"{sign} {figure['bound']:g}"
            name = say.get(figure["name"], figure["name"])
            rows.append([name, database, value, bound, f"{figure['ratio']:.0%}"])
        count = f"{results['rows']:,}".replace(",", " ")
        places.append(f"{database} {results['date']}, {count}, load {results['load_average']}")
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    note = (
        "两个网页进程与负载发生器共用 2 核；数据库、日期、导入行数、机器负载："
        if is_chinese
        else "Two web processes, and the load generator, on the same 2 cores; rows imported, load: "
    )
    return "\n".join([*lines, "", note + "; ".join(places) + ("。" if is_chinese else ".")])


def paste_throughput() -> None:
    """Paste what goes through into both READMEs."""
    results = ROOT / "benchmarks/throughput.json"
    kept = json.loads(results.read_text("utf-8")) if results.exists() else {}
    for name, is_chinese in (("README.md", False), ("README.zh.md", True)):
        path = ROOT / name
        made = throughput(kept, is_chinese=is_chinese)
        pasted = f"<!-- throughput -->\n{made}\n<!-- /throughput -->"
        path.write_text(FLOW.sub(lambda _found, new=pasted: new, path.read_text("utf-8")), "utf-8")


def paste_million() -> None:
    """Paste the figures of a million customers into both READMEs."""
    kept = json.loads((ROOT / "benchmarks/million.json").read_text("utf-8"))
    for name, is_chinese in (("README.md", False), ("README.zh.md", True)):
        path = ROOT / name
        pasted = f"<!-- million -->\n{million(kept, is_chinese=is_chinese)}\n<!-- /million -->"
        text = path.read_text("utf-8")
        path.write_text(MILLION.sub(lambda _found, new=pasted: new, text), "utf-8")


def main() -> int:
    """Paste the kept results into both READMEs."""
    paste_million()
    crash.paste()
    paste_throughput()
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
