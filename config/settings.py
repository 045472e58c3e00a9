"""One settings file; the environment decides (see .env.example and docs/operations.md).

DATABASE_URL and BROKER_URL are required: `./run` sets them for the embedded servers, Compose for production.
"""

from pathlib import Path

import environ
import pgtrigger
import structlog

from config.logs import without_words

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / ".state")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "web",  # before the libraries whose pages it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "pghistory",
    "accounts",
    "audit",
    "jobs",
    "parcours",
    "contracts",
    "skills",
    "rights",
    "participation",
    "partners",
    "indicators",
    "agenda",
    "documents",
    "lawbook",
    "notifications",
    "releases",
    "privacy",
    "api",
    "console",
]

MIDDLEWARE = [
    "web.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # every URL closed by default
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "web.second_factor.HeadersMiddleware",
    "web.second_factor.SecondFactorMiddleware",
    "web.openings.OpeningMiddleware",
    "web.walls.WallMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "audit.middleware.HistoryContextMiddleware",
    "web.consultation.ConsultationMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.navigation",
            ],
            "builtins": ["web.templatetags.components"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
DATABASES["default"].setdefault("OPTIONS", {})
# The role that a process puts on when it connects (accounts/policies.py): parcours_app for the site, parcours_worker for jobs;
# none for commands, which act as the owner.
DATABASE_ROLE = env.str("DATABASE_ROLE", default="")
# A machine that vanishes says nothing: each end asks every so often, and gives the other up within a minute. Otherwise the
# system waits two hours, and a job held by a worker cut from the network with it.
ALIVE = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 50_000}
SESSION: dict[str, object] = {f"tcp_{name.removeprefix('tcp_')}": value for name, value in ALIVE.items()}
if DATABASE_ROLE:
    SESSION["role"] = DATABASE_ROLE
DATABASES["default"]["OPTIONS"] |= {
    **ALIVE,
    "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
}
# A thread keeps its connection from one request to the next; or the threads of a process of the site share a few. Not both.
DATABASE_POOL = env.int("DATABASE_POOL", default=0) if DATABASE_ROLE == "parcours_app" else 0
if DATABASE_POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL}
DATABASES["default"]["CONN_MAX_AGE"] = 0 if DATABASE_POOL else env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False
# Encoding and collation of the test database are those of production.
DATABASES["default"]["TEST"] = {"TEMPLATE": "template0"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_URL = env.str("BROKER_URL")
# A job told to a worker this long ago and not done is told again; a job being done ignores the second telling.
JOBS_REPUBLISH_SECONDS = env.int("JOBS_REPUBLISH_SECONDS", default=60)

# THE table of what runs when: a job and its hour (TIME_ZONE). A missed hour is caught up.
NIGHT = {
    "parcours.plan_exit_calls": "01:20",
    "rights.open_steps": "01:30",
    "contracts.refresh_flags": "02:00",
    "indicators.compute": "02:30",
    "privacy.retain": "04:30",
    "privacy.sweep": "04:45",
    "notifications.tell": "05:30",
}

# What seals the private keys of badges: the first secret seals, all of them open.
BADGE_SECRETS = [s for s in env.list("BADGE_SECRETS", default=[]) if s] or [SECRET_KEY]

# The secret keys of what is released (docs/releases.md): in the environment, or in a file that only the host reads. The site
# never knows them: figures are drawn by jobs.
RELEASE_SECRETS: list[str] = []
RELEASE_SECRETS_FILE = ""
if DATABASE_ROLE != "parcours_app":
    RELEASE_SECRETS = env.list("RELEASE_SECRETS", default=[])
    RELEASE_SECRETS_FILE = env.str("RELEASE_SECRETS_FILE", default=str(STATE_DIR / "release-secrets"))

# What seals texts about people (accounts/sealed_fields.py): the first seals, all of them open.
TEXT_SECRETS = [s for s in env.list("TEXT_SECRETS", default=[]) if s] or [SECRET_KEY]

# What seals other secrets (those of authenticator apps): the first seals, all of them open.
SEALING_SECRETS = [s for s in env.list("SEALING_SECRETS", default=[]) if s] or [SECRET_KEY]

# The marks of the people erased, beside the database so that a restore erases them again; empty, with the files.
ERASURES_FILE = env.str("ERASURES_FILE", default="")

# Sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # an address is given by invitation, or changed by its own link (accounts.addresses)
)
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# Failures are counted in the database, for all processes: passwords by axes, second factors by accounts.code_tries.
ACCOUNT_RATE_LIMITS = {"login_failed": None}

# How many proxies of ours stand before the site, each adding to X-Forwarded-For the address it sees. 0: that header is not read.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# Federation roles, administrators and the platform's team hold a second factor; only the demonstration says no
# (`./run demo`). Passkeys need HTTPS, except on this machine.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=True)
# The longest access of the platform's team to a structure's files.
OPENING_MINUTES = env.int("OPENING_MINUTES", default=120)
MFA_ADAPTER = "accounts.second_factor.SealedFactors"
MFA_FORMS = {
    "authenticate": "accounts.code_tries.AuthenticateCode",
    "reauthenticate": "accounts.code_tries.ReauthenticateCode",
    "authenticate_webauthn": "accounts.code_tries.AuthenticateKey",
    "reauthenticate_webauthn": "accounts.code_tries.ReauthenticateKey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Parcours"
MFA_TOTP_TOLERANCE = 1  # thirty seconds either way: phones are not on time
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the address was given by the administrator who invited
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Signing in through an organisation's own directory (OpenID Connect), when its address is given. It vouches for the addresses
# of its own domains, and no other: what it says of a neighbour's is not believed.
OIDC_SERVER = env.str("OIDC_SERVER", default="")
OIDC_DOMAINS = [domain.strip().removeprefix("@").lower() for domain in env.list("OIDC_DOMAINS", default=[])]
if OIDC_SERVER:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_ADAPTER = "accounts.adapter.KnownPeopleOnly"
    SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # the address of the directory finds the account the administrator opened
    SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "annuaire",
                    "name": env.str("OIDC_NAME", default="Annuaire"),
                    "client_id": env.str("OIDC_CLIENT_ID"),
                    "secret": env.str("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_SERVER},
                }
            ],
        }
    }

AXES_FAILURE_LIMIT = 8
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.adapter.tried"
AXES_CLIENT_IP_CALLABLE = "accounts.adapter.client_ip"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
MEDIA_ROOT = STATE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "audit.files.WholeFiles"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if env.bool("PLAIN_STATIC", default=DEBUG):
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
FILE_UPLOAD_HANDLERS = ["web.uploads.UploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=200 * 1024 * 1024)
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=10 * 1024 * 1024)
# A file that no row names goes after so many days: no row is about to name it, and a week is left to come back to a database
# that was put aside by hand and names it.
UNNAMED_FILES_DAYS = env.int("UNNAMED_FILES_DAYS", default=7)
# Dotted path of what looks at attachments ("parcours.clamav.scan"); empty means they are kept unscanned, and shown as such.
ATTACHMENT_SCANNER = env.str("ATTACHMENT_SCANNER", default="")
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", default="127.0.0.1:3310")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Security headers ------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# Who may read /metriques/ (`Authorization: Bearer …`); empty, nobody.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# E-mail ----------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="parcours@localhost")
# Where people find the site, as links in e-mails say it (no slash at the end).
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")

# History ---------------------------------------------------------------------------------------------------------
# Triggers follow the models after each `migrate` (audit.apps): no migration repeats them.
PGTRIGGER_MIGRATIONS = False
# When a fact was learnt. Outside tests and demo data this is the transaction's time (see audit/migrations/0001).
PGHISTORY_CREATED_AT_FUNCTION = "audit_recorded_at()"
PGHISTORY_LEVEL = pgtrigger.Statement  # one call per statement: bulk loads keep their speed

# API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasRolePermission"],
    "DEFAULT_FILTER_BACKENDS": ["api.filters.Backend"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parcours",
    "DESCRIPTION": "Parcours d'insertion : salariés, parcours, suivis, contrats, droits, compétences, indicateurs.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.documentation.told_whole",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RightStateEnum": "api.v1.skills_and_rights.RIGHT_STATES",
        "FileStateEnum": "contracts.models.ImportedFile.State",
        "StructureKindEnum": "api.v1.organisation.STRUCTURE_KINDS",
        "ContractKindEnum": "api.v1.contracts.CONTRACT_KINDS",
        "DecisionKindEnum": "contracts.models.Decision.Kind",
        "FollowUpKindEnum": "api.v1.follow_ups.FOLLOW_UP_KINDS",
        "AssessmentLevelEnum": "skills.models.Assessment.Level",
        "TrainingResultEnum": "skills.models.Training.Result",
        "SkillKindEnum": "skills.models.Skill.Kind",
        "FollowUpOutcomeEnum": "api.v1.follow_ups.FOLLOW_UP_OUTCOMES",
        "DerogationKindEnum": "api.v1.contract_life.DEROGATION_KINDS",
        "EducationLevelEnum": "api.v1.people.EDUCATION_LEVELS",
        "ExitOutcomeEnum": "api.v1.people.EXIT_OUTCOMES",
        "ThemeEnum": "api.v1.plan.THEMES",
        "ObjectiveStateEnum": "api.v1.plan.OBJECTIVE_STATES",
        "PlanActionStateEnum": "api.v1.plan.ACTION_STATES",
        "BarrierStateEnum": "api.v1.plan.BARRIER_STATES",
        "ExitCallAnswerEnum": "api.v1.plan.CALL_ANSWERS",
        "ProposalAnswerEnum": "api.v1.participation.PROPOSAL_ANSWERS",
        "CivicAnswerEnum": "api.v1.participation.CIVIC_ANSWERS",
        "ExpressionSubjectEnum": "api.v1.participation.SUBJECTS",
        "OrientationStateEnum": "api.v1.partners.ORIENTATION_STATES",
        "RequestAnswerEnum": "privacy.models.DataRequest.Answer",
        "ConsentHowEnum": "privacy.models.Consent.How",
        "PaperKindEnum": "api.v1.papers.PAPER_KINDS",
        "CoverageEnum": "indicators.models.Value.Coverage",
        "ValueStatusEnum": "indicators.models.Value.Status",
    },
}

# Logs ------------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                without_words,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django.server": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}

# A grid of worked months sends two fields a line, for several hundred lines.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
