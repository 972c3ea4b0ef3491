"""All that the pages say, in both languages."""
