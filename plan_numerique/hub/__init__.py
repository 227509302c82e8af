"""The page of a school as every app sees it, and its sheet on paper."""
