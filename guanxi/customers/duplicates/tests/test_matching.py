"""Look-alikes told from strangers: a labelled set, and single cases with their reasons (CUS-12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.customers.duplicates import names
from guanxi.customers.duplicates.matching import (
    Profile,
    Reason,
    compare,
    is_same_name,
    keys_of_customer,
    own_domain,
    sure_keys,
)
from guanxi.customers.duplicates.tests.pairs import Maker
from guanxi.kernel import identifiers

ANY = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=60)


def found(pair) -> bool:
    """Whether two would meet by a key, and then be called duplicates."""
    is_met = bool(keys_of_customer(pair.one) & keys_of_customer(pair.other))
    return is_met and compare(pair.one, pair.other).is_duplicate


@pytest.mark.parametrize(("half", "seed"), [(0, 20_260), (1, 31_415)], ids=["train", "holdout"])
def test_of_two_thousand_labelled_pairs_nearly_all_are_told_right(half, seed):
    pairs = Maker(half, seed).pairs(1000)
    called = [pair for pair in pairs if found(pair)]
    right = sum(pair.is_same for pair in called)
    assert sum(pair.is_same for pair in pairs) == 500
    assert right / 500 >= 0.95, sorted({p.made_by for p in pairs if p.is_same and not found(p)})
    assert right / len(called) >= 0.90, sorted({p.made_by for p in called if not p.is_same})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京华为技术有限公司", "華為技術（中國）有限公司"),
        ("广东省深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
        ("Acme Co., Ltd.", "ＡＣＭＥ"),
        ("云澜（苏州）精密电子有限公司", "苏州市云澜精密电子股份有限公司"),
        ("上海华联超市股份有限公司", "上海华联"),
        ("苏州云澜精密电子有限公司", "苏州云兰精密电子有限公司"),
        ("苏州云澜精密电子有限公司", "苏州云澜精密电子有限公司无锡分公司"),
    ],
)
def test_one_company_written_twice(one, other):
    assert compare(Profile(one), Profile(other)).is_duplicate


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京华联超市股份有限公司", "上海华联超市股份有限公司"),
        ("北京华联", "上海华联"),
        ("云澜科技有限公司", "云澜置业有限公司"),
        ("云澜科技有限公司第一分公司", "云澜科技有限公司第二分公司"),
        ("中铁一局集团有限公司", "中铁二局集团有限公司"),
        ("苏州云澜精密电子有限公司", "苏州云海精密电子有限公司"),
        ("华润（集团）有限公司", "华润医药集团有限公司"),
        ("上海建筑工程有限公司", "北京建筑工程有限公司"),
    ],
)
def test_two_companies_that_seem_one(one, other):
    assert not compare(Profile(one), Profile(other)).is_duplicate


def test_two_valid_credit_codes_are_two_companies_in_law():
    codes = [identifiers.complete_credit_code(f"9132050{n}MA1K3XYQ2") for n in (1, 2)]
    typo = "苏州云兰精密电子有限公司"
    one, other = Profile("苏州云澜精密电子有限公司", credit_code=codes[0]), Profile(typo)
    assert compare(one, other).is_duplicate
    assert not compare(one, Profile(typo, credit_code=codes[1])).is_duplicate
    assert compare(one, Profile("别的名字", credit_code=codes[0])).reasons == (Reason.CODE,)


def test_what_is_shared_tips_the_scales_and_is_no_proof_alone():
    phone = frozenset({"+8613800138000"})
    one = Profile("苏州云澜精密电子有限公司", phones=phone, people=frozenset({("李娜", *phone)}))
    near = Profile("苏州云海精密电子有限公司", phones=phone)
    assert compare(one, near).is_duplicate
    assert Reason.PHONE in compare(one, near).reasons
    agency = Profile("无锡恒泰物流有限公司", phones=phone, people=one.people)
    assert not compare(one, agency).is_duplicate


def test_namesakes_are_one_person_only_with_a_number():
    phone = frozenset({"+8613800138000"})
    one = Profile("张伟", is_person=True, phones=phone)
    assert not compare(one, Profile("张伟", is_person=True)).is_duplicate
    assert compare(one, Profile("張偉", is_person=True, phones=phone)).is_duplicate


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("li@yunlan.com.cn", "yunlan.com.cn"),
        ("LI@Mail.Yunlan.cn", "yunlan.cn"),
        ("li@qq.com", ""),
        ("li@163.com", ""),
        ("li@gmail.com", ""),
        ("", ""),
    ],
)
def test_a_domain_counts_when_it_is_a_companys_own(email, domain):
    assert own_domain(email) == domain


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("北京华为技术有限公司", "华为技术"),
        ("華為技術（中國）有限公司", "华为技术"),
        ("广东省深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
        ("阿里巴巴（中国）网络技术有限公司", "阿里巴巴网络技术"),
        ("小米集团", "小米"),
        ("Acme Co., Ltd.", "acme"),
        ("上海建筑工程有限公司", "上海建筑工程"),
        ("中国电信股份有限公司", "中国电信"),
        ("北京大学", "北京大学"),
        ("有限公司", "有限公司"),
        ("北京（集团）有限责任公司", "北京"),
        ("华为技术有限公司北京分公司", "华为技术"),
        ("北京市区块链科技有限公司", "区块链科技"),
        ("", ""),
    ],
)
def test_what_of_a_name_is_a_companys_own(name, core):
    assert names.parse(name).core == core


@given(ANY)
def test_any_name_can_be_taken_apart_and_is_like_itself(name):
    profile = Profile(name)
    assert bool(names.parse(name).core) == bool(names.parse(name).folded)
    assert names.parse(name).folded == "" or compare(profile, profile).percent == 99
    assert all(-(2**63) <= value < 2**63 for _kind, value in keys_of_customer(profile))


@given(ANY, ANY)
def test_likeness_is_the_same_both_ways(one, other):
    assert compare(Profile(one), Profile(other)) == compare(Profile(other), Profile(one))


def test_the_same_name_written_otherwise_is_told_from_a_similar_one():
    one = "上海云澜精密电子有限公司"
    for other in (
        "上海市雲瀾精密電子有限責任公司",
        "云澜精密电子（上海）有限公司",
        " 上海云澜精密电子有限公司",
    ):
        assert is_same_name(one, other)
        assert sure_keys(Profile(one)) == sure_keys(Profile(other))
    for other in (
        "北京云澜精密电子有限公司",
        "云澜精密电子有限公司",
        "上海云澜精密电子有限公司苏州分公司",
    ):
        assert not is_same_name(one, other)
