"""Tables of the surfaces: views, custom fields, marks, drafts, search documents, imports."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.base import Record
from guanxi.kernel.models import StoredFile


class FieldKind(models.TextChoices):
    """The types that a custom field may have."""

    TEXT = "text", _("Text")
    LONGTEXT = "longtext", _("Long text")
    INTEGER = "integer", _("Whole number")
    DECIMAL = "decimal", _("Decimal number")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("Date")
    DATETIME = "datetime", _("Date and time")
    CHOICE = "choice", _("Choice")
    MULTICHOICE = "multichoice", _("Several choices")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    URL = "url", _("Web address")


class CustomField(Record):
    """A field that an administrator added to a record type; its values live in `custom`."""

    record_key = models.CharField(_("Record type"), max_length=60)
    slug = models.SlugField(_("Field code"), max_length=40)
    name = models.CharField(_("Name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    kind = models.CharField(_("Type"), max_length=12, choices=FieldKind.choices)
    choices = models.JSONField(_("Choices"), default=list, blank=True)
    group = models.CharField(_("Field group"), max_length=20, blank=True)
    is_required = models.BooleanField(_("Required"), default=False)
    position = models.PositiveSmallIntegerField(_("Place in order"), default=100)
    help = models.CharField(_("Help text"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_key", "slug"], name="custom_field_once"),
        ]

    def __str__(self) -> str:
        return self.name


class DocumentTemplate(Record):
    """How a paper for somebody outside reads; its words in braces stand for a record's values."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    paper = models.CharField(_("Paper"), max_length=60)
    body = models.TextField(_("Text"), max_length=20_000)

    class Meta:
        verbose_name = _("Document template")

    def __str__(self) -> str:
        return self.name


class Visibility(models.TextChoices):
    """Who may use a saved view."""

    PRIVATE = "private", _("Only me")
    SHARED = "shared", _("Everyone")
    DEPARTMENT = "department", _("My department")


class SavedView(Record):
    """A named condition with sort and columns; as a segment it can be used in other conditions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_key = models.CharField(_("Record type"), max_length=60)
    name = models.CharField(_("Name"), max_length=60)
    owner_id = models.BigIntegerField()
    department_id = models.BigIntegerField(null=True)
    visibility = models.CharField(
        _("Visible to"), max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE
    )
    is_segment = models.BooleanField(_("Segment"), default=False)
    condition = models.JSONField(_("Condition"), default=dict)
    sort = models.CharField(max_length=60, blank=True)
    columns = models.JSONField(default=list)
    frozen = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["record_key", "visibility"], name="view_record")]

    def __str__(self) -> str:
        return self.name


class ListSetting(models.Model):
    """How a person keeps one list: columns, widths, the last one that stays, pinned views."""

    user_id = models.BigIntegerField()
    record_key = models.CharField(max_length=60)
    settings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "record_key"], name="list_setting_once"),
        ]


class MarkKind(models.TextChoices):
    """How a person marks a record for themselves."""

    FAVOURITE = "favourite", _("Favourite")
    FOLLOW = "follow", _("Following")
    RECENT = "recent", _("Recently viewed")


class Mark(models.Model):
    """A person's own mark on a record."""

    user_id = models.BigIntegerField()
    record_key = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=MarkKind.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "kind", "record_key", "object_id"], name="mark_once"
            ),
        ]
        indexes = [models.Index(fields=["user_id", "kind", "-at"], name="mark_recent")]


class Draft(models.Model):
    """What a person has typed into one showing of a form and not saved; nobody else reads it.

    Settled ones were saved: they hold nothing, and a write that comes late cannot revive them.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user_id = models.BigIntegerField()
    record_key = models.CharField(max_length=60)
    object_id = models.CharField(max_length=36, blank=True)
    purpose = models.CharField(max_length=40)
    read_version = models.PositiveIntegerField(null=True)
    values = models.JSONField(default=dict)
    kept_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["user_id", "record_key", "object_id", "purpose", "-kept_at"],
                name="draft_form",
            ),
            models.Index(fields=["kept_at"], name="draft_age"),
        ]


class Presence(models.Model):
    """That a person is editing a record, as long as their form says so every few seconds."""

    id = models.UUIDField(primary_key=True, editable=False)
    record_key = models.CharField(max_length=60)
    object_id = models.CharField(max_length=36)
    user_id = models.BigIntegerField()
    label = models.CharField(max_length=150)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]


class SearchDoc(models.Model):
    """The searchable words of one record in one field group, pre-cut for Chinese."""

    record_key = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True)
    group = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200)
    folded = models.TextField()
    tokens = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_key", "object_id", "group"], name="search_doc_once"
            ),
        ]
        indexes = [
            models.Index(fields=["record_key", "-updated_at", "-id"], name="search_recent"),
            models.Index(fields=["customer_id", "record_key"], name="search_customer"),
        ]


class ImportState(models.TextChoices):
    """Where an import stands."""

    MAPPING = "mapping", _("Choosing columns")
    PREVIEWING = "previewing", _("Checking")
    READY = "ready", _("Ready to start")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Import(Record):
    """A file on its way into the records: how it is read, how far it got, what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_key = models.CharField(_("Record type"), max_length=60)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(_("File"), max_length=255)
    state = models.CharField(
        _("State"), max_length=10, choices=ImportState.choices, default=ImportState.MAPPING
    )
    about = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    create_missing = models.JSONField(default=list)
    total_rows = models.BigIntegerField(_("Rows"), default=0)
    done_rows = models.BigIntegerField(_("Rows done"), default=0)
    counts = models.JSONField(default=dict)
    baseline_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("Finished"), null=True)
    run_id = models.UUIDField(null=True)
    errors_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+"
    )
    message = models.TextField(blank=True)

    class Meta:
        verbose_name = _("Import")
        indexes = [models.Index(fields=["created_by_id", "-created_at"], name="import_creator")]

    def __str__(self) -> str:
        return self.filename


class ImportChunk(models.Model):
    """What some hundred rows of an import did; written in the transaction that did it (H02)."""

    source = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="chunks")
    is_preview = models.BooleanField(default=False)
    position = models.BigIntegerField()
    effects = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "is_preview", "position"], name="import_chunk_once"
            ),
        ]


class ImportMapping(models.Model):
    """How a person last read files with these columns into this record type."""

    user_id = models.BigIntegerField()
    record_key = models.CharField(max_length=60)
    signature = models.CharField(max_length=64)
    choices = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "record_key", "signature"], name="import_mapping_once"
            ),
        ]


class ExportState(models.TextChoices):
    """Where an export stands."""

    RUNNING = "running", _("Being written")
    DONE = "done", _("Ready")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


class Export(Record):
    """A list written to a file in the background: what it shows, and for how long it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_key = models.CharField(_("Record type"), max_length=60)
    title = models.CharField(_("List"), max_length=200)
    file_format = models.CharField(_("Format"), max_length=4)
    request = models.JSONField(default=dict)
    state = models.CharField(
        _("State"), max_length=10, choices=ExportState.choices, default=ExportState.RUNNING
    )
    row_count = models.BigIntegerField(_("Rows"), default=0)
    columns = models.JSONField(default=list)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(_("Finished"), null=True)
    expires_at = models.DateTimeField(_("Kept until"), null=True)
    run_id = models.UUIDField(null=True)
    message = models.TextField(blank=True)

    class Meta:
        verbose_name = _("Export")
        indexes = [models.Index(fields=["created_by_id", "-created_at"], name="export_creator")]

    def __str__(self) -> str:
        return self.title
