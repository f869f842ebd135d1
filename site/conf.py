"""How Sphinx makes the site of the pages that `autograder site` lays out for it."""

from pathlib import Path

project = "Downhill"
html_title = "Downhill"
language = "en"
root_doc = "index"
extensions = ["myst_parser", "autograder.publishing.extension"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["dollarmath"]
myst_disable_syntax = ["myst_role", "myst_target", "myst_line_comment", "myst_block_break"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
smartquotes = False

html_theme = "furo"
html_math_renderer = "downhill"
html_favicon = "static/favicon.svg"
html_search_scorer = str(Path(__file__).with_name("search.js"))
html_css_files = ["downhill.css", "site.css"]
html_js_files = [("downhill.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
html_permalinks_icon = "#"
html_theme_options = {"navigation_with_keys": False}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
