"""What is left of a company's name without its legal form and place: the key to find doubles by."""

import re
from typing import Final

from guanxi.kernel.folding import fold

_PROVINCES: Final = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
    "广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 中国 中华"
)
_CITIES: Final = (
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 "
    "朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 "
    "乌兰察布 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 长春 "
    "四平 辽源 通化 白山 松原 白城 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 "
    "牡丹江 黑河 绥化 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 "
    "杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 "
    "铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平 "
    "龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 "
    "东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 "
    "鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 "
    "襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 "
    "益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 "
    "梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 "
    "贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 三沙 儋州 成都 自贡 攀枝花 泸州 德阳 绵阳 "
    "广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山 贵阳 六盘水 "
    "遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 "
    "大理 德宏 怒江 迪庆 拉萨 日喀则 昌都 林芝 山南 那曲 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 "
    "榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南 "
    "西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 喀什 和田 伊犁 "
    "塔城 义乌 昆山 江阴 张家港 常熟 太仓 晋江 石狮 慈溪 余姚 顺德 浦东 雄安"
)
_LEGAL_FORM = (
    r"(?:集团)?(?:股份有限责任公司|有限责任公司|股份有限公司|有限公司|股份公司|责任公司|总公司|分公司|公司|"
    r"有限合伙|普通合伙|合伙企业|个人独资企业|个体工商户|集团|股份|厂|"
    r"coltd|companylimited|limited|ltd|incorporated|inc|corporation|corp|gmbh|llc|plc|co)"
)
_SUFFIX = re.compile(rf"(?:集团)?{_LEGAL_FORM}$")
_PLACE_NAMES = "|".join(sorted((_PROVINCES + " " + _CITIES).split(), key=len, reverse=True))
_PLACE = rf"(?:{_PLACE_NAMES})(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|新区)?"
_PLACE_PREFIX = re.compile(_PLACE)
_BRACKETS = re.compile(r"[()（）\[\]【】〔〕]")
# What says only the trade: without the place, such a name would be everybody's.
_TRADE_ONLY = re.compile(
    "(?:科技|技术|信息|网络|软件|电子|电器|电力|电气|机械|设备|建筑|建设|工程|建材|装饰|装修|贸易|商贸|进出口|国际|"
    "实业|发展|投资|控股|管理|咨询|服务|文化|传媒|广告|教育|培训|物流|运输|货运|供应链|食品|餐饮|酒店|旅游|医药|医疗|"
    "生物|化工|材料|能源|环保|农业|汽车|地产|房地产|置业|物业|金融|保险|证券|银行|租赁|印刷|包装|纺织|服装|家具|五金|"
    "电信|通信|航空|石油|天然气|钢铁|第[一二三四五六七八九十]|[一二三四五六七八九十]|省|市|和|与|大学|师范)*"
)
_MIN_OWN_NAME = 2


def company_key(name: str) -> str:
    """The part of a company's name that is its own: 北京华为技术有限公司 → 华为技术 (CUS-12)."""
    key = _without_bracketed_place(name)
    bare, before = key, ""
    while bare != before:
        before, bare = bare, _without_form(bare)
    if bare == key:
        return key
    place = _PLACE_PREFIX.match(bare)
    while place:
        rest = bare[place.end() :]
        if len(rest) <= _MIN_OWN_NAME or _TRADE_ONLY.fullmatch(rest):
            break
        bare = rest
        place = _PLACE_PREFIX.match(bare)
    return bare


def _without_bracketed_place(name: str) -> str:
    pieces = [fold(piece) for piece in _BRACKETS.split(name)]
    return "".join(p for i, p in enumerate(pieces) if i % 2 == 0 or not _PLACE_PREFIX.fullmatch(p))


def _without_form(key: str) -> str:
    shorter = _SUFFIX.sub("", key)
    return shorter if len(shorter) >= _MIN_OWN_NAME else key
