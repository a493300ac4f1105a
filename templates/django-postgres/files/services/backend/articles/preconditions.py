"""Which version a client believes it is changing: If-Match, or `version` in the body."""

import re

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request

from api.problems import PreconditionRequired

# A proxy that compresses turns the strong tag "3" into the weak one W/"3".
_ENTITY_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def etag(version: int) -> str:
    return f'"{version}"'


def expected_version(request: Request) -> int:
    header = request.headers.get("If-Match")
    if header is not None:
        match = _ENTITY_TAG.fullmatch(header.strip())
        if match is None:
            raise ParseError('If-Match must be the ETag of the article, such as "3".')
        return int(match[1])
    data = request.data
    version = data.get("version") if isinstance(data, dict) else None
    if version is None:
        raise PreconditionRequired("Send the `version` that you read, or its ETag in If-Match.")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValidationError({"version": ["A whole number of at least 1."]})
    return version
