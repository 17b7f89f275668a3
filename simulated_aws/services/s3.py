"""S3: the list of buckets with their regions and ARNs, in pages; the rest is moto's."""

from __future__ import annotations

import base64
from typing import Final

from moto.s3.models import s3_backends

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(
    limit=10000, size="MaxBuckets", cursor="ContinuationToken", error="InvalidArgument"
)


@answers("s3", "ListBuckets")
def list_buckets(call: Call) -> Result:
    prefix = call.parameters.get("Prefix") or ""
    region = call.parameters.get("BucketRegion")
    buckets = [
        {
            "Name": bucket.name,
            "BucketArn": f"arn:aws:s3:::{bucket.name}",
            "BucketRegion": bucket.region_name,
            "CreationDate": bucket.creation_date,
        }
        for bucket in sorted(
            s3_backends[call.account]["aws"].buckets.values(), key=lambda b: str(b.name)
        )
        if str(bucket.name).startswith(prefix) and region in (None, bucket.region_name)
    ]
    owner = base64.b16encode(call.account.encode()).decode().lower().ljust(64, "0")
    return {"Owner": {"ID": owner}, **PAGES.page(call, "Buckets", buckets)}
