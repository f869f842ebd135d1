"""The course on the web: pages that need no server, no kernel and no network beyond themselves."""
