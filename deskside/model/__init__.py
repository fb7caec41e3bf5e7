"""The vocabulary: what every room means by ticket, client, service, health report, place and effect."""
