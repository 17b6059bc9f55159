"""Credit codes and telephone numbers: right ones in one form, wrong ones with the reason."""

import contextlib

import pytest
from django.utils.translation import override
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.cn import uscc

from guanxi.kernel.identifiers import (
    IdentifierError,
    check_credit_code,
    mask_email,
    mask_phone,
    mask_text,
    normalise_phone,
    written_phone,
)

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.tuples(
    st.text(LETTERS, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(LETTERS, min_size=9, max_size=9),
).map("".join)


@pytest.mark.parametrize(
    "written",
    [
        "91110000600037341L",
        "91110000600037341l",
        " 9111 0000 6000 3734 1L ",
        "９１１１００００６０００３７３４１Ｌ",
    ],
)
def test_a_credit_code_has_one_form(written: str) -> None:
    assert check_credit_code(written) == "91110000600037341L"


@example("0E000001000000000")
@given(BODIES)
def test_every_code_with_its_check_character_is_right(body: str) -> None:
    assert check_credit_code(body + uscc.calc_check_digit(body)) == body + uscc.calc_check_digit(
        body
    )


@given(BODIES, st.integers(0, 17), st.data())
def test_one_wrong_character_is_noticed(body: str, place: int, data: st.DataObject) -> None:
    code = body + uscc.calc_check_digit(body)
    other = data.draw(st.sampled_from([c for c in LETTERS if c != code[place]]))
    with pytest.raises(IdentifierError):
        check_credit_code(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    ("code", "reason", "position"),
    [
        ("91110000600037341X", "credit_code_check", 18),
        ("9111000060003734", "credit_code_length", None),
        ("9111000O600037341L", "credit_code_character", 8),
        ("91110000600I37341L", "credit_code_character", 12),
        ("9.1110000600037E+17", "scientific", None),
        ("", "credit_code_length", None),
    ],
)
def test_a_wrong_credit_code_says_where(code: str, reason: str, position: int | None) -> None:
    with pytest.raises(IdentifierError) as caught:
        check_credit_code(code)
    assert (caught.value.code, caught.value.position) == (reason, position)
    assert caught.value.as_violation("credit_code").field == "credit_code"


@pytest.mark.parametrize(
    ("written", "e164", "display", "extension", "kind"),
    [
        ("13812341234", "+8613812341234", "138 1234 1234", "", "mobile"),
        ("+86 138-1234-1234", "+8613812341234", "138 1234 1234", "", "mobile"),
        ("0086 13812341234", "+8613812341234", "138 1234 1234", "", "mobile"),
        ("１３８１２３４１２３４", "+8613812341234", "138 1234 1234", "", "mobile"),
        ("013812341234", "+8613812341234", "138-12341234", "", "mobile"),
        ("010-88888888", "+861088888888", "010-88888888", "", "landline"),
        ("(0755)12345678", "+8675512345678", "0755-12345678", "", "landline"),
        ("1088888888", "+861088888888", "010-88888888", "", "landline"),
        ("010-88888888-801", "+861088888888", "010-88888888", "801", "landline"),
        ("021-12345678转801", "+862112345678", "021-12345678", "801", "landline"),
        ("021-12345678（分机：801）", "+862112345678", "021-12345678", "801", "landline"),
        ("0592-1234567 ext. 12", "+865921234567", "0592-1234567", "12", "landline"),
        ("01088888888,801", "+861088888888", "010-88888888", "801", "landline"),
        ("400-123-4567", "+864001234567", "400-123-4567", "", "shared_cost"),
        ("4001234567转2", "+864001234567", "400-123-4567", "2", "shared_cost"),
        ("800-810-1234", "+868008101234", "800-810-1234", "", "toll_free"),
        ("95588", "+8695588", "95588", "", "service"),
        ("+852 2345 6789", "+85223456789", "+852 2345 6789", "", "landline"),
        ("+44 20 7946 0018", "+442079460018", "+44 20 7946 0018", "", "landline"),
    ],
)
def test_numbers_that_can_be_called(
    written: str, e164: str, display: str, extension: str, kind: str
) -> None:
    phone = normalise_phone(written)
    assert phone.e164 == e164
    assert phone.extension == extension
    assert phone.kind == kind
    assert phone.national_display.replace(" ", "").replace("-", "") in display.replace(
        " ", ""
    ).replace("-", "")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1.38E+10", "scientific"),
        ("1.38123e10", "scientific"),
        ("1381234123", "phone_length"),
        ("138123412345", "phone_length"),
        ("12012345678", "phone_length"),
        ("88888888", "phone_area"),
        ("无", "phone_characters"),
        ("张伟 138", "phone_characters"),
        ("", "phone_characters"),
        ("+999 123", "phone_length"),
        ("+" * 300, "phone_characters"),
        ("1" * 5000, "phone_length"),
    ],
)
def test_what_is_no_number_says_why(written: str, reason: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        normalise_phone(written)
    assert caught.value.code == reason
    assert str(caught.value)


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_stored_number_reads_back_as_itself(digits: str) -> None:
    phone = normalise_phone(digits)
    assert normalise_phone(phone.stored) == phone
    assert normalise_phone(phone.display) == phone


@pytest.mark.parametrize("written", ["010-88888888-801", "400-123-4567转2", "+44 20 7946 0018"])
def test_an_extension_survives_storing(written: str) -> None:
    phone = normalise_phone(written)
    assert normalise_phone(phone.stored) == phone


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for check in (normalise_phone, check_credit_code):
        with contextlib.suppress(IdentifierError):
            check(text)


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_phone, "+8613812341234", "138****1234"),
        (mask_phone, "+861088888801x801", "010-****8801"),
        (mask_phone, "+8657186204020", "0571-****4020"),
        (mask_phone, "+8685182645131", "0851-****5131"),
        (mask_phone, "+865926430863", "0592-****0863"),
        (mask_phone, "+864008001234", "40****1234"),
        (mask_phone, "+442079460018", "+44****0018"),
        (mask_phone, "95588", "****"),
        (mask_email, "zhangwei@example.com", "z****@example.com"),
        (mask_email, "odd", "****"),
        (mask_text, "北京市海淀区", "****"),
        (mask_text, "", ""),
    ],
)
def test_masks(mask, value: str, shown: str) -> None:
    assert mask(value) == shown


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_masked_mobile_hides_four_digits(digits: str) -> None:
    assert mask_phone("+86" + digits) == f"{digits[:3]}****{digits[-4:]}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("+8613800138000", "138 0013 8000"),
        ("+8653282920111", "0532-82920111"),
        ("+864008001234", "400-800-1234"),
        ("+442079460958", "+442079460958"),
        ("not a number", "not a number"),
    ],
)
def test_a_form_shows_a_number_as_it_is_written_here(stored, written, language):
    with override(language):
        assert written_phone(stored) == written


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_number_with_extension_survives_the_form(language):
    stored = normalise_phone("0532-82920111 转 12").stored
    with override(language):
        written = written_phone(stored)
    assert normalise_phone(written).stored == stored
