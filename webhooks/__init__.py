"""The HTTP faces: receivers, machines, API and pages."""
