"""Valkey or Redis: whatever may be lost at any moment. A dead or silent server costs milliseconds, never an error."""

from urllib.parse import urlsplit

from mediconnect import env

REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "redis+sentinel"))

# Each operation may wait this long (seconds) for a hanging server before the answer is "not in the cache".
REDIS_TIMEOUT = 0.25


def _options() -> dict[str, object]:
    return {
        "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT,
        "SOCKET_TIMEOUT": REDIS_TIMEOUT,
        "IGNORE_EXCEPTIONS": True,
        # Not pickle: whoever can write to the cache must not be able to run code here.
        "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
    }


def _sentinel(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    service, _, number = parts.path.strip("/").partition("/")
    hosts = [host.rpartition(":") for host in parts.netloc.rpartition("@")[2].split(",")]
    return {
        "LOCATION": f"redis://{service or 'mediconnect'}/{number or 0}",
        "OPTIONS": _options()
        | {
            "CLIENT_CLASS": "django_redis.client.SentinelClient",
            "CONNECTION_POOL_CLASS": "redis.sentinel.SentinelConnectionPool",
            "SENTINELS": [(host or port, int(port) if host else 26379) for host, _, port in hosts],
            "PASSWORD": parts.password,
        },
    }


def _cache(url: str) -> dict[str, object]:
    where = _sentinel(url) if url.startswith("redis+sentinel://") else {"LOCATION": url, "OPTIONS": _options()}
    # A new prefix forgets every entry: raise it whenever the shape of cached values changes.
    return {"BACKEND": "django_redis.cache.RedisCache", "KEY_PREFIX": "mediconnect:1", **where}


DJANGO_REDIS_CONNECTION_FACTORY = (
    "django_redis.pool.SentinelConnectionFactory"
    if REDIS_URL.startswith("redis+sentinel://")
    else "django_redis.pool.ConnectionFactory"
)
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
CACHES = {"default": _cache(REDIS_URL)}
