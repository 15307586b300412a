"""How gunicorn serves: a few processes of many threads, each thread at most one request.

`timeout` watches the worker, not one slow request; single requests are bounded by the database's statement_timeout and
by the time limits of outside calls.
"""

from typing import Any

from mediconnect import env
from mediconnect.telemetry.logs import WithoutLinks

wsgi_app = "mediconnect.wsgi"
bind = f"{env.text('HOST', '127.0.0.1')}:{env.integer('PORT', 8000, minimum=1, maximum=65535)}"
worker_class = "gthread"
workers = env.integer("WEB_CONCURRENCY", 2, minimum=1, maximum=64)
threads = env.integer("WEB_THREADS", 25, minimum=2, maximum=200)  # 2 × 25 is the 50 of one instance
timeout = 30
graceful_timeout = 25
keepalive = 5
# A connection pool must not be made before the fork.
preload_app = False
# The newest release would open a socket in the home folder.
control_socket_disable = True
# Request lines are logged by us, without query strings.
accesslog = None
errorlog = "-"
loglevel = "warning"
limit_request_line = 4094
worker_tmp_dir = None


def on_starting(server: Any) -> None:
    """Keep the tokens of links out of what the server itself says of a broken request."""
    server.log.error_log.addFilter(WithoutLinks())
