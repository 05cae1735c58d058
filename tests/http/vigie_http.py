"""What schemathesis does not know of the doors: two types of bodies are bytes as they are."""

import schemathesis

schemathesis.serializer.alias(
    ["application/vnd.vigie.sync", "application/offset+octet-stream"], "application/octet-stream"
)
