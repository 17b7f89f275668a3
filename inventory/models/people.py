"""Teams and people: who owns accounts and whom to write to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse


class Person(models.Model):
    """Somebody with an e-mail address; signing in is not needed to be a contact."""

    email = models.EmailField("e-mail", unique=True, help_text="Kept in lower case.")
    name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, blank=True, help_text="E.164, such as +4930123456.")
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["email"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name or self.email


class Team(models.Model):
    """A team that owns accounts."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True)
    email = models.EmailField("e-mail", blank=True)
    lead = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="led_teams"
    )
    description = models.TextField(blank=True)
    members = models.ManyToManyField(Person, through="TeamMembership", related_name="teams")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_any_case")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("roadmap:team", args=[self.slug])


class TeamMembership(models.Model):
    """Who was in which team when; ``valid_to`` is empty while it lasts."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "person"],
                condition=models.Q(valid_to__isnull=True),
                name="membership_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"
