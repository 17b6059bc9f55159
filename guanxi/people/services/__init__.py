"""The only module of people that writes."""

from guanxi.people.services.organisation import (
    change_organisation,
    create_department,
    create_team,
    move_department,
)
from guanxi.people.services.passwords import (
    change_own_password,
    choose_password_by_link,
    request_reset_link,
    reset_password,
    set_password,
)
from guanxi.people.services.roles import (
    change_role_grants,
    create_role,
    load_standard_roles,
    load_standard_roles_if_none,
)
from guanxi.people.services.second_factor import (
    disable_second_factor,
    enable_second_factor,
    renew_recovery_codes,
    reset_second_factor,
    use_code,
)
from guanxi.people.services.sessions import (
    end_other_sessions,
    end_own_session,
    end_session,
    end_sessions,
    note_failed_sign_in,
    start_session,
    touch_session,
)
from guanxi.people.services.tokens import issue_token, revoke_token, touch_token
from guanxi.people.services.users import (
    assign_roles,
    change_own_contact,
    change_user,
    create_user,
    deactivate_user,
    reactivate_user,
    set_preferences,
)

__all__ = [
    "assign_roles",
    "change_organisation",
    "change_own_contact",
    "change_own_password",
    "change_role_grants",
    "change_user",
    "choose_password_by_link",
    "create_department",
    "create_role",
    "create_team",
    "create_user",
    "deactivate_user",
    "disable_second_factor",
    "enable_second_factor",
    "end_other_sessions",
    "end_own_session",
    "end_session",
    "end_sessions",
    "issue_token",
    "load_standard_roles",
    "load_standard_roles_if_none",
    "move_department",
    "note_failed_sign_in",
    "reactivate_user",
    "renew_recovery_codes",
    "request_reset_link",
    "reset_password",
    "reset_second_factor",
    "revoke_token",
    "set_password",
    "set_preferences",
    "start_session",
    "touch_session",
    "touch_token",
    "use_code",
]
