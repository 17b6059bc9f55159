"""What is read out of the bytes of a mail (SVC-1, C02, C03, D11, G08, L06)."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.tickets.mail.markup import text_of_html
from guanxi.tickets.mail.quoting import fold_quoted, plain_subject
from guanxi.tickets.mail.reading import read_mail
from guanxi.tickets.mail.tests.letters import a_bounce, a_mail


def read(**headers):
    return read_mail(a_mail(**headers).as_bytes())


def test_a_letter_with_its_words_and_where_it_belongs():
    found = read(In_Reply_To="<9@x>", References="<7@x> <8@x> <9@x>")
    assert (found.sender, found.sender_name) == ("lixue@example.org", "李雪")
    assert (found.subject, found.text) == ("水泵漏水", "水泵漏水，请尽快处理。")
    assert (found.message_id, found.references) == ("1@example.org", ("9@x", "8@x", "7@x"))
    assert not found.is_automatic
    assert found.bounce is None


@pytest.mark.parametrize("charset", ["gb2312", "utf-8", "x-unknown", "big5"])
def test_words_in_the_charsets_of_china(charset):
    coded = "水泵壞了".encode("big5" if charset == "big5" else "gb18030")
    coded = "水泵壞了".encode() if charset == "utf-8" else coded
    head = f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    assert read_mail(head + coded).text == "水泵壞了"


def test_a_subject_that_is_coded_not_at_all_or_wrongly():
    head = b"From: a@b.example\r\nSubject: "
    assert read_mail(head + "水泵坏了".encode("gbk") + b"\r\n\r\nx").subject == "水泵坏了"
    assert read_mail(head + b"=?gb2312?B?wqnLrg==?=\r\n\r\nx").subject == "漏水"
    assert read_mail(head + b"=?utf-8?Q?a=0D=0ABcc:_x@y?=\r\n\r\nx").subject == "a Bcc: x@y"


HOSTILE = """<html><head><style>p{background:url(http://x/1)}</style><base href="http://x"><title>t
</title></head><body><p>你好，<b>水泵</b>漏水</p><script>alert(1)</script>
<img src="http://x/pixel.gif" alt="标志">
<svg><script>x</script></svg><math><mi>y</mi></math><form action="http://x">填写</form>
<a href="https://x.example/a">这里</a> <a href="javascript:alert(1)">那里</a>
<iframe srcdoc="&lt;p&gt;z"></iframe><blockquote><p>旧的一封</p></blockquote></body></html>"""


def test_markup_becomes_text_and_nothing_in_it_stays_alive():
    found = read_mail(a_mail(" ", html=HOSTILE).as_bytes())
    assert "你好，水泵漏水" in found.text
    assert "[标志]" in found.text
    assert "这里 (https://x.example/a)" in found.text
    assert "> 旧的一封" in found.text
    gone = ("<", "alert", "javascript", "background", "pixel", "srcdoc")
    assert not [each for each in gone if each in found.text]


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<!--", "<![", "</", "<a b='", "<p>", "<blockquote>", "&", "<a href=x>"]
)
def test_crooked_markup_takes_no_longer_than_its_length(piece):
    began = time.process_time()
    text_of_html(piece * 100_000)
    assert time.process_time() - began < 5


def test_the_plain_form_of_the_words_is_taken_if_it_says_anything():
    assert read_mail(a_mail("plain", html="<p>rich</p>").as_bytes()).text == "plain"


def test_files_come_with_their_names():
    mail = a_mail()
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="合同.pdf")
    found = read_mail(mail.as_bytes())
    assert [(each.name, each.content) for each in found.parts] == [("合同.pdf", b"%PDF-1.4")]
    assert found.text == "水泵漏水，请尽快处理。"


@pytest.mark.parametrize(
    ("headers", "is_reply"),
    [
        ({"Auto_Submitted": "auto-replied"}, True),
        ({"Auto_Submitted": "auto-generated; x=y"}, False),
        ({"Precedence": "bulk"}, False),
        ({"List_Id": "<list.example>"}, False),
        ({"X_Autoreply": "yes"}, True),
        ({"Subject": "自动回复: 水泵"}, True),
    ],
)
def test_what_a_machine_sent_is_seen(headers, is_reply):
    found = read(**headers)
    assert found.is_automatic
    assert found.is_auto_reply == is_reply


def test_a_letter_that_came_back_says_which_one_and_why():
    bounce = read_mail(a_bounce("77@help.example.com")).bounce
    assert bounce is not None
    assert "550 no such mailbox" in bounce.reason
    assert "77@help.example.com" in bounce.about
    assert read_mail(a_bounce("77@x", action="delayed")).bounce is None


def test_the_same_letter_without_an_id_is_known_whoever_brings_it():
    one = a_mail(Message_ID="", Delivered_To="a@example.com").as_bytes()
    two = a_mail(Message_ID="", Delivered_To="b@example.com").as_bytes()
    assert read_mail(one).key == read_mail(two).key
    assert read_mail(one).key != read_mail(a_mail("else", Message_ID="").as_bytes()).key


def test_an_id_is_its_senders_own():
    assert read().key != read(From="mallory@example.net").key


@pytest.mark.parametrize(
    ("text", "said", "quoted"),
    [
        ("好的\n\n在 2026年11月22日，李雪 写道：\n> 旧的\n> 两行", "好的", "在 2026年11月22日"),
        ("ok\n\nOn Sun, 22 Nov 2026, A <a@x>\nwrote:\n> old", "ok", "On Sun"),
        ("好\n-----原始邮件-----\n发件人: x\n全部", "好", "-----原始"),
        ("ok\n\nFrom: A <a@x>\nSent: Sunday\nTo: b\n\nold words", "ok", "From: A"),
    ],
)
def test_what_is_only_quoted_is_folded(text, said, quoted):
    folded = fold_quoted(text)
    assert folded.said == said
    assert folded.quoted.startswith(quoted)


@pytest.mark.parametrize(
    "text", ["> 全部是引用", "> 问\n答", "没有引用", "From: the north\nwe came"]
)
def test_what_is_said_itself_is_not_folded(text):
    assert fold_quoted(text) == (text, "")


def test_a_subject_without_what_programs_put_before_it():
    assert plain_subject("Re: 回复：Fwd: 水泵 [T00000012-0123456789]") == "水泵"


def test_parts_in_parts_in_parts_are_read_or_come_as_a_file():
    deep = EmailMessage()
    deep.set_content("x")
    head = b"From: a@b.example\r\nSubject: deep\r\n"
    body = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000)
    )
    found = read_mail(head + body + deep.as_bytes())
    assert (found.sender, found.subject) == ("a@b.example", "deep")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_whatever_the_bytes_are_a_letter_comes_out(head, body):
    for raw in (
        head + b"\r\n\r\n" + body,
        b"From: " + head + b"\r\nSubject: " + body + b"\r\n\r\n",
        b"Content-Type: " + head + b"\r\nContent-Disposition: " + body + b"\r\n\r\n" + body,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + head + b"\r\n--x--" + body,
    ):
        found = read_mail(raw)
        assert len(found.key) == 64
        assert "\n" not in found.subject + found.sender
