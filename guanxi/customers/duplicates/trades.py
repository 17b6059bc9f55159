"""Words that say what a company does: in its name they follow the name that is its own."""

import re
from typing import Final

_WORDS: Final = (
    "科技 技术 高科 高新 信息 信息技术 网络 软件 电子 电器 电力 电气 电机 电缆 电线 电源 电池 "
    "电路 电梯 机械 机电 机床 设备 装备 仪器 仪表 器材 器械 精密 精工 精机 数控 自动化 智能 "
    "智慧 智造 制造 工业 实业 产业 重工 轻工 建筑 建设 建材 建工 工程 装饰 装修 装潢 设计 规划 "
    "勘察 监理 安装 路桥 市政 水利 水务 园林 景观 绿化 幕墙 门窗 钢构 钢结构 混凝土 水泥 玻璃 "
    "陶瓷 石材 木业 木材 家居 家具 家装 家电 卫浴 厨具 灯饰 照明 光电 光学 光伏 太阳能 风电 "
    "新能源 能源 燃气 热力 石油 石化 天然气 煤炭 煤业 矿业 矿产 冶金 钢铁 金属 有色 铝业 铜业 "
    "不锈钢 五金 模具 铸造 锻造 轴承 紧固件 阀门 泵业 管业 管道 管材 塑料 塑胶 塑业 橡胶 橡塑 "
    "化工 化学 化纤 涂料 油漆 颜料 材料 新材料 复合材料 纳米 纤维 纺织 纺织品 服装 服饰 制衣 "
    "针织 鞋业 皮革 箱包 家纺 印染 布业 丝绸 印刷 印务 包装 包装材料 纸业 纸品 造纸 文具 办公 "
    "办公用品 办公设备 玩具 礼品 工艺品 珠宝 首饰 钟表 眼镜 贸易 商贸 经贸 工贸 外贸 国贸 "
    "国际贸易 进出口 国际 商业 百货 超市 综合超市 连锁 便利 便利店 商厦 商场 购物 购物中心 零售 "
    "批发 电子商务 电商 物流 运输 货运 航运 海运 空运 快递 速递 配送 仓储 供应链 供应链管理 "
    "港口 船舶 造船 航空 航天 机场 铁路 轨道 轨道交通 交通 客运 公交 出租 汽车 汽配 汽车配件 "
    "汽车零部件 零部件 配件 摩托车 车业 汽贸 汽修 食品 食品加工 饮料 酒业 酒店 餐饮 餐饮管理 "
    "饭店 宾馆 旅游 旅行社 度假 乳业 茶业 茶叶 粮油 粮食 面粉 油脂 调味品 水产 肉类 肉食 果业 "
    "果蔬 蔬菜 种业 种子 饲料 农业 农业科技 农业发展 农牧 农产品 牧业 养殖 林业 花卉 农机 化肥 "
    "农药 肥业 生物 生物科技 生物技术 生物工程 医药 制药 药业 药品 药房 大药房 医疗 医疗器械 "
    "医疗科技 医学 医院 诊所 口腔 健康 健康科技 健康管理 康复 养老 保健 保健品 护理 美容 美发 "
    "化妆品 日化 日用品 母婴 体育 健身 文化 文化传播 文化传媒 文化发展 文化艺术 传媒 传播 广告 "
    "影视 影业 娱乐 游戏 动漫 出版 图书 教育 教育科技 教育咨询 培训 学校 幼儿园 学院 大学 师范 "
    "人力资源 人才 劳务 劳务派遣 咨询 管理咨询 企业管理 企业服务 商务 商务服务 商务咨询 "
    "信息咨询 管理 服务 技术服务 技术开发 物业 物业管理 物业服务 家政 保洁 保安 安防 消防 检测 "
    "检验 认证 环保 环境 环境科技 节能 水处理 再生资源 资源 循环 固废 金融 金融服务 投资 "
    "投资管理 投资控股 投资发展 控股 创业投资 创投 资本 资产 资产管理 基金 基金管理 证券 期货 "
    "保险 保险代理 保险经纪 银行 村镇银行 信托 担保 融资担保 融资租赁 租赁 小额贷款 典当 拍卖 "
    "会计师事务所 税务师事务所 律师事务所 事务所 税务 知识产权 专利 地产 房地产 房地产开发 房产 "
    "置业 置地 开发 发展 城建 城市建设 通信 通讯 电信 移动 联通 广电 数据 大数据 云计算 数字 "
    "数码 数字科技 互联网 物联网 物联 人工智能 计算机 计算机系统 系统 系统集成 网络科技 "
    "网络技术 网络信息 信息科技 信息系统 电子科技 电子技术 智能科技 智能装备 智能制造 机器人 "
    "无人机 芯片 半导体 微电子 集成电路 传感器 激光 无线 卫星 集成 解决方案 创新 研发 研究院 "
    "研究所 研究中心 中心 协会 商会 合作社 专业合作社 农民专业合作社 经营 经营部 商行 商店 商社 "
    "工作室 工作坊 加工 加工厂 厂 工厂 行 馆 店 社 部 所 院 第 一 二 三 四 五 六 七 八 九 十 和 "
    "与 及 省 市 局 处 站 场 庄 园 technology technologies tech trading trade electronics "
    "electronic electric industrial industries industry international logistics software "
    "systems system services service solutions solution group holdings holding enterprise "
    "enterprises machinery equipment engineering foods food chemical chemicals pharma "
    "pharmaceutical medical auto automotive textile textiles consulting investment media "
    "network networks digital energy materials import export and"
)
_TRADE: Final = "|".join(sorted(set(_WORDS.split()), key=len, reverse=True))
_ONLY = re.compile(rf"(?:{_TRADE})*")
_ORDINARY = 2


def is_only(folded: str) -> bool:
    """Whether a text is put together of such words alone."""
    return _ONLY.fullmatch(folded) is not None


def split(core: str) -> tuple[str, str]:
    """A name apart into what is its own, of two characters at least, and what it says it does."""
    for place in range(_ORDINARY, len(core)):
        if _ONLY.fullmatch(core, place):
            return core[:place], core[place:]
    return core, ""
