"""Amazon Route 53 Resolver: which VPCs have their name lookups filtered and logged."""

from collectors.services.route53resolver.dns_firewall import Association, firewall_associations

__all__ = ["Association", "firewall_associations"]
