import pytest
from django.test import Client

from inventory.models import Role, User


@pytest.mark.django_db
def test_items_are_found_by_a_word_of_their_title(client: Client) -> None:
    client.force_login(User.objects.create_user("v@example.com", role=Role.VIEWER))
    found = client.get("/search/?q=s3 public").content.decode()
    assert 'href="/roadmap/visibility/s3_block_public/"' in found
    assert "Roadmap items" not in client.get("/search/?q=no such thing").content.decode()
