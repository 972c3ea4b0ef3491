"""What is served over HTTP: metrics, health, the API and the pages, all from what is published."""
