"""Where container images come from."""

import pytest

from roadmap.readings.container_images import is_trusted, place_of

OWN = "222222222222"
ADDONS = "602401143452.dkr.ecr.*.amazonaws.com"
DEFAULT = ["*.dkr.ecr.*.amazonaws.com", "public.ecr.aws/aws-*"]


@pytest.mark.parametrize(
    ("image", "place"),
    [
        ("nginx", ("docker.io", "nginx")),
        ("nginx:1.27", ("docker.io", "nginx")),
        ("bitnami/redis:7", ("docker.io", "bitnami/redis")),
        ("ghcr.io/acme/tool@sha256:abc", ("ghcr.io", "acme/tool")),
        ("localhost/tool", ("localhost", "tool")),
        ("registry:5000/tool:1", ("registry:5000", "tool")),
        ("Public.ECR.aws/aws-cli/aws-cli:2", ("public.ecr.aws", "aws-cli/aws-cli")),
    ],
)
def test_an_image_names_its_host_or_is_docker_hubs(image: str, place: tuple[str, str]) -> None:
    assert place_of(image) == place


@pytest.mark.parametrize(
    ("image", "patterns", "trusted"),
    [
        (f"{OWN}.dkr.ecr.eu-west-1.amazonaws.com/web:1", [], True),
        (f"{OWN}.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web:1", [], True),
        (f"{OWN}.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1", [], True),
        (f"{OWN}.dkr-ecr.eu-west-1.on.aws/web:1", [], True),
        (f"{OWN}.dkr.ecr.eu-west-1.amazonaws.com.evil.example/web:1", [], False),
        ("999999999999.dkr.ecr.eu-west-1.amazonaws.com/web:1", DEFAULT, False),
        ("602401143452.dkr.ecr.eu-west-1.amazonaws.com/pause:3", [*DEFAULT, ADDONS], True),
        ("public.ecr.aws/aws-cli/aws-cli", DEFAULT, True),
        ("public.ecr.aws/stranger/tool", DEFAULT, False),
        ("nginx", DEFAULT, False),
        ("nginx", ["docker.io/nginx"], True),
        ("nginx", ["docker.io"], True),
        ("ghcr.io/acme/tool", ["ghcr.io/acme/*"], True),
        ("", DEFAULT, False),
    ],
)  # fmt: skip
def test_an_image_is_trusted_by_its_registry(
    image: str, patterns: list[str], trusted: bool
) -> None:
    assert is_trusted(image, {OWN}, patterns) is trusted
