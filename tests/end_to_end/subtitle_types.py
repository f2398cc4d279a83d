"""For schemathesis, which loads it: subtitles are text, so that it can send the parts of a form as what they are."""

import schemathesis

schemathesis.serializer.alias("application/x-subrip", "text/plain")
schemathesis.serializer.alias("text/vtt", "text/plain")
