"""Switches of the sign-in libraries (allauth, axes) and of hashing, imported by settings.py."""

from datetime import timedelta

# Hashing: OWASP's 19 MiB profile, never more than a few at once in one process (see hashers.py).
PASSWORD_HASHERS = ["guanxi.people.hashers.BoundedArgon2PasswordHasher"]
PASSWORD_RESET_TIMEOUT = 30 * 60

# Sessions: rows exist only for people who signed in; limits are checked by ActorMiddleware.
SESSION_ENGINE = "guanxi.people.session_store"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_LIMIT = 5
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# allauth: sign in by user name, nobody signs up, second factor by TOTP.
ACCOUNT_ADAPTER = "guanxi.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_FORMS = {
    "login": "guanxi.people.forms.LoginForm",
    "reauthenticate": "guanxi.people.forms.ReauthenticateForm",
}
# Guessing is counted by axes and guanxi.people.lockout; allauth counts what they do not see.
ACCOUNT_RATE_LIMITS = {
    "login": False,
    "login_failed": False,
    "reauthenticate": "10/15m/user",
    "reset_password": "20/15m/ip,3/15m/key",
}
MFA_FORMS = {
    "authenticate": "guanxi.people.forms.CodeForm",
    "reauthenticate": "guanxi.people.forms.CodeAgainForm",
}
MFA_ADAPTER = "guanxi.people.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Guanxi"
MFA_RECOVERY_CODE_COUNT = 10

# axes: five tries in a quarter of an hour per account and address.
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_HANDLER = "guanxi.people.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "guanxi.people.lockout.typed_username"
AXES_CLIENT_IP_CALLABLE = "guanxi.people.client_ip.client_ip"
AXES_LOCKOUT_CALLABLE = "guanxi.people.lockout.locked_out_response"
AXES_SENSITIVE_PARAMETERS = [
    "login",
    "username",
    "password",
    "code",
    "next",
    "csrfmiddlewaretoken",
    "ip_address",
]
AXES_DISABLE_ACCESS_LOG = True
SPREAD_LIMIT_PER_ADDRESS = 40
SPREAD_LIMIT_PER_ACCOUNT = 25
