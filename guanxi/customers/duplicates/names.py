"""A Chinese company name taken apart: places, own name, trade, legal form, branch (CUS-12)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from guanxi.customers.duplicates import places, trades
from guanxi.kernel.folding import fold, half_width

LEAST: Final = 2
"""A name that is one's own has two characters at least."""
_BRACKETS = re.compile(r"[()\[\]【】〔〕〖〗「」『』<>《》]")
_FORM = re.compile(
    r"(?:集团)?(?:股份有限责任公司|有限责任公司|股份有限公司|有限公司|股份公司|责任公司|总公司|集团公司|公司|"
    r"有限合伙企业|有限合伙|普通合伙|合伙企业|个人独资企业|个体工商户|集团|股份|有限责任|有限|总部|总店|"
    r"coltd|companylimited|colimited|company|limited|ltd|incorporated|inc|corporation|corp|gmbh|llc|plc|"
    r"ptyltd|pteltd|pte|co|ag|sa|bv)$"
)
_LOOSE_FORMS: Final = frozenset({"集团", "股份", "总部", "总店", "co", "ag", "sa", "bv"})
_ASIDE = re.compile(
    "自然人.*|外商.*|台港澳.*|中外.*|法人.*|国有.*|非上市|上市|筹|筹备|原.*|曾用名.*|"
    "(?:特殊)?普通合伙|有限合伙|集团|股份|控股|总部|总公司|已?注销|停用|重复|新|旧|老客户|新客户|测试"
)
_BRANCH_WORD = (
    "分公司|分行|支行|分理处|分店|分厂|分院|分校|分部|分局|分所|分社|分中心|子公司|办事处|营业部|营业厅|营业所|"
    "代表处|联络处|专卖店|旗舰店|直营店|加盟店|门店|项目部|经营部|事业部|销售部|服务部|维修站|服务站|branch"
)
_AFTER_FORM = re.compile(
    rf"(?P<head>.{{2,}}?(?:有限责任公司|有限公司|集团|银行|公司|事务所|ltd|inc|llc))(?P<token>.{{0,12}}?)(?:{_BRANCH_WORD})$"
)
_NUMERAL = "一二三四五六七八九十0123456789"
_AT_END = re.compile(rf"(?P<head>.{{2,}}?)(?P<token>第?[{_NUMERAL}]+)?(?:{_BRANCH_WORD})$")
# 第一, 二局, 3: numbers that tell companies apart; 五金 and 三友 hold none.
_NUMBERED = re.compile(
    r"\d+|第([一二三四五六七八九十百]+)|([一二三四五六七八九十]+)(?=[局建厂院中小号分队处期店部冶航化所校区])"
)
_CHINESE_DIGITS = str.maketrans("一二三四五六七八九", "123456789")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """The parts of a company's name; every text is folded."""

    folded: str
    places: frozenset[str]
    own: str
    trade: str
    has_form: bool
    branch: str | None

    @property
    def core(self) -> str:
        """What sets the company apart from others of the same place and form."""
        return self.own + self.trade

    @property
    def numerals(self) -> tuple[str, ...]:
        """The numbers in the core: the first and the second bureau are two."""
        found = (m[1] or m[2] or m[0] for m in _NUMBERED.finditer(self.core))
        return tuple(n.translate(_CHINESE_DIGITS) for n in found)


@lru_cache(maxsize=20_000)
def parse(name: str) -> CompanyName:
    """Take a name apart; whatever it is, something of it is its own."""
    folded, found = _without_brackets(name)
    head, branch = _without_branch(folded)
    bare, has_form = _without_form(head)
    leading, rest = places.leading(bare)
    if len(rest) < LEAST or trades.is_only(rest):
        rest = bare
    own, trade = trades.split(rest)
    if not leading:
        own, trade, inside = _without_place_inside(own, trade)
        leading = inside
    kept = frozenset(p for p in (*leading, *found) if not places.is_national(p))
    return CompanyName(fold(name), kept, own, trade, has_form, branch)


def _without_brackets(name: str) -> tuple[str, list[str]]:
    """The folded name without places and notes in brackets, and those places."""
    pieces = _BRACKETS.split(half_width(name))
    kept, found = [], []
    for number, piece in enumerate(pieces):
        folded = fold(piece)
        place = places.whole(folded) if number % 2 else ""
        if place:
            found.append(place)
        elif number % 2 == 0 or not _ASIDE.fullmatch(folded):
            kept.append(folded)
    return "".join(kept), found


def _without_branch(folded: str) -> tuple[str, str | None]:
    """The name of the head company, and which branch: a place or number, perhaps none."""
    match = _AFTER_FORM.match(folded) or _AT_END.match(folded)
    if match is None:
        return folded, None
    head, token = match["head"], match["token"] or ""
    if not token and (place := places.trailing(head, 2)):
        head, token = head[: -len(place)], place
    if trades.is_only(head) and not places.leading(head)[0]:
        return folded, None
    found = places.whole(token)
    return head, found or token.removeprefix("第").translate(_CHINESE_DIGITS)


def _without_form(head: str) -> tuple[str, bool]:
    """The name without its legal forms, and whether it had one that says it is whole."""
    has_form, bare = False, head
    while match := _FORM.search(bare):
        if match.start() < LEAST:
            break
        has_form = has_form or match[0] not in _LOOSE_FORMS
        bare = bare[: match.start()]
    return bare, has_form


def _without_place_inside(own: str, trade: str) -> tuple[str, str, list[str]]:
    """The place that stands between own name and trade, or at the end, as in 云澜上海精密."""
    core = own + trade
    for match in places.within(core):
        rest = core[match.end() :]
        if match.start() >= LEAST and (not rest or trades.is_only(rest)):
            bare_own, bare_trade = trades.split(core[: match.start()] + rest)
            return bare_own, bare_trade, [match[1]]
    return own, trade, []
