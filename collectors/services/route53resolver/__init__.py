"""Amazon Route 53 Resolver: which VPCs have their name lookups filtered and logged."""

from collectors.services.route53resolver.dns_firewall import Association, firewall_associations
from collectors.services.route53resolver.query_logs import QueryLog, query_logs

__all__ = ["Association", "QueryLog", "firewall_associations", "query_logs"]
