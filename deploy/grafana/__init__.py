"""Grafana dashboards as code; `generated/` is what Grafana reads."""
