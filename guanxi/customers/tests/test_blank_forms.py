"""The blank forms hold every field of the handbook, to print and to import (PLT-2)."""

import re
import zipfile
from pathlib import Path

import pytest

from guanxi.customers import blank_forms  # noqa: F401  registers the forms
from guanxi.kernel.actor import system_actor
from guanxi.surfaces.exporting import templates
from guanxi.surfaces.importing.mapping import guess, targets
from guanxi.surfaces.importing.reading import open_table
from guanxi.surfaces.records import get_record_type

CUSTOMER = """客户名称 所属行业 统一社会信用代码 员工人数 年营收 成立日期 采购周期 注册地址 经营范围
联系人姓名 联系人职位 联系人电话 联系人邮箱 联系人微信 首选渠道 首次合作 历史交易总额
合作产品/服务 付款记录 需求偏好 决策链 关注重点 信息来源 填表人 填表日期 审核人"""
VISIT = """客户名称 拜访时间 拜访地点 参与人员（客户方） 参与人员（我方） 拜访目的 当前需求/痛点
我方方案反馈 客户提出的问题 达成共识 待办事项 责任人 完成时限 下次跟进时间 下次跟进内容
填表人 填表日期 客户签字（可选）"""
COMPLAINT = """投诉时间 紧急程度 客户名称 联系人 投诉渠道 问题描述 涉及产品/服务 客户诉求
调查过程记录 责任判定 处理方案 执行情况 责任人 完成时间 回访满意度 反馈意见 复盘改进建议 填表人
填表日期 审核人"""
HANDBOOK = {
    "customer": CUSTOMER.split(),
    "visit": VISIT.split(),
    "complaint": COMPLAINT.split(),
}


@pytest.fixture(params=sorted(HANDBOOK))
def written(request, tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "form.xlsx"
    templates.write_blank_form(path, templates.blank_forms()[request.param])
    return request.param, path


def test_a_form_has_a_column_for_every_field_of_the_handbook(written) -> None:
    key, path = written
    with open_table(path) as table:
        headings = table.headers
        assert list(table.rows) == []
    assert list(headings) == HANDBOOK[key]


def test_a_form_prints_on_one_page(written) -> None:
    key, path = written
    with zipfile.ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet2.xml").decode()
        strings = package.read("xl/sharedStrings.xml").decode()
    assert 'fitToPage="1"' in sheet
    assert 'paperSize="9"' in sheet
    assert re.search(r'tabSelected="1"', sheet)
    for entry in templates.blank_forms()[key].entries:
        assert str(entry.label) in strings


@pytest.mark.django_db
def test_every_field_of_form_1_is_understood_by_the_importer() -> None:
    offered = targets(get_record_type("customers.customer"), system_actor())
    chosen = {column: target for target, column in guess(HANDBOOK["customer"], offered).items()}
    left_out = set(HANDBOOK["customer"]) - set(chosen)
    assert left_out == {"历史交易总额", "付款记录"}  # these are sums of the orders and payments
    assert chosen["联系人姓名"] == "contact.name"
    assert chosen["联系人微信"] == "contact.wechat"
    assert chosen["决策链"] == "decision_chain"
