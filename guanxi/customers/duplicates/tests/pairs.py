"""Two thousand labelled pairs of customers, made from a seed: half are one, half are two.

The words of the two halves (to adjust by, and to judge by) have nothing in common, and every fifth
trade is a word that the matching has never heard of.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import opencc
from pypinyin import Style, pinyin

from guanxi.customers.duplicates.matching import Profile
from guanxi.kernel import identifiers

_TRADITIONAL: Final = opencc.OpenCC("s2t")
_CITIES: Final = (
    (
        "江苏 苏州",
        "浙江 宁波",
        "广东 东莞",
        "四川 成都",
        "山东 青岛",
        "湖北 武汉",
        "上海 上海",
        "福建 泉州",
    ),
    (
        "北京 北京",
        "辽宁 大连",
        "河南 洛阳",
        "安徽 合肥",
        "陕西 西安",
        "湖南 株洲",
        "天津 天津",
        "广西 柳州",
    ),
)
_OWN: Final = (
    (
        "云澜 锐驰 恒泰 鼎盛 万和 博远 金桥 华联 天鸿 瑞丰 中科信 新希 海纳 卓越达 联众 宏图 "
        "百川 德润 泰格 星火 凯迪 东方红 美达 同舟 金色年华 艾莱 优品 亿嘉 顺诚 飞跃 神农 绿源 "
        "长青 国栋 世纪星 安捷 康普 奥立 利群 惠民"
    ),
    (
        "力诺 启明 众诚 昌隆 民生 嘉禾 佳音 盈科 昊天 正信 光华 威盛 同创 三友达 立信 荣华 瀚海 "
        "朗科 曙光 维思 晨曦 朝晖 乐百年 金盾 银河 东升 北斗星 科瑞 达利 普惠 福临 祥云 大唐 "
        "时代先锋 易联 汇通 沃德 尚品 伟业 兴旺,"
    ),
)
_TRADES: Final = (
    (
        "科技 精密电子 机械设备 生物医药 国际贸易 建筑工程 网络技术 食品 物流 化工 文化传媒 "
        "环保科技 纺织品 汽车配件 换热器 晶振 宠物用品 液压件 滤清器 减速机"
    ),
    (
        "电子科技 数控机床 医疗器械 进出口 装饰工程 信息技术 餐饮管理 供应链管理 新材料 广告 "
        "节能环保 服饰 五金制品 房地产开发 压铸件 变频器 烘焙原料 密封垫 蓄冷剂 编码器,"
    ),
)
_FORMS: Final = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华文辉建国志红"
_COMMON: Final = (
    "的一是了我不人在他有这上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过"
    "天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前"
    "些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常"
    "与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太"
    "新比才便夫再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教"
    "命花结乐色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男"
    "边风解叫任金快原吃妈变通师立象数四失满战远格士音轻目条呢病始达深完今提求清王化空业思切怎非"
    "找片罗钱南语元喜曾离飞科言干流欢约各即指合反题必该论交终林请医晚制球决传画保读运及则房早院"
    "量苦火布品近坐产答星精视五连司巴奇管类未朋且婚台夜青北队久乎越观落尽形影红百令周吧识步希亚"
    "术留市半热送兴造谈容极随演收首根讲整式取照办强石古华谓拿计您装似足双"
)
_LATINS: Final = ("rui", "heng", "bao", "ding", "lan", "kai", "yue", "tong")


@dataclass(frozen=True)
class Pair:
    """Two customers, whether they are one, and how they were made."""

    one: Profile
    other: Profile
    is_same: bool
    made_by: str


@dataclass(frozen=True)
class Company:
    """An invented company, still in parts."""

    province: str
    city: str
    own: str
    trade: str
    form: str

    @property
    def name(self) -> str:
        """The name in the register."""
        return f"{self.city}{self.own}{self.trade}{self.form}"


class Maker:
    """Makes pairs of one half's words."""

    def __init__(self, half: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.cities = [c.split() for c in _CITIES[half]]
        self.owns, self.trades = _OWN[half].split(), _TRADES[half].split()

    def pairs(self, many: int) -> list[Pair]:
        """As many pairs that are one as pairs that are two, by turns of every way to make them."""
        same, other = list(_SAME), list(_OTHER)
        found = []
        for number in range(many // 2):
            make = same[number % len(same)]
            found.append(self._same(make))
            found.append(_OTHER[other[number % len(other)]](self))
        return found

    # What they are made of ------------------------------------------------------------------------
    def company(self) -> Company:
        """An invented company."""
        province, city = self.chance.choice(self.cities)
        own, trade = self.chance.choice(self.owns), self.chance.choice(self.trades)
        return Company(province, city, own, trade, self.chance.choice(_FORMS))

    def mobile(self) -> str:
        """An invented number in its one form."""
        return f"+861{self.chance.choice('3578')}{self.chance.randrange(10**9):09}"

    def person(self) -> str:
        """An invented name of a person."""
        given = self.chance.sample(_GIVEN, self.chance.choice((1, 2, 2)))
        return self.chance.choice(_SURNAMES) + "".join(given)

    def profile(self, company: Company) -> Profile:
        """Everything that might be known of a company."""
        contact, phone = self.person(), self.mobile()
        domain = f"{''.join(self.chance.sample(_LATINS, 2))}{self.chance.randrange(100)}.com.cn"
        body = f"91{self.chance.randrange(110000, 659000)}MA{self.chance.randrange(10**7):07}"
        return Profile(
            name=company.name,
            credit_code=identifiers.complete_credit_code(body),
            phones=frozenset({phone}),
            emails=frozenset({f"sales@{domain}"}),
            people=frozenset({(contact, phone)}),
            province=company.province,
            city=company.city,
        )

    def thin(self, profile: Profile) -> Profile:
        """What people really fill in: now and then something."""
        blank = Profile(name=profile.name, short_name=profile.short_name)
        if self.chance.random() < 0.3:
            blank = replace(blank, phones=profile.phones, people=profile.people)
        if self.chance.random() < 0.3:
            blank = replace(blank, emails=profile.emails)
        if self.chance.random() < 0.3:
            blank = replace(blank, city=profile.city)
        if self.chance.random() < 0.3:
            blank = replace(blank, credit_code=profile.credit_code)
        return blank

    def _same(self, way: str) -> Pair:
        company = self.company()
        whole = self.profile(company)
        name = _SAME[way](self, company)
        written = self.thin(replace(whole, name=name))
        if self.chance.random() < 0.5:  # The other one knows other numbers, and no code.
            other = self.profile(company)
            written = self.thin(replace(other, name=name, credit_code=""))
        return Pair(self.thin(whole), written, is_same=True, made_by=way)

    def two(self, one: Company, other: Company, way: str) -> Pair:
        """Two companies with nothing in common but what their names have."""
        return Pair(
            self.thin(self.profile(one)), self.thin(self.profile(other)), is_same=False, made_by=way
        )

    def other_own(self, company: Company) -> str:
        """An own name that shares no character."""
        free = [o for o in self.owns if not set(o) & set(company.own)]
        return self.chance.choice(free)

    def other_trade(self, company: Company) -> str:
        """A trade that shares no character."""
        free = [t for t in self.trades if not set(t) & set(company.trade)]
        return self.chance.choice(free)

    def other_city(self, company: Company) -> Company:
        """The same names in another town."""
        province, city = self.chance.choice([c for c in self.cities if c[1] != company.city])
        return replace(company, province=province, city=city)

    def misheard(self, text: str) -> str:
        """A text with one character that is read the same."""
        for place in self.chance.sample(range(len(text)), len(text)):
            same = [c for c in _COMMON if c != text[place] and _sound(c) == _sound(text[place])]
            if same:
                return text[:place] + self.chance.choice(same) + text[place + 1 :]
        return text[0] + text[1:][::-1]


def _sound(character: str) -> str:
    return str(pinyin(character, style=Style.NORMAL)[0][0])


# Ways in which one company is written twice -------------------------------------------------------
def _bracketed(maker: Maker, company: Company) -> str:
    del maker
    return f"{company.own}（{company.city}）{company.trade}{company.form}"


def _full_width(maker: Maker, company: Company) -> str:
    del maker
    return f" {company.city}市 {company.own}{company.trade}·{company.form}(中国) "


def _swapped(maker: Maker, company: Company) -> str:
    core = company.own + company.trade
    place = maker.chance.randrange(len(core) - 1)
    core = core[:place] + core[place + 1] + core[place] + core[place + 2 :]
    return f"{company.city}{core}{company.form}"


def _left_out(maker: Maker, company: Company) -> str:
    core = company.own + company.trade
    if len(core) < 5:
        return core
    place = maker.chance.randrange(1, len(core))
    return f"{company.city}{core[:place]}{core[place + 1 :]}{company.form}"


_SAME: Final[dict[str, Callable[[Maker, Company], str]]] = {
    "exact": lambda _m, c: c.name,
    "no form": lambda _m, c: f"{c.city}{c.own}{c.trade}",
    "no place": lambda _m, c: f"{c.own}{c.trade}{c.form}",
    "core": lambda _m, c: f"{c.own}{c.trade}",
    "own name": lambda _m, c: c.own,
    "own name and place": lambda _m, c: f"{c.city}{c.own}",
    "another form": lambda m, c: f"{c.city}{c.own}{c.trade}{m.chance.choice(_FORMS)}",
    "province too": lambda _m, c: f"{c.province}省{c.city}市{c.own}{c.trade}{c.form}",
    "traditional": lambda _m, c: str(_TRADITIONAL.convert(c.name)),
    "bracketed": _bracketed,
    "place last": lambda _m, c: f"{c.own}{c.trade}（{c.city}）{c.form}",
    "full width": _full_width,
    "swapped": _swapped,
    "misheard": lambda m, c: f"{c.city}{m.misheard(c.own + c.trade)}{c.form}",
    "left out": _left_out,
    "branch": lambda m, c: f"{c.name}{m.chance.choice(m.cities)[1]}分公司",
    "group": lambda _m, c: f"{c.city}{c.own}{c.trade}集团",
    "note": lambda _m, c: f"{c.name}（老客户）",
}


# Ways in which two companies seem one -------------------------------------------------------------
def _town(maker: Maker) -> Pair:
    company = maker.company()
    return maker.two(company, maker.other_city(company), "other town")


def _subsidiary(maker: Maker) -> Pair:
    company = maker.company()
    other = replace(company, trade=maker.other_trade(company), form=maker.chance.choice(_FORMS))
    return maker.two(company, other, "subsidiary")


def _group_with_shared_phone(maker: Maker) -> Pair:
    company = maker.company()
    one = maker.profile(company)
    other = maker.profile(replace(company, trade=maker.other_trade(company)))
    return Pair(one, replace(other, emails=one.emails), is_same=False, made_by="shared domain")


def _other_character(maker: Maker) -> Pair:
    company = replace(
        maker.company(), own=maker.chance.choice([o for o in maker.owns if len(o) == 2])
    )
    place = maker.chance.randrange(2)
    other = maker.other_own(company)[0]
    own = company.own[:place] + other + company.own[place + 1 :]
    return maker.two(company, replace(company, own=own), "one character")


def _branches(maker: Maker) -> Pair:
    company = maker.company()
    one, other = maker.chance.sample("一二三四五六", 2)
    first = replace(company, form=f"{company.form}第{one}分公司")
    return maker.two(
        first, replace(company, form=f"{company.form}第{other}分公司"), "numbered branches"
    )


def _branch_towns(maker: Maker) -> Pair:
    company = maker.company()
    one, other = maker.chance.sample(maker.cities, 2)
    first = replace(company, form=f"{company.form}{one[1]}分公司")
    return maker.two(
        first, replace(company, form=f"{company.form}{other[1]}分公司"), "branches in towns"
    )


def _same_trade(maker: Maker) -> Pair:
    company = maker.company()
    return maker.two(company, replace(company, own=maker.other_own(company)), "same trade")


def _agent(maker: Maker) -> Pair:
    one, company = maker.profile(maker.company()), maker.company()
    other = maker.profile(company)
    while set(company.own) & set(one.name):
        company = maker.company()
        other = maker.profile(company)
    shared = replace(other, phones=other.phones | one.phones, people=one.people)
    return Pair(one, shared, is_same=False, made_by="shared agent")


def _namesakes(maker: Maker) -> Pair:
    name = maker.person()
    one = Profile(name=name, is_person=True, phones=frozenset({maker.mobile()}))
    other = Profile(name=name, is_person=True, phones=frozenset({maker.mobile()}))
    return Pair(one, other, is_same=False, made_by="namesakes")


def _bureaus(maker: Maker) -> Pair:
    company = maker.company()
    one, other = maker.chance.sample("一二三四五六", 2)
    first = replace(company, own=f"{company.own}第{one}")
    return maker.two(first, replace(company, own=f"{company.own}第{other}"), "numbered companies")


def _holding(maker: Maker) -> Pair:
    company = maker.company()
    parent = replace(company, trade="", form="集团有限公司")
    return maker.two(company, parent, "parent")


_OTHER: Final[dict[str, Callable[[Maker], Pair]]] = {
    "other town": _town,
    "subsidiary": _subsidiary,
    "shared domain": _group_with_shared_phone,
    "one character": _other_character,
    "numbered branches": _branches,
    "branches in towns": _branch_towns,
    "same trade": _same_trade,
    "shared agent": _agent,
    "namesakes": _namesakes,
    "numbered companies": _bureaus,
    "parent": _holding,
}
