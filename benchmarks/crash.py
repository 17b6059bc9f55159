"""What the last kept crash rounds came to, as a table for the READMEs (`make crash KEEP=1`).

It stands between the lines `<!-- crash -->` and `<!-- /crash -->`.
"""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "benchmarks/crash.json"
PLACE = re.compile(r"<!-- crash -->\n.*?<!-- /crash -->", re.DOTALL)
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
HEADS = {
    False: ["killed at random under load", "kills", "writes acknowledged", "lost or doubled",
            "longest wait", "on"],
    True: ["负载下随机强杀", "强杀次数", "已确认的写入", "丢失或重复", "最长等待", "日期"],
}  # fmt: skip


def keep(results: list[dict[str, Any]], day: str) -> None:
    """Put these results in the place of earlier ones of the same databases."""
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    for result in results:
        kept[result["database"]] = result | {"date": day}
    KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", "utf-8")


def markdown(kept: dict[str, Any], *, is_chinese: bool = False) -> str:
    """A line for each database."""
    rows = [HEADS[is_chinese], ["---", *["--:"] * 5]]
    for database, result in kept.items():
        rows.append(
            [
                NAMES[database],
                f"{result['rounds']:,}".replace(",", " "),
                f"{result['acknowledged']:,}".replace(",", " "),
                f"**{len(result['wrong'])}**",
                f"{result['longest_outage']:.1f} s",
                result["date"],
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def paste() -> None:
    """Paste the table into both READMEs."""
    if not KEPT.exists():
        return
    kept = json.loads(KEPT.read_text("utf-8"))
    for name, is_chinese in (("README.md", False), ("README.zh.md", True)):
        path = ROOT / name
        pasted = f"<!-- crash -->\n{markdown(kept, is_chinese=is_chinese)}\n<!-- /crash -->"
        path.write_text(PLACE.sub(lambda _found, new=pasted: new, path.read_text("utf-8")), "utf-8")
