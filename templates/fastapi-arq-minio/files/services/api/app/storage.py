"""Objects in an S3 server: put in parts, read in chunks, never whole in memory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError

from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_int,
    env_str,
    read_secret,
    secret_path,
    secret_values,
)

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_s3.type_defs import ListObjectsV2OutputTypeDef, UploadPartOutputTypeDef

logger = logging.getLogger(__name__)

SECRET = ("S3_SECRET_KEY_FILE", "s3_app_secret_key")
CHUNK_BYTES = 256 * 1024
# S3's smallest part is 5 MiB, and 10,000 parts are the most: 8 MiB reach for 78 GiB.
PART_BYTES = 8 * 1024 * 1024

# A HEAD has no body that could say more than its status.
_REFUSALS = frozenset({"SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied", "403"})
_FULL = frozenset({"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded"})
_MISSING = frozenset({"NoSuchKey", "NoSuchUpload", "404", "NotFound"})


class StorageUnavailable(Exception):  # noqa: N818 - a state, told to the client as one
    """Object storage does not answer, or cannot take more."""


class StorageFull(StorageUnavailable):
    """It answers that its disk is full: the operator's business, and no repetition helps."""


class ObjectMissing(Exception):  # noqa: N818 - as above
    """There is no such object."""


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    etag: str


class Store(Protocol):
    """What the application asks of object storage. `byte_range` is "bytes=first-last"."""

    async def put(self, key: str, body: bytes, content_type: str) -> None: ...

    async def start_parts(self, key: str, content_type: str) -> str: ...

    async def put_part(self, key: str, upload: str, number: int, body: BytesIO) -> Part: ...

    async def finish_parts(self, key: str, upload: str, parts: Sequence[Part]) -> None: ...

    async def abort_parts(self, key: str, upload: str) -> None: ...

    def read(
        self, key: str, byte_range: str | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...

    async def delete(self, *keys: str) -> None: ...

    def keys(self, prefix: str, *, before: datetime) -> AsyncIterator[str]:
        """Objects that were last written before a moment."""
        ...

    async def check(self) -> None: ...

    async def close(self) -> None: ...


class ObjectStore:
    """One bucket. The key file is read again when the server refuses what was in it."""

    def __init__(
        self, *, bucket: str, access_key: str, secret_file: Path, options: dict[str, Any]
    ) -> None:
        self._bucket = bucket
        self._access_key = access_key
        self._secret_file = secret_file
        self._options = options
        self._stack = AsyncExitStack()
        self._session = get_session()
        self._clients: dict[str, S3Client] = {}
        self._opening = asyncio.Lock()
        self._good: str | None = None

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        await self._call(
            lambda s3: s3.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType=content_type
            )
        )

    async def start_parts(self, key: str, content_type: str) -> str:
        answer = await self._call(
            lambda s3: s3.create_multipart_upload(
                Bucket=self._bucket, Key=key, ContentType=content_type
            )
        )
        return answer["UploadId"]

    async def put_part(self, key: str, upload: str, number: int, body: BytesIO) -> Part:
        answer = await self._call(partial(self._put_part, key, upload, number, body))
        return Part(number, answer["ETag"])

    async def finish_parts(self, key: str, upload: str, parts: Sequence[Part]) -> None:
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        await self._call(
            lambda s3: s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": listed},  # type: ignore[typeddict-item]
            )
        )

    async def abort_parts(self, key: str, upload: str) -> None:
        with suppress(ObjectMissing):  # somebody was faster
            await self._call(
                lambda s3: s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
            )

    @asynccontextmanager
    async def read(
        self, key: str, byte_range: str | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        more: Any = {} if byte_range is None else {"Range": byte_range}
        answer = await self._call(lambda s3: s3.get_object(Bucket=self._bucket, Key=key, **more))
        async with answer["Body"] as body:
            yield _chunks(body)

    async def delete(self, *keys: str) -> None:
        for key in keys:
            # Deleting what is not there is no error in S3.
            await self._call(partial(self._delete, key))

    async def keys(self, prefix: str, *, before: datetime) -> AsyncIterator[str]:
        start = ""
        while True:
            answer = await self._call(partial(self._list, prefix, start))
            for one in answer.get("Contents", []):
                start = one["Key"]
                if one["LastModified"] < before:
                    yield start
            if not answer.get("IsTruncated"):
                return

    async def _list(self, prefix: str, start: str, s3: "S3Client") -> "ListObjectsV2OutputTypeDef":
        return await s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, StartAfter=start)

    async def _delete(self, key: str, s3: "S3Client") -> None:
        await s3.delete_object(Bucket=self._bucket, Key=key)

    async def _put_part(
        self, key: str, upload: str, number: int, body: BytesIO, s3: "S3Client"
    ) -> "UploadPartOutputTypeDef":
        body.seek(0)  # also when another key is tried
        return await s3.upload_part(
            Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=body
        )

    async def check(self) -> None:
        await self._call(lambda s3: s3.head_bucket(Bucket=self._bucket))

    async def close(self) -> None:
        self._clients.clear()
        await self._stack.aclose()

    async def _call[T](self, request: Callable[["S3Client"], Awaitable[T]]) -> T:
        refused: dict[str, ClientError] = {}
        while True:
            secret = self._choose(refused)
            if secret is None:
                last = next(reversed(refused.values()), None)
                raise StorageUnavailable(str(last)) from last
            try:
                answer = await request(await self._client_of(secret))
            except ClientError as error:
                self._raise_known(error)
                refused[secret] = error
            except (BotoCoreError, OSError, TimeoutError) as error:
                raise StorageUnavailable(str(error) or type(error).__name__) from error
            else:
                self._good = secret
                return answer

    def _choose(self, refused: Container[str]) -> str | None:
        """The key that was taken last; else what the file holds, as it is now."""
        if self._good is not None and self._good not in refused:
            return self._good
        values = secret_values(self._secret_file)
        return next((value for value in values if value not in refused), None)

    def _raise_known(self, error: ClientError) -> None:
        """Returns when it is the key that was refused, and another one may help."""
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code in _MISSING:
            raise ObjectMissing(str(error)) from error
        if code in _FULL or status == 507:
            raise StorageFull(str(error)) from error
        if code not in _REFUSALS:
            raise StorageUnavailable(str(error)) from error

    async def _client_of(self, secret: str) -> "S3Client":
        # Those of keys before stay open until the end: others may be in the middle of a part.
        async with self._opening:
            if secret not in self._clients:
                self._clients[secret] = await self._stack.enter_async_context(
                    self._session.create_client(
                        "s3",
                        aws_access_key_id=self._access_key,
                        aws_secret_access_key=secret,
                        **self._options,
                    )
                )
            return self._clients[secret]


async def _chunks(body: Any) -> AsyncIterator[bytes]:
    try:
        while chunk := await body.read(CHUNK_BYTES):
            yield chunk
    except (BotoCoreError, OSError, TimeoutError) as error:
        raise StorageUnavailable(str(error) or type(error).__name__) from error


def open_store() -> ObjectStore:
    """The store that S3_* describes."""
    host = env_str("S3_HOST")
    if not host:
        raise ConfigurationError("S3_HOST is not set: name the S3 server.")
    tls = env_bool("S3_TLS", default=False)
    port = env_int("S3_PORT", 9000, minimum=1)
    authority = env_str("S3_CA_FILE")
    if tls and authority and not Path(authority).is_file():
        raise ConfigurationError(
            f"S3_CA_FILE={authority!r} is no file. Run `ops/tls` in the project directory."
        )
    read_secret(*SECRET)  # a missing file ends the process now, not at the first upload
    return ObjectStore(
        bucket=env_str("S3_BUCKET", "files"),
        access_key=env_str("S3_USER", "app"),
        secret_file=secret_path(*SECRET),
        options={
            "endpoint_url": f"{'https' if tls else 'http'}://{host}:{port}",
            "region_name": env_str("S3_REGION", "us-east-1"),
            "verify": authority or None,
            "config": AioConfig(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=3,
                read_timeout=env_int("S3_READ_TIMEOUT_SECONDS", 30, minimum=1),
                retries={"max_attempts": 3, "mode": "standard"},
                max_pool_connections=env_int("S3_POOL_MAX", 32, minimum=1),
                # Not every S3 server knows the newer checksums; ours is the SHA-256 of the row.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    )
