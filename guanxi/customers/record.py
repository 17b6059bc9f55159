"""The faces of customers, contacts, orders, payments, talk, attachments and tags."""

from django.utils.translation import gettext_lazy as _

from guanxi.customers import panels, rules, services
from guanxi.customers.access import ASK_DELETION
from guanxi.customers.changes import record as changes
from guanxi.customers.changes.guarding import settle_customers
from guanxi.customers.duplicates.queries import get_successor, list_alike_names
from guanxi.customers.duplicates.services import keys, merging
from guanxi.customers.duplicates.services.looking import find_duplicates
from guanxi.customers.fields import CREATED, CUSTOMER_FIELDS, UPDATED
from guanxi.customers.models import (
    Attachment,
    Contact,
    Customer,
    Interaction,
    Order,
    Payment,
    Tag,
)
from guanxi.customers.pools import record as pools
from guanxi.customers.pools.services import note_pool_view
from guanxi.customers.stages import STAGES
from guanxi.deletions.declarations import Disposal, declare_disposal
from guanxi.deletions.services import deletion_verb
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import (
    Companion,
    Hooks,
    ListDefaults,
    Panel,
    RecordType,
    Section,
    Verb,
    register,
)

CUSTOMER = Field(
    "customer",
    ref="customers.customer",
    sortable=False,
    section="basics",
    required=True,
    synonyms=("客户", "客户名称", "customer_id", "customer"),
)
_CUSTOM = Section("custom", _("More fields"))

TAGS = register(
    RecordType(
        key="customers.tag",
        model=Tag,
        plural="tags",
        label=_("Tag"),
        label_plural=_("Tags"),
        icon="tag",
        nav_group="settings",
        nav_order=80,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("group", sortable=True, section="basics"),
            Field("description", section="basics"),
            CREATED,
            UPDATED,
        ),
        listing=ListDefaults(("name", "group", "description", "updated_at"), sort="name"),
        sections=(Section("basics", _("Basics")), _CUSTOM),
        search={"": ("name",)},
        import_keys=(("name",),),
    )
)

CUSTOMERS = register(
    RecordType(
        key="customers.customer",
        model=Customer,
        plural="customers",
        label=_("Customer"),
        label_plural=_("Customers"),
        icon="building",
        nav_group="customers",
        nav_order=20,
        customer_path="self",
        reveal="customers.reveal",
        views={
            "api:timeline": "guanxi.customers.api.CustomerTimeline",
            "api:duplicates": "guanxi.customers.duplicates.api.Duplicates",
            "api:merge": "guanxi.customers.duplicates.api.MergeCustomers",
            "api:unmerge": "guanxi.customers.duplicates.api.UndoMerge",
        },
        fields=CUSTOMER_FIELDS,
        sections=(
            Section("basics", _("Basics")),
            Section("relation", _("Relationship")),
            Section("traits", _("Traits")),
            Section("contacting", _("Contacting")),
            Section("history", _("Cooperation")),
            Section("origin", _("Origin and notes"), is_open=False),
            _CUSTOM,
        ),
        listing=ListDefaults(
            (
                "name",
                "tier",
                "stage",
                "owner",
                "next_contact_at",
                "phone",
                "total_minor",
                "last_order_on",
                "tags",
                "updated_at",
            ),
            totals=("total_minor",),
        ),
        search={
            "": ("name", "short_name", "number", "credit_code", "external_id", "formerly"),
            "contact": ("phone", "email"),
        },
        search_also=("customers.contact",),
        duplicates=find_duplicates,
        import_keys=(("number",), ("external_id",), ("credit_code",), ("name",)),
        alike_names=list_alike_names,
        successor=get_successor,
        companion=Companion("customers.contact", back="customer"),
        hooks=Hooks(
            check=rules.check_customer,
            derive=rules.derive_customer,
            fill=services.fill_customer,
            after=services.follow_owner,
            opening=note_pool_view,
            settle=settle_customers,
            follow=keys.follow_customers,
            archiving=merging.refuse_restore,
            number_prefix="C",
        ),
        advances=(STAGES,),
        verbs=(
            Verb(
                "transfer",
                _("Transfer"),
                "customers.transfer",
                services.transfer_customer,
                icon="arrow-right",
                fields=(
                    Field(
                        "to_user",
                        type="ref",
                        ref="people.user",
                        label=_("New owner"),
                        required=True,
                    ),
                    Field("reason", type="text", label=_("Reason"), required=True, max_length=200),
                ),
            ),
            changes.REQUEST_CHANGE,
            pools.SHARE,
            *pools.OWNERSHIP,
        ),
    )
)

CONTACTS = register(
    RecordType(
        key="customers.contact",
        model=Contact,
        plural="contacts",
        label=_("Contact"),
        label_plural=_("Contacts"),
        icon="user",
        nav_group="customers",
        nav_order=21,
        customer_path="customer_id",
        reveal="customers.reveal",
        fields=(
            CUSTOMER,
            Field(
                "name",
                sortable=True,
                section="basics",
                personal=True,
                synonyms=("姓名", "联系人", "联系人姓名"),
            ),
            Field("position", section="basics", synonyms=("职位", "职务")),
            Field("unit", section="basics", synonyms=("所在部门",)),
            Field("is_primary", section="basics", synonyms=("主要联系人",)),
            Field(
                "phone",
                type="phone",
                group="contact",
                section="reach",
                synonyms=("电话", "手机", "联系电话", "手机号"),
            ),
            Field(
                "other_phone",
                type="phone",
                group="contact",
                section="reach",
                synonyms=("座机", "其他电话"),
            ),
            Field("email", group="contact", section="reach", synonyms=("邮箱", "电子邮件")),
            Field("wechat", group="contact", section="reach", synonyms=("微信", "微信号")),
            Field("birthday", group="contact", section="reach", synonyms=("生日",)),
            Field("decision_role", section="decision", synonyms=("决策角色",)),
            Field("attitude", section="decision", synonyms=("态度",)),
            Field("influence", section="decision", synonyms=("影响力",)),
            Field("reports_to", ref="customers.contact", section="decision", synonyms=("上级",)),
            Field("preferred_channel", section="contacting", synonyms=("首选渠道",)),
            Field("is_do_not_disturb", section="contacting", synonyms=("免打扰",)),
            Field("do_not_disturb_rule", section="contacting", synonyms=("免打扰规则",)),
            Field("style", section="contacting", synonyms=("沟通偏好",)),
            Field("notes", group="private", section="contacting", column=False, synonyms=("备注",)),
            CREATED,
            UPDATED,
        ),
        sections=(
            Section("basics", _("Basics")),
            Section("reach", _("Contact data")),
            Section("decision", _("Decision chain")),
            Section("contacting", _("Contacting")),
            _CUSTOM,
        ),
        listing=ListDefaults(
            (
                "name",
                "customer",
                "position",
                "phone",
                "email",
                "decision_role",
                "attitude",
                "updated_at",
            )
        ),
        search={"": ("name",), "contact": ("phone", "other_phone", "email", "wechat")},
        import_keys=(("customer", "phone"), ("customer", "name")),
        hooks=Hooks(
            check=rules.check_contact,
            after=services.check_contact_chain,
            settle=merging.keep_off_merged,
            follow=keys.follow_contacts,
        ),
    )
)

ORDERS = register(
    RecordType(
        key="customers.order",
        model=Order,
        plural="orders",
        label=_("Order"),
        label_plural=_("Orders"),
        icon="package",
        nav_group="customers",
        nav_order=22,
        title_field="number",
        customer_path="customer_id",
        fields=(
            Field(
                "number", sortable=True, section="basics", synonyms=("订单号", "单号", "invoice")
            ),
            CUSTOMER,
            Field("kind", readonly=True),
            Field("status", section="basics", synonyms=("状态",)),
            Field(
                "placed_at",
                sortable=True,
                section="basics",
                synonyms=("下单时间", "日期", "时间", "ts", "timestamp", "order date", "date"),
            ),
            Field(
                "amount_minor",
                type="money",
                group="totals",
                currency_path="currency",
                section="basics",
                synonyms=("金额", "订单金额", "amount"),
            ),
            Field("currency", section="basics", synonyms=("币种",)),
            Field("product", section="basics", synonyms=("产品", "商品", "服务")),
            Field("quantity", section="basics", synonyms=("数量", "qty")),
            Field("notes", section="basics", column=False, synonyms=("备注",)),
            CREATED,
            UPDATED,
        ),
        sections=(Section("basics", _("Basics")), _CUSTOM),
        listing=ListDefaults(
            ("number", "customer", "placed_at", "kind", "amount_minor", "product", "status"),
            sort="-placed_at",
            totals=("amount_minor",),
        ),
        search={"": ("number", "product")},
        import_keys=(("number",),),
        hooks=Hooks(
            check=rules.check_money,
            derive=rules.derive_order,
            settle=merging.keep_off_merged,
            number_prefix="O",
        ),
    )
)

PAYMENTS = register(
    RecordType(
        key="customers.payment",
        model=Payment,
        plural="payments",
        label=_("Payment"),
        label_plural=_("Payments"),
        icon="wallet",
        nav_group="customers",
        nav_order=23,
        title_field="number",
        customer_path="customer_id",
        fields=(
            Field("number", sortable=True, section="basics", synonyms=("付款编号", "流水号")),
            CUSTOMER,
            Field("order", ref="customers.order", ref_label="number", section="basics"),
            Field("paid_on", sortable=True, section="basics", synonyms=("付款日期", "付款时间")),
            Field(
                "amount_minor",
                type="money",
                group="finance",
                currency_path="currency",
                section="basics",
                synonyms=("金额", "付款金额"),
            ),
            Field("currency", section="basics", synonyms=("币种",)),
            Field("method", section="basics", synonyms=("付款方式",)),
            Field("notes", section="basics", column=False, synonyms=("备注",)),
            CREATED,
            UPDATED,
        ),
        sections=(Section("basics", _("Basics")), _CUSTOM),
        listing=ListDefaults(
            ("number", "customer", "order", "paid_on", "amount_minor", "method"),
            sort="-paid_on",
            totals=("amount_minor",),
        ),
        search={"": ("number",)},
        import_keys=(("number",),),
        hooks=Hooks(
            check=rules.check_money,
            after=services.check_paid_order,
            settle=merging.keep_off_merged,
            number_prefix="P",
        ),
    )
)

INTERACTIONS = register(
    RecordType(
        key="customers.interaction",
        model=Interaction,
        plural="interactions",
        label=_("Communication"),
        label_plural=_("Communications"),
        icon="message-circle",
        nav_group="customers",
        nav_order=30,
        title_field="content",
        customer_path="customer_id",
        fields=(
            CUSTOMER,
            Field("contact", ref="customers.contact", section="basics", synonyms=("联系人",)),
            Field("user", ref="people.user", readonly=True),
            Field("channel", section="basics", synonyms=("渠道", "沟通方式")),
            Field("direction", section="basics", synonyms=("方向",)),
            Field("occurred_at", sortable=True, section="basics", synonyms=("时间", "沟通时间")),
            Field("content", section="basics", synonyms=("内容", "沟通内容")),
            Field("next_contact_at", section="basics", synonyms=("下次联系时间",)),
            CREATED,
            UPDATED,
        ),
        sections=(Section("basics", _("Basics")), _CUSTOM),
        listing=ListDefaults(
            ("customer", "channel", "content", "contact", "user", "occurred_at", "next_contact_at"),
            sort="-occurred_at",
        ),
        hooks=Hooks(
            fill=services.fill_interaction,
            after=services.note_contact,
            settle=merging.keep_off_merged,
        ),
    )
)

ATTACHMENTS = register(
    RecordType(
        key="customers.attachment",
        model=Attachment,
        plural="attachments",
        label=_("Attachment"),
        label_plural=_("Attachments"),
        icon="paperclip",
        nav_group="customers",
        nav_order=24,
        title_field="title",
        customer_path="customer_id",
        is_creatable=False,
        is_importable=False,
        has_custom_fields=False,
        views={
            "api:list": "guanxi.customers.api.AttachmentList",
            "api:download": "guanxi.customers.api.AttachmentDownload",
        },
        fields=(
            Field("title", section="basics"),
            Field("customer", ref="customers.customer", readonly=True),
            Field("kind", section="basics"),
            Field("year", sortable=True, section="basics", look="year"),
            Field("paper_location", section="basics"),
            CREATED,
            UPDATED,
        ),
        sections=(Section("basics", _("Basics")),),
        panels=(
            Panel(
                "file",
                _("File"),
                "customers/panels/stored_file.html",
                panels.stored_file,
                icon="paperclip",
            ),
        ),
        verbs=(deletion_verb("customers.attachment", ASK_DELETION),),
        listing=ListDefaults(
            ("title", "customer", "kind", "year", "paper_location", "created_at"),
            sort="-created_at",
        ),
    )
)

declare_disposal(Disposal("customers.attachment", files=lambda attachment: [attachment.file]))
