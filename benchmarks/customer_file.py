"""A file of customers as another system would hand them over: Chinese names, numbers, a code."""

import csv
import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

CODES_OF_TEN, PHONES_OF_TEN = 4, 8
HEADERS = (
    "客户名称",
    "类型",
    "信用代码",
    "电话",
    "省份",
    "城市",
    "行业",
    "信息来源",
    "等级",
    "合同号",
)
CUSTOM_FIELD = {
    "name": "合同号",
    "name_en": "Contract no.",
    "record_key": "customers.customer",
    "slug": "contract_no",
    "kind": "text",
}
_PLACES = (
    ("江苏省", "苏州"), ("浙江省", "杭州"), ("广东省", "东莞"), ("山东省", "青岛"),
    ("湖北省", "武汉"), ("四川省", "成都"), ("福建省", "厦门"), ("安徽省", "合肥"),
)  # fmt: skip
_OWN = "华瑞鼎盛恒信达昌荣泰和嘉德利源丰润亿宏远博雅正阳晨光锦程启航卓越凯旋盈科骏翔铭辉澜沁"
_TRADES = (
    "精密机械", "电子科技", "新材料", "医疗器械", "食品", "物流", "纺织", "智能装备",
    "环保科技", "建筑工程", "包装制品", "信息技术", "化工", "汽车零部件", "仪器仪表",
)  # fmt: skip
_SOURCES = ("网站", "展会", "转介绍", "电话咨询", "广告")
_TIERS = ("普通", "核心", "潜力")


def rows(count: int, chance: random.Random) -> Iterator[Sequence[str]]:
    """So many customers, no name twice; some without code or telephone number."""
    from guanxi.kernel.identifiers import complete_credit_code

    known = set()
    numbers = itertools.count()
    while len(known) < count:
        province, city = chance.choice(_PLACES)
        trade = chance.choice(_TRADES)
        name = f"{city}{''.join(chance.choices(_OWN, k=4))}{trade}有限公司"
        if name in known:
            continue
        known.add(name)
        number = next(numbers)
        code = complete_credit_code(f"91320500MA{number:07d}") if number % 10 < CODES_OF_TEN else ""
        phone = f"168{number:08d}" if number % 10 < PHONES_OF_TEN else ""
        yield (
            name, "企业", code, phone, province, city, trade,
            chance.choice(_SOURCES), chance.choice(_TIERS), f"HT-{number:08d}",
        )  # fmt: skip


def write(path: Path, count: int, *, seed: int = 3) -> Path:
    """Write the file unless it is there."""
    if not path.exists():
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADERS)
            writer.writerows(rows(count, random.Random(seed)))
    return path
