"""Places of China as they stand in company names: provinces and the cities in them."""

import re
from collections.abc import Iterator
from typing import Final

_BY_PROVINCE: Final = {
    "河北": ("石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安 三河 任丘"),
    "山西": "太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
    "内蒙古": "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布",
    "辽宁": ("沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛"),
    "吉林": "长春 四平 辽源 通化 白山 松原 白城",
    "黑龙江": ("哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化"),
    "江苏": (
        "南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 "
        "宿迁 昆山 江阴 张家港 常熟 太仓 宜兴 丹阳 靖江 启东"
    ),
    "浙江": (
        "杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 "
        "慈溪 余姚 桐乡 海宁 乐清 瑞安 诸暨 永康"
    ),
    "安徽": ("合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城"),
    "福建": ("福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 晋江 石狮 南安 福清"),
    "江西": "南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶",
    "山东": (
        "济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 "
        "德州 聊城 滨州 菏泽 寿光 滕州 龙口 荣成 即墨 莱芜"
    ),
    "河南": (
        "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店"
    ),
    "湖北": ("武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 潜江 仙桃 天门"),
    "湖南": ("长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 浏阳"),
    "广东": (
        "广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 "
        "汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 顺德 南海 番禺 "
        "宝安 龙岗"
    ),
    "广西": ("南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左"),
    "海南": "海口 三亚 三沙 儋州",
    "四川": (
        "成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 "
        "宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山 都江堰 西昌"
    ),
    "贵州": "贵阳 六盘水 遵义 安顺 毕节 铜仁 仁怀 凯里 黔东南 黔南",
    "云南": (
        "昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆 景洪"
    ),
    "西藏": "拉萨 日喀则 昌都 林芝 山南 那曲",
    "陕西": "西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛",
    "甘肃": ("兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南"),
    "青海": "西宁 海东",
    "宁夏": "银川 石嘴山 吴忠 固原 中卫",
    "新疆": ("乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 喀什 和田 伊犁 塔城 石河子 库尔勒"),
    "上海": "浦东",
    "北京": "海淀 中关村",
    "天津": "滨海新区",
    "重庆": "万州 涪陵",
    "香港": "",
    "澳门": "",
    "台湾": "台北 高雄 新竹",
}
#: The province of every city, and of itself.
PROVINCE_OF: Final = {
    place: province
    for province, cities in _BY_PROVINCE.items()
    for place in (province, *cities.split())
}
#: Words that say "of the whole country": they set no company apart from another.
_NATIONAL: Final = ("中国", "中华", "全国")
_LEVEL = "特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|新区|自治州"
_NAMES: Final = sorted([*PROVINCE_OF, *_NATIONAL], key=len, reverse=True)
_PLACE = re.compile(rf"({'|'.join(_NAMES)})(?:{_LEVEL})?")
# A district or county right behind its city; 区块链 is none.
_DISTRICT = re.compile(
    "[\u4e00-\u9fff]{1,4}?(?:经济技术开发区|高新技术产业开发区|开发区|高新区|自治县|新区|区(?!块|域)|县|镇)"
)
# A city or county that is not in the list, told by its word; 都市 and 超市 are none.
_TOLD = re.compile("([\u4e00-\u9fff]{1,2}[^都城超上股门集夜菜闹楼花])(?:市|县)")


def leading(folded: str) -> tuple[list[str], str]:
    """The places that a name begins with, and the rest of it."""
    found: list[str] = []
    rest = folded
    while match := _PLACE.match(rest):
        found.append(match[1])
        rest = rest[match.end() :]
    if not found and (told := _TOLD.match(rest)) and len(rest) - told.end() > 3:
        found.append(told[1])
        rest = rest[told.end() :]
    if found and (district := _DISTRICT.match(rest)) and len(rest) - district.end() > 1:
        rest = rest[district.end() :]
    return found, rest


def whole(folded: str) -> str:
    """The place that a text is, or nothing."""
    match = _PLACE.fullmatch(folded)
    return match[1] if match else ""


def trailing(folded: str, least: int) -> str:
    """The place that a text of more than `least` other characters ends with, or nothing."""
    for match in within(folded):
        if match.end() == len(folded) and match.start() >= least:
            return folded[match.start() :]
    return ""


def within(folded: str) -> Iterator[re.Match[str]]:
    """Every place that is named in a text."""
    return _PLACE.finditer(folded)


def is_national(place: str) -> bool:
    """Whether a word names the whole country."""
    return place in _NATIONAL


def are_apart(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two sets of places exclude each other; a province goes with its cities."""
    if not some or not others or some & others:
        return False
    one = {PROVINCE_OF.get(p, p) for p in some}
    two = {PROVINCE_OF.get(p, p) for p in others}
    if not one & two:
        return True
    cities, other_cities = some - one, others - two
    return bool(cities and other_cities)
