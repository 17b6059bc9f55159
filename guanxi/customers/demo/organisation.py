"""Who works at the demo company: departments, teams, people and the sign-ins to try roles with."""

from dataclasses import dataclass
from typing import Final

COMPANY: Final = "衡石智联科技有限公司（演示）"
SHORT_NAMES: Final = "衡石智联,衡石"

# Name below its parent; the parents stand above.
DEPARTMENTS: Final = (
    ("衡石智联", "", "HQ"),
    ("营销中心", "衡石智联", "MKT"),
    ("销售一部", "营销中心", "S1"),
    ("华东区", "销售一部", "S1-E"),
    ("华北区", "销售一部", "S1-N"),
    ("销售二部", "营销中心", "S2"),
    ("华南区", "销售二部", "S2-S"),
    ("西部区", "销售二部", "S2-W"),
    ("客服中心", "衡石智联", "CS"),
    ("投诉处理小组", "客服中心", "CS-C"),
    ("法务部", "衡石智联", "LAW"),
    ("质量管理部", "衡石智联", "QA"),
    ("行政部", "衡石智联", "ADM"),
    ("IT部", "衡石智联", "IT"),
    ("数据分析部", "衡石智联", "DA"),
    ("人力资源部", "衡石智联", "HR"),
)
TEAMS: Final = (
    ("华东一组", "华东区"),
    ("华东二组", "华东区"),
    ("华北组", "华北区"),
    ("华南组", "华南区"),
    ("西部组", "西部区"),
    ("客服一组", "客服中心"),
    ("客服二组", "客服中心"),
)
REGION_DEPARTMENTS: Final = {"华东": "华东区", "华北": "华北区", "华南": "华南区", "西部": "西部区"}
# Where the customers of a colleague live who sits in no region.
HOME_REGION: Final = "华东"


@dataclass(frozen=True)
class Person:
    """One colleague: what they are called, where they sit and which role they have."""

    username: str
    name: str
    title: str
    department: str
    role: str
    teams: tuple[str, ...] = ()
    is_sign_in: bool = False
    is_head: bool = False
    is_caring: bool = False


def _people(written: str) -> tuple[Person, ...]:
    people = []
    for line in written.strip().splitlines():
        username, name, title, department, role, teams, marks = line.split()
        people.append(
            Person(
                username,
                name,
                title,
                department,
                role,
                tuple(t for t in teams.split("+") if t != "-"),
                is_sign_in="S" in marks,
                is_head="H" in marks,
                is_caring=role == "sales" or "C" in marks,
            )
        )
    return tuple(people)


# S: a sign-in of the demo, its user name is its role; H: head of the department; C: has customers,
# like everybody in sales.
PEOPLE: Final = _people("""
head           沈砚秋 销售一部经理   销售一部     head           -          SH
sales          林亦舟 客户经理       华东区       sales          华东一组   S
senior_agent   苏晴岚 专属顾问       客服中心     senior_agent   华东一组+客服一组 S
junior_agent   许小满 客服专员       客服中心     junior_agent   客服一组   SC
complaint      高立言 投诉处理专员   投诉处理小组 complaint      -          SH
legal          程知远 法务专员       法务部       legal          -          SH
quality        叶清和 质量工程师     质量管理部   quality        -          SH
analyst        陆一鸣 数据分析师     数据分析部   analyst        -          SH
hr             顾佳慧 培训主管       人力资源部   hr             -          SH
it             韩子墨 系统工程师     IT部         it             -          SH
administrator  白景行 系统管理员     IT部         administrator  -          S
security_admin 魏思齐 安全管理员     IT部         security_admin -          S
auditor        潘静姝 审计员         行政部       auditor        -          S
zhou_mingyi    周明一 营销中心总监   营销中心     head           -          H
tan_yue        谭悦然 销售二部经理   销售二部     head           -          H
wu_qichen      吴启辰 华东区经理     华东区       head           -          H
meng_hai       孟海生 华北区经理     华北区       head           -          H
long_jiaxin    龙佳欣 华南区经理     华南区       head           -          H
duan_wenbo     段文博 西部区经理     西部区       head           -          H
qiu_ran        邱冉冉 客服中心经理   客服中心     head           -          H
hao_yimin      郝一民 行政部经理     行政部       head           -          H
mao_shuyu      毛书语 客户经理       华东区       sales          华东一组   -
jin_haoran     金浩然 客户经理       华东区       sales          华东一组   -
tang_wei       汤薇薇 销售专员       华东区       sales          华东二组   -
shi_guangyu    石光宇 客户经理       华东区       sales          华东二组   -
yin_ruoxi      尹若溪 客户经理       华东区       sales          华东二组   -
bai_lu         柏鹿鸣 客户经理       华北区       sales          华北组     -
cui_jianing    崔嘉宁 客户经理       华北区       sales          华北组     -
kang_le        康乐天 销售专员       华北区       sales          华北组     -
hou_yifan      侯亦凡 客户经理       华北区       sales          华北组     -
lai_zhiheng    赖志恒 客户经理       华南区       sales          华南组     -
wen_xin        文心怡 客户经理       华南区       sales          华南组     -
qin_shuo       秦朔川 销售专员       华南区       sales          华南组     -
jiang_mian     江勉之 客户经理       华南区       sales          华南组     -
fang_zihan     方子涵 客户经理       西部区       sales          西部组     -
dai_rong       戴蓉蓉 客户经理       西部区       sales          西部组     -
xiong_bin      熊斌斌 销售专员       西部区       sales          西部组     -
ni_keke        倪可可 客服专员       客服中心     junior_agent   客服一组   -
shao_yun       邵云帆 客服专员       客服中心     junior_agent   客服二组   -
pei_zhen       裴真如 资深客服       客服中心     senior_agent   客服二组   -
wan_li         万里晴 档案管理员     行政部       -              -          -
""")
