"""The database that a gradebook lies in: made whole, copied, and told in words where it refuses."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import nbgrader
from nbgrader.api import Base, Gradebook, InvalidEntry
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from autograder.authoring.nbgrader_api import advised, scripts, shown, upgrade
from autograder.course import PART, CourseError

FOR_ALL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of writing that whoever comes next would meet as well."""
VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))
"""Where a gradebook says which form it has."""


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """The database's errors as they are: nbgrader prints a traceback and raises its own instead."""
    log = logging.getLogger("tornado.application")  # which nbgrader takes for its own
    before, log.disabled = log.disabled, True
    try:
        yield
    except InvalidEntry as error:
        if isinstance(error.__context__, SQLAlchemyError):
            raise error.__context__ from None
        raise
    finally:
        log.disabled = before


@contextlib.contextmanager
def opened(db_url: str, course_id: str) -> Iterator[Gradebook]:
    """The gradebook at this address, made where there is none.

    Raises `CourseError` where the database cannot be reached, or another nbgrader made it.
    """
    try:
        with plainly():
            _create(db_url, course_id)
            check_age(db_url)
            book = Gradebook(db_url, course_id)
    except (SQLAlchemyError, ImportError) as error:
        text = str(error).split("\n")[0]
        raise CourseError(f"the gradebook {shown(db_url)} cannot be opened: {text}") from error
    with book:
        yield book


def file_of(db_url: str) -> Path | None:
    """The SQLite file of this address; None for any other database."""
    url = make_url(db_url)
    path = Path(url.database or "")
    sqlite = url.get_backend_name() == "sqlite" and "uri" not in url.query
    return path if sqlite and path.name not in ("", ":memory:") else None


def _create(db_url: str, course_id: str) -> None:
    """A new SQLite file gets its name when it is complete; nbgrader fills it in several steps."""
    path = file_of(db_url)
    if path is None or path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    aside = make_url(db_url).set(database=str(part)).render_as_string(hide_password=False)
    try:
        with Gradebook(aside, course_id):
            pass
        try:
            os.link(part, path)
        except FileExistsError:
            pass  # another was faster, and may have written into it
        except OSError:  # no such links here
            part.replace(path)
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            left.unlink(missing_ok=True)


def check_age(db_url: str) -> None:
    """Raise `CourseError` where another version of nbgrader made the gradebook.

    It is only looked at: nbgrader itself would make the tables that an older one lacks.
    """
    with reading(db_url) as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return
        query = select(VERSION.c.version_num)
        found = connection.scalar(query) if VERSION.name in tables else None
    known = [revision.revision for revision in scripts().walk_revisions()]
    if found in known[1:] or found is None:
        raise CourseError(f"the gradebook {shown(db_url)}: {upgrade(db_url)}")
    if found not in known:
        raise CourseError(
            f"the gradebook {shown(db_url)}: a newer nbgrader made it than {nbgrader.__version__}, "
            "which is installed here: pip install --upgrade nbgrader"
        )


@contextlib.contextmanager
def reading(db_url: str) -> Iterator[Connection]:
    """A connection of its own, which is closed for good."""
    engine = create_engine(db_url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def copied(db_url: str, to: str) -> None:
    """What stands in a gradebook, into a new one at another address; nothing where there is none.

    Raises `CourseError` where another nbgrader made it.
    """
    path = file_of(db_url)
    if path is not None and not path.exists():
        return
    check_age(db_url)
    engine = create_engine(to)
    tables = [*Base.metadata.sorted_tables, VERSION]
    with reading(db_url) as old, engine.begin() as new:
        there = inspect(old).get_table_names()
        for table in tables:
            table.create(new)
            rows = [dict(row) for row in old.execute(select(table)).mappings()] if there else []
            if rows:
                new.execute(insert(table), rows)
    engine.dispose()


def for_all(error: Exception) -> bool:
    """Whether a class has to stop: the disk is full, or the gradebook locked, damaged or gone."""
    if isinstance(error, OSError):
        return error.errno in FOR_ALL
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def in_words(error: Exception, db_url: str) -> str:
    """A sentence on what the disk or the database refuses."""
    if isinstance(error, OSError):
        what = error.strerror or str(error) or type(error).__name__
        return f"{error.filename}: {what}" if error.filename else what
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    return f"the gradebook {shown(db_url)} cannot be used: {advised(cause, db_url)}"


@contextlib.contextmanager
def explained(db_url: str, so_far: Callable[[], str] = str) -> Iterator[None]:
    """Turn what the disk or the database refuses into a `CourseError` of one sentence.

    so_far: what is to be said of the work that is done already.
    """
    try:
        yield
    except (OSError, SQLAlchemyError, InvalidEntry) as error:
        raise CourseError(in_words(error, db_url) + so_far()) from error
