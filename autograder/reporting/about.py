"""What the numbers of a report mean, and what they cannot say: the last part of its page."""

from __future__ import annotations

from autograder.reporting.findings import Report
from autograder.reporting.statistics import FEWEST, FEWEST_APART, RESAMPLED

LINES = (
    "The class is all students in the gradebook, and whoever has handed in. Who never handed in is "
    "known only if the roster was entered there.",
    "Who has not handed in a lesson, or handed in no answer at all, is in none of its statistics: "
    "that is no zero. A blank answer of somebody who answered other questions is one.",
    "A written answer that waits for a person is in no mean and no correlation until it is graded. "
    "Points are those before anything was taken off for lateness.",
    "The file that was graded last counts, once; earlier attempts are not in the records.",
    "Mistakes are the same where students read the same sentence, whatever numbers are in it. An "
    "answer has one: the one that its sentence names. Examples are without "
    "names, texts and comments: a name that is neither the course's nor Python's is a number, "
    "a text that stands in no released or known answer is …. In sentences such words are … too; "
    "answers.csv has each as its student read it.",
    "A property is lost where it was asked for and missing. Where the value itself, the first, is "
    "wrong, the others are not asked.",
    "Correlation: of the share earned in a question with the share earned in all others of the "
    "lesson. The interval holds 95 % of {resampled} resampled classes. One such interval in "
    "twenty misses the truth by chance; there are {told}. Below {fewest} students, or where fewer "
    "than {apart} differ from the rest, nothing is said. A low correlation may also be that of a "
    "question on something else: look at its mistakes before you blame it.",
    "What is expected of a student in a lesson comes from this student's other lessons, beside the "
    "class, and is drawn to the class's mean where they are few; it takes two others. A trend is "
    "in standard deviations of the class, gained or lost with each lesson; it takes three. Falling "
    "behind is said where its whole 95 % interval lies below 0; by chance that is so for about "
    "{falling:.0f} of {trends} students.",
)


def about(report: Report) -> str:
    told = sum(question.discrimination is not None for question in report.questions)
    trends = sum(student.trend is not None for student in report.students)
    values = {
        "resampled": RESAMPLED,
        "told": told,
        "fewest": FEWEST,
        "falling": 0.025 * trends,
        "trends": trends,
        "apart": FEWEST_APART,
    }
    return f"<ul>{''.join(f'<li>{line.format(**values)}</li>' for line in LINES)}</ul>"
