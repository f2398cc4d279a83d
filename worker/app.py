"""`celery -A worker.app worker -P threads -c 100 -E`: the Celery application that workers run."""

import logging
import os
import sys

from shared.discretion import keep_tracebacks_discreet
from shared.errors import KapitolaError
from shared.queue import celery_app
from shared.settings import settings
from worker.tasks import serve

keep_tracebacks_discreet()
# It would log every address in full, and some hold a secret: `?token=...`.
logging.getLogger("httpx2").setLevel(logging.WARNING)
try:
    app = celery_app(settings())
    serve(app, settings())
except KapitolaError as error:
    print(f"kapitola worker: {error}", file=sys.stderr)
    sys.exit(os.EX_CONFIG)
