"""Amazon S3 Control: what an account blocks of its buckets, and which of them are public."""

from collectors.services.s3control.block import (
    FLAG_NAMES,
    BucketBlock,
    Flags,
    PublicAccessBlock,
    public_access_block,
)
from collectors.services.s3control.exposure import (
    BucketAccess,
    Buckets,
    UnseenBucket,
    bucket_access,
)

__all__ = [
    "FLAG_NAMES",
    "BucketAccess",
    "BucketBlock",
    "Buckets",
    "Flags",
    "PublicAccessBlock",
    "UnseenBucket",
    "bucket_access",
    "public_access_block",
]
