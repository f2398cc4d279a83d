"""`celery -A worker.app worker -P threads -c 100 -E`: the Celery application that workers run."""

import os
import sys

from shared.errors import KapitolaError
from shared.queue import celery_app
from shared.settings import settings
from worker.tasks import serve

app = celery_app(settings())
try:
    serve(app, settings())
except KapitolaError as error:
    print(f"kapitola worker: {error}", file=sys.stderr)
    sys.exit(os.EX_CONFIG)
