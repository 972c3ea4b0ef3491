"""What stands on each page: figures put into words and pictures, before any HTML."""
