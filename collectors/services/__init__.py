"""One module per boto3 client: operations, typed facts, fetch and transform."""
