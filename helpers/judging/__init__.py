"""From an answer to a sentence: asking it everything, and saying what its mistake looks like.

The same code for the judge, in its own process, and for `examine`, in the student's notebook.
"""
