"""PDF of the app, each in its module."""
