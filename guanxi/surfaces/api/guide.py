"""How the API is used, in the words of the reference page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Chapter:
    """One part of the guide: what it says and an example to copy."""

    key: str
    title: Words
    lines: tuple[Words, ...]
    example: str = ""


CHAPTERS = (
    Chapter(
        "call",
        _("First call"),
        (
            _("Make a token under “My account › API tokens” and send it with every request."),
            _("A token acts in your name, narrowed by its scope, and never reaches further."),
            _("Bodies and answers are JSON in UTF-8. Addresses end with a slash."),
        ),
        'curl {root}customers/ \\\n  -H "Authorization: Bearer gx_…"',
    ),
    Chapter(
        "lists",
        _("Lists"),
        (
            _("`q` searches as the page does; `tier=core` or `amount_minor__gte=5000` filters."),
            _("`where` holds a whole condition as JSON, `view` applies a saved view."),
            _("`sort` takes a field, with “-” the other way round; `columns` chooses fields."),
            _("Follow `next` and `previous` to page; each page costs the same however far it is."),
            _("`count` stops at 1000 unless you ask `count=exact`; `count=none` saves the work."),
        ),
        "curl -G {root}orders/ \\\n"
        '  --data-urlencode \'where={{"all": [{{"field": "placed_at", "op": "within", '
        '"value": "this_month"}}]}}\' \\\n'
        "  -d sort=-placed_at -d size=100 \\\n"
        '  -H "Authorization: Bearer gx_…"',
    ),
    Chapter(
        "changes",
        _("Changes"),
        (
            _("Every record has a version, also in the ETag header of its answer."),
            _("PATCH, DELETE and most verbs want it back as If-Match; without it they answer 428."),
            _(
                "Was it changed meanwhile in other fields, both changes stay: the answer is the "
                "record with both and its new version."
            ),
            _(
                "Was the same field set otherwise, nothing is written: the answer is 409 and names "
                "each such field as you read it, as you want it and as it now is."
            ),
            _("A value that you send back as you read it leaves what somebody set meanwhile."),
            _("DELETE archives: nothing is ever deleted, and …/restore/ brings it back."),
            _("Only the fields that you send are changed; null takes a value away."),
        ),
        "curl -X PATCH {root}customers/17/ \\\n"
        '  -H "Authorization: Bearer gx_…" -H \'If-Match: "3"\' \\\n'
        '  -H "Content-Type: application/json" -d \'{{"tier": "core"}}\'',
    ),
    Chapter(
        "once",
        _("Once only"),
        (
            _(
                "Send an Idempotency-Key of your own with POST, PATCH or DELETE and repeat it: "
                "within 24 hours the same request has one effect and the same answer."
            ),
            _("The same key with another request answers 422; a refused request leaves no key."),
        ),
        "curl -X POST {root}customers/ \\\n"
        '  -H "Authorization: Bearer gx_…" -H "Idempotency-Key: order-4711-customer" \\\n'
        '  -H "Content-Type: application/json" -d \'{{"name": "云岭机械有限公司"}}\'',
    ),
    Chapter(
        "values",
        _("Values"),
        (
            _("Instants are ISO 8601 in UTC; what you send names its offset. A day is a date."),
            _("Amounts are whole numbers in minor units; the currency stands beside them."),
            _("References are read as id and label and written as the id."),
            _(
                "Fields that you see masked come as the masked text and are named in `_masked`; "
                "they cannot be filtered, sorted or changed. Hidden fields are absent."
            ),
        ),
    ),
    Chapter(
        "limits",
        _("Limits"),
        (
            _(
                "Each web process lets a token or person make %(rate)s requests a minute, "
                "%(burst)s at once; then it answers 429 with Retry-After."
            ),
            _("A body has at most 2 MB, a page 200 records; uploads have a limit of their own."),
            _("Exact counts run two at a time for each person."),
        ),
    ),
)

PROBLEMS: tuple[tuple[str, int, Words], ...] = (
    ("required", 400, _("A value is missing; `errors` names each field and the reason.")),
    ("unknown_field", 400, _("No such field, or none that you may see.")),
    ("bad_condition", 400, _("The condition or a parameter of the address cannot be read.")),
    ("unauthenticated", 401, _("No token or session, or one that has ended.")),
    ("denied", 403, _("You see the record but may not do this; `permission` names the right.")),
    ("unconfirmed", 403, _("This asks for the password again, so it is done on the page.")),
    ("not_found", 404, _("No such record, or none for you: the two look the same.")),
    ("method_not_allowed", 405, _("The address does not take this method.")),
    ("stale", 409, _("Somebody changed the record; `differences` compares field by field.")),
    ("too_large", 413, _("The body is larger than is taken.")),
    ("unsupported_media_type", 415, _("The Content-Type is not application/json.")),
    ("key_reused", 422, _("The Idempotency-Key came with another request before.")),
    ("version_missing", 428, _("If-Match with the version is missing.")),
    ("too_many", 429, _("Wait as long as Retry-After says.")),
    ("unavailable", 503, _("The database is not reachable; try again after Retry-After.")),
)
