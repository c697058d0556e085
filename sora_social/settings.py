"""Every setting of the service, read once from the environment, typed, with the embedded default beside it.

`make run` and the tests start real engines and fill the environment; production fills it by itself (`.env.example`).
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.urls import reverse_lazy
from environs import Env

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data"))).resolve()

# --- the process ------------------------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}")
LIVE_URL = env.str("LIVE_URL", f"ws://127.0.0.1:{env.int('LIVE_PORT', 8001)}")
ROOT_URLCONF = "sora_social.urls"
WSGI_APPLICATION = "sora_social.wsgi.application"
ASGI_APPLICATION = "sora_social.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# a body larger than this is refused before it is read; uploads have their own cap in `media`
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

INSTALLED_APPS = [
    "sora_social.core",
    "sora_social.media",
    "sora_social.accounts",
    "sora_social.credits",
    "sora_social.challenges",
    "cameos",
    "sora_social.posts",
    "remix",
    "sora_social.studio",
    "feeds",
    "sora_social.inbox",
    "sora_social.moderation",
    "sora_social.demo",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "storages",
]

# `/v1` and `/media` carry their own token and need neither cookies nor CSRF: the session stack is mounted for the
# pages that people open in a browser (see `core.http.BrowserPagesOnly`)
MIDDLEWARE = [
    "sora_social.core.http.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sora_social.core.http.SignInGuard",
    "sora_social.core.http.SessionMiddleware",
    "sora_social.core.http.CsrfViewMiddleware",
    "sora_social.core.http.AuthenticationMiddleware",
    "sora_social.core.http.MessageMiddleware",
    "sora_social.core.http.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sora_social.moderation.gate.StaffGate",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", None)  # set it and run `collectstatic` to serve from one folder
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- PostgreSQL: the application's role, and the owner that migrates ------------------------------------------------
_DATABASE_URL = env.str("DATABASE_URL", "postgresql:///sora")
_DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", "") or _DATABASE_URL


_NEVER_BY_ITSELF = 2**31


def _database(url: str) -> dict[str, Any]:
    # persistent connections with a check per request: a restarted server costs a reconnect, never an error
    engine = "sora_social.core.postgresql"
    parsed: dict[str, Any] = {**dj_database_url.parse(url, engine=engine, conn_max_age=600, conn_health_checks=True)}
    parsed["OPTIONS"] = {
        "application_name": env.str("PROCESS_NAME", "sora"),
        # only what asks for it is prepared (`core.prepared`); a pooler that cannot follow needs DATABASE_PREPARES=no
        "prepare_threshold": _NEVER_BY_ITSELF if env.bool("DATABASE_PREPARES", True) else None,
        **parsed.get("OPTIONS", {}),
    }
    return parsed


DATABASES = {"default": _database(_DATABASE_URL), "owner": _database(_DATABASE_OWNER_URL)}
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
DATABASE_ROUTERS = ["sora_social.core.databases.OwnerMigrates"]

# --- Redis: cache, bus and broker; emptying it loses nothing ------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "sora",
        "OPTIONS": {"socket_timeout": 2.0, "socket_connect_timeout": 1.0},
    }
}

# --- Celery ----------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_TASK_ROUTES = {
    "sora_social.studio.tasks.render": {"queue": "render"},
    "cameos.tasks.examine": {"queue": "render"},
    "sora_social.inbox.tasks.push": {"queue": "push"},
    "feeds.tasks.train_ranker": {"queue": "render"},  # a minute or two, once a day
    "remix.tasks.reconcile": {"queue": "render"},  # seconds, where a lineage is wide
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 5.0,
    "socket_connect_timeout": 2.0,
    "max_retries": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 15.0)
FOLD_SECONDS = env.float("FOLD_SECONDS", 1.0)
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "relay events": {"task": "sora_social.core.tasks.relay", "schedule": 5.0},
    "fold counters": {"task": "sora_social.core.tasks.fold", "schedule": FOLD_SECONDS},
    "count exposure": {"task": "feeds.tasks.count_exposure", "schedule": 10.0},
    "take authors' pulse": {"task": "feeds.tasks.take_pulse", "schedule": 300.0},
    "count what is made most of": {"task": "feeds.tasks.count_most_made", "schedule": 60.0},
    "count entries of challenges": {"task": "feeds.tasks.count_entries", "schedule": 10.0},
    "count open challenges": {"task": "feeds.tasks.count_open_challenges", "schedule": 300.0},
    "rank what is made of most": {"task": "feeds.tasks.rank_lately", "schedule": 300.0},
    "rank what was ever made of most": {"task": "feeds.tasks.rank_ever", "schedule": 3600.0},
    "forget old days of reach": {"task": "feeds.tasks.forget_reach", "schedule": 86400.0},
    "follow what was made": {"task": "feeds.tasks.follow_descents", "schedule": 3600.0},
    "train the ranker": {"task": "feeds.tasks.train_ranker", "schedule": 3600.0},  # once a day, whichever hour it is
    "forget old impressions": {"task": "feeds.tasks.forget_impressions", "schedule": 3600.0},
    "weigh names for search": {"task": "feeds.tasks.weigh_names", "schedule": 600.0},
    "settle nudges": {"task": "feeds.tasks.settle_nudges", "schedule": 60.0},
    "count offers": {"task": "feeds.tasks.count_offers", "schedule": 600.0},
    "reconcile lineages": {"task": "remix.tasks.reconcile", "schedule": 600.0},
    "coalesce notifications": {"task": "sora_social.inbox.tasks.fold", "schedule": FOLD_SECONDS},
    "forget old notifications": {"task": "sora_social.inbox.tasks.forget", "schedule": 86400.0},
    "forget old keys": {"task": "sora_social.core.tasks.forget_answers", "schedule": 3600.0},
    "remove orphaned files": {"task": "sora_social.media.tasks.remove_orphans", "schedule": 86400.0},
    "sweep enrolments": {"task": "cameos.tasks.sweep", "schedule": SWEEP_SECONDS},
    "remove orphaned enrolments": {"task": "cameos.tasks.remove_orphans", "schedule": 3600.0},
    "let consents run out": {"task": "cameos.tasks.run_out", "schedule": 60.0},
    "anchor the consent ledger": {"task": "cameos.tasks.publish_anchor", "schedule": 300.0},
    "sweep jobs": {"task": "sora_social.studio.tasks.sweep", "schedule": SWEEP_SECONDS},
    "admit waiting people": {"task": "sora_social.accounts.tasks.admit_waiting", "schedule": 30.0},
    "forget the unconfirmed": {"task": "sora_social.accounts.tasks.forget_unconfirmed", "schedule": 3600.0},
    "forget ended sessions": {"task": "sora_social.accounts.tasks.forget_sessions", "schedule": 86400.0},
}
FCM_CREDENTIALS_FILE = env.str("FCM_CREDENTIALS_FILE", "")  # JSON of a Google service account; empty: no Firebase
APNS_KEY_FILE = env.str("APNS_KEY_FILE", "")  # the .p8 file of a key for Apple's service; empty: no Apple devices
if FCM_CREDENTIALS_FILE or APNS_KEY_FILE:
    CELERY_BEAT_SCHEDULE["wake devices"] = {"task": "sora_social.inbox.tasks.push", "schedule": 2.0}
for _entry in CELERY_BEAT_SCHEDULE.values():  # a round that nobody took up in time is replaced by the next one
    _entry["options"] = {"expires": _entry["schedule"]}

# --- people ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["sora_social.accounts.passwords.PasswordHasher"]
SCRYPT_WORK_FACTOR = env.int("SCRYPT_WORK_FACTOR", 2**14)  # less is for tests alone
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = int(timedelta(days=60).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
LOGIN_URL = "/staff/login/"
LOGIN_REDIRECT_URL = "/admin/"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False  # a session of the desk ends with the browser; the API's tokens are not cookies
STAFF_SECOND_FACTOR = timedelta(hours=env.int("STAFF_SECOND_FACTOR_HOURS", 8))  # how long its use opens the desk
ACCOUNT_ADAPTER = "sora_social.accounts.sessions.AccountAdapter"
HEADLESS_ADAPTER = "sora_social.accounts.sessions.HeadlessAdapter"
ACCOUNT_FORMS = {"login": "sora_social.moderation.signing_in.StaffLoginForm"}  # the page in a browser, not the API
ACCOUNT_SIGNUP_FORM_CLASS = "sora_social.accounts.signup.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_USERNAME_MIN_LENGTH = 3
# how many proxies of ours stand before this process: only what they add to X-Forwarded-For is believed
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # a stolen session alone changes neither e-mail nor second factor
_SIGN_IN_LIMITS = {"signup": "20/m/ip", "login": "60/m/ip", "login_failed": "10/m/ip,20/300s/key"}
ACCOUNT_RATE_LIMITS: Any = False if env.bool("NO_RATE_LIMITS", False) else _SIGN_IN_LIMITS
HEADLESS_CLIENTS = ("app",)
# where mails lead who must begin elsewhere; the apps have the screens, so all of it leads to the front door
HEADLESS_FRONTEND_URLS = dict.fromkeys(
    ("account_signup", "account_confirm_email", "account_reset_password", "account_reset_password_from_key"), PUBLIC_URL
)
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "sora-social"
MFA_TOTP_TOLERANCE = 1
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "no-reply@sora-social.invalid")
INVITES_PER_PERSON = env.int("INVITES_PER_PERSON", 4)
INVITE_BONUS_CLIPS = env.int("INVITE_BONUS_CLIPS", 10)
WAITLIST_DELAY = timedelta(seconds=env.int("WAITLIST_SECONDS", 20 * 60))
OPEN_COUNTRIES: frozenset[str] = frozenset(env.list("OPEN_COUNTRIES", []))  # empty: open everywhere
COUNTRY_HEADER = env.str("COUNTRY_HEADER", "")  # name of a header that only a trusted proxy can set
MINIMUM_AGE = 13

# --- media -------------------------------------------------------------------------------------------------------
_MEDIA_BUCKET = env.str("AWS_STORAGE_BUCKET_NAME", "")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": _MEDIA_BUCKET,
                "endpoint_url": env.str("AWS_S3_ENDPOINT_URL", None),
                "region_name": env.str("AWS_S3_REGION_NAME", None),
                "querystring_expire": 60,
                "file_overwrite": False,
                "default_acl": None,
                "signature_version": "s3v4",
                "addressing_style": env.str("AWS_S3_ADDRESSING_STYLE", "auto"),
            },
        }
        if _MEDIA_BUCKET
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(DATA_DIR / "media"), "base_url": None},
        }
    ),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_LINK_SECONDS = env.int("MEDIA_LINK_SECONDS", 60)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 64 * 1024 * 1024)
C2PA_CERTIFICATES_FILE = env.str("C2PA_CERTIFICATES_FILE", "")  # PEM, leaf first, root last; from SECRET_KEY when empty
C2PA_KEY_FILE = env.str("C2PA_KEY_FILE", "")  # PEM, of the first of these certificates: EC P-256
C2PA_RETIRED_ANCHORS_FILE = env.str("C2PA_RETIRED_ANCHORS_FILE", "")  # PEM of roots whose old signatures still hold

# --- comments and live rooms ----------------------------------------------------------------------------------
COMMENT_EDIT_WINDOW = timedelta(seconds=env.int("COMMENT_EDIT_SECONDS", 5 * 60))

# --- cameos and consent -------------------------------------------------------------------------------------------
RELEASE_TERMS = "2026-11"  # the version of the release that a person agrees to before anything is recorded
CHALLENGE_FOR = timedelta(seconds=env.int("CHALLENGE_SECONDS", 600))
CONSENT_FOR = timedelta(days=env.int("CONSENT_DAYS", 365))  # unless it is renewed
CAST_REQUEST_FOR = timedelta(days=env.int("CAST_REQUEST_DAYS", 7))
COMPLAINT_CLOSES_FOR = timedelta(days=env.int("COMPLAINT_CLOSES_DAYS", 30))
CONSENT_SIGNING_KEY = env.str("CONSENT_SIGNING_KEY", "")  # base64 of 32 bytes; derived from SECRET_KEY when empty
CONSENT_RETIRED_KEYS: list[str] = env.list("CONSENT_RETIRED_KEYS", [])  # public keys that still verify, base64
ANCHOR_EMAIL = env.str("ANCHOR_EMAIL", "")

# --- studio ------------------------------------------------------------------------------------------------------
CAST_REFUSALS_PER_DAY = env.int("CAST_REFUSALS_PER_DAY", 10)
CLIPS_PER_DAY = env.int("CLIPS_PER_DAY", 30)
CLIPS_AT_ONCE = env.int("CLIPS_AT_ONCE", 4)
LEASE = timedelta(seconds=env.float("LEASE_SECONDS", 60.0))
RENDER_ATTEMPTS = 3
PROVIDER = env.str("PROVIDER", "preview")
PREVIEW_SHORT_EDGE = env.int("PREVIEW_SHORT_EDGE", 480)
PREVIEW_FPS = env.int("PREVIEW_FPS", 24)

# --- challenges --------------------------------------------------------------------------------------------------
CHALLENGE_GRACE = timedelta(seconds=env.int("CHALLENGE_GRACE_SECONDS", 3600))  # an entry may be published so much late

# --- the remix graph ---------------------------------------------------------------------------------------------
EXPORT_SECONDS = env.float("EXPORT_SECONDS", 900.0)  # who reads an export more slowly than that gets no end of it

# --- feeds -------------------------------------------------------------------------------------------------------
FEED_CANDIDATES = env.int("FEED_CANDIDATES", 500)
FEED_SNAPSHOT_SECONDS = env.int("FEED_SNAPSHOT_SECONDS", 3600)
IMPRESSION_DAYS = env.int("IMPRESSION_DAYS", 90)  # how long the log of what was shown is kept
TRAINING_DAYS = env.int("TRAINING_DAYS", 60)  # how far back the ranker learns
TRAINING_IMPRESSIONS = env.int("TRAINING_IMPRESSIONS", 200_000)  # the newest, at most so many
RANKER_PROMOTES = env.bool("RANKER_PROMOTES", True)  # a daily model goes live by itself when it is better
EVALUATION_DATA = (BASE_DIR / env.str("EVAL_DATA", "../shared/data")).resolve()  # a folder for each data set
FEED_SOURCE_SECONDS = env.float("FEED_SOURCE_SECONDS", 0.3)  # for each source of candidates
FEED_SOURCES_SECONDS = env.float("FEED_SOURCES_SECONDS", 1.0)  # for all of them: who comes later is not asked
FANOUT_AT_MOST = env.int("FANOUT_AT_MOST", 5_000)  # followers; posts of who has more are pulled, not pushed
TIMELINE_SECONDS = env.int("TIMELINE_SECONDS", 7 * 86_400)  # how long after their last look a person has a list
TIMELINE_POSTS = env.int("TIMELINE_POSTS", 800)

# --- scroll sessions: the nudge and the pause ------------------------------------------------------------------------
# three steps: a card, a firmer card, the pause; by items served, or by minutes of watching
SCROLL_ITEMS: tuple[int, ...] = tuple(env.list("SCROLL_ITEMS", [20, 30, 40], subcast=int))
SCROLL_MINUTES: tuple[float, ...] = tuple(env.list("SCROLL_MINUTES", [8, 12, 20], subcast=float))
SCROLL_GAP = timedelta(minutes=env.float("SCROLL_GAP_MINUTES", 5))  # between two pages; a longer one adds no minutes
SCROLL_SESSION = timedelta(minutes=env.float("SCROLL_SESSION_MINUTES", 30))  # without a page, and it is over
PAUSE = timedelta(minutes=env.float("PAUSE_MINUTES", 5))
TEEN_SCROLL_ITEMS: tuple[int, ...] = tuple(env.list("TEEN_SCROLL_ITEMS", [15, 20, 30], subcast=int))
TEEN_SCROLL_MINUTES: tuple[float, ...] = tuple(env.list("TEEN_SCROLL_MINUTES", [5, 8, 15], subcast=float))
TEEN_PAGE_ITEMS = env.int("TEEN_PAGE_ITEMS", 15)
TEEN_DAILY_ITEMS = env.int("TEEN_DAILY_ITEMS", 200)
TEEN_DAILY_MINUTES = env.int("TEEN_DAILY_MINUTES", 90)
TEEN_QUIET_HOURS = env.str("TEEN_QUIET_HOURS", "22:00-06:00")  # where they are
if env.bool("NO_SCROLL_LIMITS", False):
    SCROLL_ITEMS = TEEN_SCROLL_ITEMS = (2**31, 2**31, 2**31)
    SCROLL_MINUTES = TEEN_SCROLL_MINUTES = (2.0**31, 2.0**31, 2.0**31)
    TEEN_PAGE_ITEMS = TEEN_DAILY_ITEMS = TEEN_DAILY_MINUTES = 0
    TEEN_QUIET_HOURS = ""

# --- notifications, and the devices that are woken for them -----------------------------------------------------------
NOTIFICATION_OPEN_FOR = timedelta(hours=env.float("NOTIFICATION_OPEN_HOURS", 24))  # so long it gathers who did the same
PUSHES_BY_ONE_PER_HOUR = env.int("PUSHES_BY_ONE_PER_HOUR", 5)  # that one person causes another
NOTIFICATIONS_KEPT = timedelta(days=env.int("NOTIFICATION_DAYS", 90))
FCM_URL = env.str("FCM_URL", "https://fcm.googleapis.com")
APNS_KEY_ID = env.str("APNS_KEY_ID", "")
APNS_TEAM_ID = env.str("APNS_TEAM_ID", "")
APNS_TOPIC = env.str("APNS_TOPIC", "")  # the bundle id of the app
APNS_URL = env.str("APNS_URL", "https://api.push.apple.com")

# --- HTTP API ----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["sora_social.accounts.sessions.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["sora_social.accounts.admission.Admitted"],
    "DEFAULT_RENDERER_CLASSES": ["sora_social.core.http.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "sora_social.core.http.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["sora_social.core.http.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "sora_social.core.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is not a verb of this API: the OpenAPI document says what there is
    "DEFAULT_THROTTLE_CLASSES": [] if env.bool("NO_RATE_LIMITS", False) else ["sora_social.core.http.WriteThrottle"],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_THROTTLE_RATES": {
        "write": env.str("WRITES_PER_MINUTE", "120") + "/min",
        "fresh_feed": (None if env.bool("NO_RATE_LIMITS", False) else env.str("FRESH_FEEDS_PER_MINUTE", "60") + "/min"),
        "conversations": (
            None if env.bool("NO_RATE_LIMITS", False) else env.str("CONVERSATIONS_PER_HOUR", "30") + "/hour"
        ),
        "export": None if env.bool("NO_RATE_LIMITS", False) else env.str("EXPORTS_PER_HOUR", "12") + "/hour",
        "manifest": None if env.bool("NO_RATE_LIMITS", False) else env.str("MANIFESTS_PER_MINUTE", "60") + "/min",
        "decision": None if env.bool("NO_RATE_LIMITS", False) else "20/min",
        "picture": None if env.bool("NO_RATE_LIMITS", False) else env.str("PICTURES_PER_MINUTE", "30") + "/min",
        "evidence": None if env.bool("NO_RATE_LIMITS", False) else env.str("EVIDENCE_PER_HOUR", "6") + "/hour",
    },
    "EXCEPTION_HANDLER": "sora_social.core.http.answer_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "sora-social",
    "DESCRIPTION": "An open backend for AI-native short video: make, remix, talk; nobody's face without their say.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "NotificationType": "sora_social.inbox.models.Kind",
        "PushPlatform": "sora_social.inbox.models.Platform",
        "GenerationStatus": "sora_social.studio.models.JobStatus",
        "DraftStatus": "sora_social.studio.models.DraftStatus",
        "CoCreatorState": "sora_social.studio.models.CoCreatorState",
        "CoCreatorAnswer": ["invited", "accepted"],
        "DerivationKind": ["remix", "stitch", "extend"],
        "SourceKind": "remix.models.EdgeKind",
        "ManifestState": ["valid", "invalid"],
        "SourceManifest": ["valid", "invalid", "none", "not_used"],
        "ConsentRecordKind": "cameos.models.RecordKind",
        "ConsentState": "cameos.receipts.STATES_OF_CONSENT",
        "LockablePart": "sora_social.studio.templates.recipes.LOCKABLE",
        "ChallengeState": ["open", "coming", "past"],
        "LeaderboardWindow": "feeds.models.Window",
        "SearchHitType": ["post", "person", "cameo", "tag", "template"],
        "FeedItemType": ["post", "nudge", "pause"],
        "PageEnd": "feeds.scroll.wire.ENDS",
        "OfferAction": "feeds.scroll.wire.ACTIONS",
        "NudgeButton": "feeds.scroll.wire.BUTTONS",
        "NudgeWord": "feeds.scroll.wire.WORDS",
        "NudgeOutcome": "feeds.models.scrolling.NudgeOutcome",
        "NudgeKind": "feeds.models.scrolling.NudgeKind",
        "CheckInAnswer": "feeds.models.scrolling.CheckInAnswer",
        "MessagesFrom": "sora_social.accounts.models.MessagesFrom",
        "MessageKind": "sora_social.inbox.models.messages.MessageKind",
        "ConversationKind": ["direct", "group"],
        "ConversationFolder": ["inbox", "requests"],
        "SeatState": ["in", "asked"],
        "SeatRole": "sora_social.inbox.models.messages.Role",
        "ReportReason": "sora_social.moderation.models.ReportReason",
        "CreditReason": "sora_social.credits.models.Reason",
        "CameoKind": "cameos.models.CameoKind",
        "CameoStatus": "cameos.models.CameoStatus",
        "Audience": "cameos.models.Audience",
        "Figure": "cameos.models.Figure",
        "EnrolmentStep": "cameos.showing.STEPS",
        "CastingReason": "cameos.showing.REASONS",
        "MemorialStatus": "cameos.models.MemorialStatus",
        "RevocationMode": "cameos.wire.MODES",
        "RefusalStage": ["prompt", "reference", "cast", "output"],
        "SteeringPolarity": "ranking.steering.rules.POLARITIES",
        "SteeringTargetKind": "ranking.steering.rules.KINDS",
        "InterestSource": "feeds.steering.interests.SOURCES",
    },
    "TAGS": [
        {"name": "config", "description": "What a client must know before anybody signs in."},
        {"name": "accounts", "description": "My account, people, follow, block, mute, invites."},
        {"name": "credits", "description": "What is left of my quota, and my credits."},
        {"name": "cameos", "description": "My face, my characters: who may cast them, where they appear."},
        {"name": "studio", "description": "From a prompt to a draft to a post."},
        {"name": "ledgers", "description": "What was agreed to with a cameo: records, receipts, evidence, keys."},
        {"name": "posts", "description": "Posts, likes, saves, tags."},
        {"name": "comments", "description": "Comments, and tickets for the live rooms."},
        {"name": "rooms", "description": "The rules of a room, what waits there for review, timeouts, pins."},
        {"name": "remix", "description": "Where a post comes from, and what came of it."},
        {
            "name": "steering",
            "description": "What I tell my feed: rules in plain words, switches, interests, a new beginning.",
        },
        {"name": "feeds", "description": "Feeds, and what is learned from watching."},
        {"name": "challenges", "description": "Themes with a time window, and what entered them."},
        {
            "name": "templates",
            "description": "Recipes with named slots: shooting the same with own words and faces.",
        },
        {"name": "leaderboards", "description": "What others make most of, whom they cast most, what is rising."},
        {"name": "search", "description": "Posts by their words; people, cameos, tags and templates by their names."},
        {"name": "conversations", "description": "Direct messages that share posts, between two or in small groups."},
        {"name": "scroll", "description": "Cards and pauses in the feed, my scroll session and its limits, check-ins."},
        {"name": "notifications", "description": "What happened to me and mine, and which devices are woken for it."},
        {"name": "moderation", "description": "Reports to the moderators."},
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "APPEND_COMPONENTS": {
        "securitySchemes": {"sessionToken": {"type": "apiKey", "in": "header", "name": "X-Session-Token"}}
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sora_social.core.schema.close_requests",
        "sora_social.core.schema.add_problem_answers",
    ],
}

# --- watching it work --------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "sora_social.core.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},  # at INFO it writes whole addresses, with the tokens of devices in them
    },
}
AFTERMATH = "sora_social.aftermath"
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- the desk of the staff ---------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "sora-social desk",
    "SITE_HEADER": "sora-social",
    "SITE_SUBHEADER": "The desk",
    "SITE_SYMBOL": "movie",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["/static/moderation/desk.css"],
    "ACCOUNT": {"navigation": [{"title": "Second factor", "link": reverse_lazy("mfa_index")}]},
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{page}")}
                    for title, icon, page in (
                        ("Overview", "space_dashboard", "index"),
                        ("Reports", "flag", "moderation_report_changelist"),
                        ("Posts", "movie", "posts_post_changelist"),
                        ("Comments", "chat", "posts_comment_changelist"),
                        ("Cameos", "face", "cameos_cameo_changelist"),
                        ("Memorials", "local_florist", "cameos_memorial_changelist"),
                        ("People", "group", "accounts_user_changelist"),
                        ("Jobs", "auto_awesome", "studio_generation_changelist"),
                        ("Challenges", "emoji_events", "challenges_challenge_changelist"),
                        ("Templates", "dashboard_customize", "studio_template_changelist"),
                        ("Experiments", "science", "feeds_experiment_changelist"),
                        ("Ranking models", "model_training", "feeds_rankingmodel_changelist"),
                        ("Topics", "label", "feeds_topic_changelist"),
                        ("Invites", "mail", "accounts_invite_changelist"),
                        ("Waitlist", "hourglass_top", "accounts_waitlistentry_changelist"),
                        ("Audit log", "history", "moderation_auditentry_changelist"),
                    )
                ]
            }
        ]
    },
}
