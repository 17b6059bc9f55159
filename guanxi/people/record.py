"""The faces of users, departments, teams and roles."""

from django.utils.translation import gettext_lazy as _

from guanxi.people import panels, queries, reasons
from guanxi.people.models import Department, Role, Team, User
from guanxi.people.services import (
    organisation,
    passwords,
    roles,
    second_factor,
    sessions,
    users,
)
from guanxi.surfaces.brand import declare_brand
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.navigation import Page, declare_page
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    Panel,
    RecordType,
    Section,
    Verb,
    register,
)

declare_brand(queries.get_brand)
declare_page(Page(_("Our company"), "/organisation/", "building-2", "people.organisation.change"))

_CREATED = Field("created_at", sortable=True)
_UPDATED = Field("updated_at", sortable=True)
_BASICS = Section("basics", _("Basics"))

DEPARTMENTS = register(
    RecordType(
        key="people.department",
        model=Department,
        plural="departments",
        permission="people.departments",
        label=_("Department"),
        label_plural=_("Departments"),
        icon="network",
        nav_group="settings",
        nav_order=72,
        has_custom_fields=False,
        fields=(
            Field("name", sortable=True, section="basics", synonyms=("部门", "部门名称")),
            Field("code", sortable=True, section="basics", synonyms=("部门编码",)),
            Field("parent", ref="people.department", section="basics", synonyms=("上级部门",)),
            Field("head", ref="people.user", section="basics", synonyms=("负责人", "部门负责人")),
            Field("position", sortable=True, section="basics", synonyms=("排序",)),
            Field("path", label=_("Place in the tree"), readonly=True, sortable=True, column=False),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(("name", "parent", "head", "code", "updated_at"), sort="path"),
        panels=(
            Panel(
                "tree",
                _("Below"),
                "people/panels/department_tree.html",
                panels.department_tree,
                icon="network",
            ),
        ),
        search={"": ("name", "code")},
        import_keys=(("code",), ("name",)),
        hooks=Hooks(
            after=organisation.department_saved,
            archiving=organisation.before_department_archive,
        ),
    )
)

TEAMS = register(
    RecordType(
        key="people.team",
        model=Team,
        plural="teams",
        permission="people.teams",
        label=_("Team"),
        label_plural=_("Teams"),
        icon="users",
        nav_group="settings",
        nav_order=73,
        has_custom_fields=False,
        fields=(
            Field("name", sortable=True, section="basics", synonyms=("团队", "团队名称")),
            Field("department", ref="people.department", section="basics", synonyms=("部门",)),
            Field("lead", ref="people.user", section="basics", synonyms=("组长", "团队负责人")),
            Field(
                "members",
                type="refs",
                label=_("Members"),
                ref="people.user",
                section="basics",
                synonyms=("成员",),
            ),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(("name", "department", "lead", "members", "updated_at"), sort="name"),
        search={"": ("name",)},
        import_keys=(("name",),),
        hooks=Hooks(after=organisation.team_saved, archiving=organisation.before_team_archive),
    )
)

ROLES = register(
    RecordType(
        key="people.role",
        model=Role,
        plural="roles",
        permission="people.roles",
        label=_("Role"),
        label_plural=_("Roles"),
        icon="shield",
        nav_group="settings",
        nav_order=74,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("name_en", section="basics"),
            Field("code", sortable=True, section="basics"),
            Field("description", section="basics"),
            Field("is_system", readonly=True),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("name", "code", "description", "is_system", "updated_at"), sort="created_at"
        ),
        panels=(
            Panel(
                "rights",
                _("Rights"),
                "people/panels/role_rights.html",
                panels.role_rights,
                icon="shield",
            ),
        ),
        search={"": ("name", "name_en", "code")},
        hooks=Hooks(check=roles.check_values, archiving=roles.before_archive),
        verbs=(
            Verb(
                "change_grants",
                _("Set rights"),
                "people.roles.change",
                roles.change_role_grants,
                icon="shield",
                fields=(
                    Field("grants", type="json", label=_("Permissions and reach"), required=True),
                    Field("levels", type="json", label=_("Field groups and levels")),
                ),
                is_listed=False,
            ),
        ),
    )
)

USERS = register(
    RecordType(
        key="people.user",
        model=User,
        plural="users",
        permission="people.users",
        label=_("User"),
        label_plural=_("Users"),
        icon="user",
        nav_group="settings",
        nav_order=71,
        has_custom_fields=False,
        fields=(
            Field(
                "name",
                sortable=True,
                sort_path="name_sort",
                section="basics",
                synonyms=("姓名", "员工姓名"),
            ),
            Field("username", sortable=True, section="basics", synonyms=("用户名", "账号", "帐号")),
            Field("employee_no", sortable=True, section="basics", synonyms=("工号", "员工编号")),
            Field("title", section="basics", synonyms=("职务", "岗位", "职位")),
            Field("email", section="basics", personal=True, synonyms=("邮箱", "电子邮件")),
            Field(
                "phone", type="phone", section="basics", personal=True, synonyms=("电话", "手机")
            ),
            Field("department", ref="people.department", section="place", synonyms=("部门",)),
            Field("teams", ref="people.team", section="place", synonyms=("团队",)),
            Field("roles", ref="people.role", readonly=True),
            Field("is_active", readonly=True),
            Field("must_change_password", readonly=True, column=False),
            Field("last_login", label=_("Last signed in"), readonly=True, sortable=True),
            Field("locale", section="reading", column=False),
            Field("time_zone", section="reading", column=False),
            _CREATED,
            _UPDATED,
        ),
        sections=(
            _BASICS,
            Section("place", _("Department and teams")),
            Section("reading", _("Language and time"), is_open=False),
        ),
        listing=ListDefaults(
            (
                "name",
                "username",
                "department",
                "teams",
                "roles",
                "title",
                "is_active",
                "last_login",
            ),
            sort="name",
        ),
        panels=(
            Panel(
                "access",
                _("Rights and sessions"),
                "people/panels/user_access.html",
                panels.user_access,
                permission="people.roles.view",
                icon="shield",
            ),
        ),
        search={"": ("name", "username", "employee_no", "title")},
        import_keys=(("username",), ("employee_no",)),
        hooks=Hooks(
            check=users.check_values,
            derive=users.derive_columns,
            fill=users.fill_new,
            after=users.after_save,
            archiving=users.before_archive,
        ),
        verbs=(
            Verb(
                "assign_roles",
                _("Give roles"),
                "people.users.assign_roles",
                users.assign_roles,
                icon="shield",
                fields=(Field("roles", type="refs", ref="people.role", label=_("Roles")),),
                why_not=reasons.own_account,
            ),
            Verb(
                "reset_password",
                _("Set first password"),
                "people.users.reset_password",
                passwords.reset_password,
                icon="key",
                fields=(
                    Field(
                        "password",
                        type="text",
                        label=_("First password"),
                        required=True,
                        max_length=1024,
                        help=_("The user is asked to choose another one after signing in."),
                    ),
                ),
                why_not=reasons.own_account,
            ),
            Verb(
                "end_sessions",
                _("End sessions"),
                "people.users.end_sessions",
                sessions.end_sessions,
                icon="log-out",
            ),
            Verb(
                "reset_second_factor",
                _("Turn second factor off"),
                "people.users.reset_password",
                second_factor.reset_second_factor,
                icon="smartphone",
                is_danger=True,
                why_not=reasons.without_second_factor,
            ),
            Verb(
                "deactivate",
                _("Deactivate"),
                "people.users.archive",
                users.deactivate_user,
                icon="user-x",
                fields=(Field("reason", type="text", label=_("Reason"), max_length=300),),
                is_danger=True,
                why_not=reasons.closed_or_own,
            ),
            Verb(
                "reactivate",
                _("Reactivate"),
                "people.users.archive",
                users.reactivate_user,
                icon="user-check",
                why_not=reasons.open_account,
            ),
        ),
    )
)
