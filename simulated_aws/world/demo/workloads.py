"""What runs where: enough for the presence probe, and one thing too much in the wrong account."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Final

from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import account_id

# Each says an account, a region, and the names of what is there.
INSTANCES: Final = (
    ("network-hub", "eu-west-1", ("proxy-1", "proxy-2")),
    ("shared-services", "eu-west-1", ("ci-runner",)),
    ("storefront-prod", "eu-west-1", ("web-1", "web-2", "web-3")),
    ("warehouse-prod", "eu-central-1", ("label-printer-gateway",)),
    ("corporate-it", "us-east-1", ("file-server",)),
    ("fernhill-shop", "us-east-1", ("shop",)),
    ("sandbox-platform", "us-east-1", ("scratch",)),
)
DATABASES: Final = (
    ("storefront-prod", "eu-west-1", ("orders",)),
    ("payments-prod", "eu-central-1", ("settlements",)),
    ("ledger-prod", "eu-south-2", ("ledger",)),
    ("fernhill-shop", "us-east-1", ("shop",)),
)
FUNCTIONS: Final = (
    ("management", "us-east-1", ("invoice-mailer",)),
    ("search-prod", "eu-west-1", ("reindex",)),
    ("fraud-prod", "eu-central-1", ("score-transaction",)),
)
CLUSTERS: Final = (
    ("payments-prod", "eu-central-1", ("payments",)),
    ("logistics-dev", "eu-central-1", ("tracking",)),
    ("ml-prod", "us-west-2", ("training",)),
)
TABLES: Final = (
    ("storefront-prod", "eu-west-1", ("carts", "sessions")),
    ("warehouse-prod", "eu-central-1", ("stock",)),
    ("payments-staging", "eu-central-1", ("payments",)),
)
FUNCTION_ROLE: Final = "FunctionRole"


def build(builder: Builder) -> None:
    for name, region, instances in INSTANCES:
        for instance in instances:
            _run_instance(builder.client("ec2", account_id(name), region), instance)
    for name, region, databases in DATABASES:
        for database in databases:
            builder.client("rds", account_id(name), region).create_db_instance(
                DBInstanceIdentifier=database,
                DBInstanceClass="db.t4g.medium",
                Engine="postgres",
                AllocatedStorage=50,
                MasterUsername="owner",
                ManageMasterUserPassword=True,
                StorageEncrypted=True,
                PubliclyAccessible=False,
                BackupRetentionPeriod=7,
            )
    for name, region, functions in FUNCTIONS:
        for function in functions:
            _create_function(builder, account_id(name), region, function)
    for name, region, clusters in CLUSTERS:
        for cluster in clusters:
            builder.client("ecs", account_id(name), region).create_cluster(clusterName=cluster)
    for name, region, tables in TABLES:
        for table in tables:
            _create_table(builder.client("dynamodb", account_id(name), region), table)


def _run_instance(ec2: Any, name: str) -> None:
    """In a default subnet: without one moto knows only EC2-Classic, where all are public."""
    ec2.run_instances(
        ImageId="ami-00000000000000001",
        SubnetId=ec2.describe_subnets()["Subnets"][0]["SubnetId"],
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.small",
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}],
    )


def _create_function(builder: Builder, account: str, region: str, name: str) -> None:
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
               "Action": "sts:AssumeRole"}  # fmt: skip
    role = builder.client("iam", account).create_role(
        RoleName=FUNCTION_ROLE,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [service]}),
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context):\n    return event\n")
    builder.client("lambda", account, region).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="handler.handle",
        Code={"ZipFile": code.getvalue()},
    )


def _create_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
