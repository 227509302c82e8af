from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Style sheets point to the hashed files; the comments of scripts that name a source map stay as they are, since a library may ship
    without its own."""

    patterns = tuple(row for row in CompressedManifestStaticFilesStorage.patterns if row[0] == "*.css")
