"""The clusters of a Region."""

from collectors.services.ecs import clusters
from tests.collectors.services.canned import collect

ARN = "arn:aws:ecs:eu-west-1:222222222222:cluster/main"


def test_it_reads_the_clusters_of_all_pages() -> None:
    found = collect(clusters, {"list_clusters": [{"clusterArns": []}, {"clusterArns": [ARN]}]})

    assert [(cluster.cluster_arn, cluster.cluster_name) for cluster in found] == [(ARN, "main")]
