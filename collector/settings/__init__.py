"""From YAML to frozen Settings, or every finding at once with file, line and key."""
