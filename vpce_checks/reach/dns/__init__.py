"""What a name resolves to in a VPC: private hosted zones, private DNS of endpoints, Resolver rules, Route 53 Profiles."""
