"""Every command that a document or a message tells somebody to type is one that the program takes."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.server import ROOT

from traceqr.cli import main

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = sorted((ROOT / "traceqr").rglob("*.py"))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?: {4}|\t)(.*)$", re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
MENTIONED = re.compile(r"\btraceqr(?: +[^\s;,]+)+")
"""In a message a command ends where the sentence goes on: at a comma, a semicolon or the end."""

PLACEHOLDER = re.compile(r"\$|\{|^[A-Z][A-Z_.a-z]*$|^\.\.\.$|^…$")
"""What stands for a value: a shell's variable, a formatted value, a word such as FILE or FILE.csv."""


# --- what a command must be


def fault(words: list[str]) -> str | None:
    """What is wrong with the words after `traceqr`, or None. Files need not be there, nor numbers be issued."""
    try:
        command, rest = _resolve(main, words)
        if isinstance(command, click.Group):
            return None if not rest or _is_whole(command, rest) else f"no such command: {rest[0]}"
        return _arguments_fault(command, rest)
    except click.UsageError as error:
        return error.format_message()


def _resolve(command: click.Command, words: list[str]) -> tuple[click.Command, list[str]]:
    """Follow the groups by name."""
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return command, words
        command, words = found, words[1:]
    return command, words


def _is_whole(group: click.Group, words: list[str]) -> bool:
    """Options alone, such as `--version`."""
    return all(word.startswith("-") for word in words) and not _arguments_fault(group, words)


def _arguments_fault(command: click.Command, words: list[str]) -> str | None:
    context = click.Context(command, info_name=command.name, help_option_names=["-h", "--help"])
    given, left, _ = command.make_parser(context).parse_args(list(words))
    for param in command.get_params(context):
        value = given.get(str(param.name))
        if param.required and (value is None or param.value_is_missing(value)):
            return f"missing: {param.get_error_hint(context)}"
        if isinstance(value, str) and not PLACEHOLDER.search(value) and _is_pure(param.type):
            param.type.convert(value, param, context)
    return f"too many arguments: {left}" if left else None


def _is_pure(kind: click.ParamType) -> bool:
    """Whether values can be judged without a folder or a registry."""
    return isinstance(kind, click.Choice | click.types.IntParamType)


# --- where commands stand


def typed(script: str) -> Iterator[list[str]]:
    """The words after `traceqr` of every command in lines for a shell."""
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
        for at, word in enumerate(words):
            if re.search(r"\btraceqr +[a-z]", word):  # a script for another shell, in quotes
                yield from typed(word)
            if Path(word).name == "traceqr" and (at == 0 or not _is_argument(words[at - 1])):
                end = next((past for past in range(at, len(words)) if set(words[past]) <= set("|&;()<>")), len(words))
                yield words[at + 1 : end]


def _is_argument(before: str) -> bool:
    """Whether a word follows that is an argument of `before`, and no command of its own."""
    return not (set(before) <= set("|&;(") or before in ("do", "then", "else", "if", "while", "!", "exec"))


def in_document(text: str) -> Iterator[tuple[list[str], bool]]:
    """Commands of a document, and whether each must be whole: one named in a sentence by its words alone need not."""
    fenced = [script for language, script in FENCE.findall(text) if language in ("", "sh", "console", "bash")]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = "\n".join(line for line in INDENTED.findall(prose) if re.search(r"\btraceqr [a-z]", line))
    for script in (*fenced, indented):
        for words in typed(script):
            yield words, True
    for code in INLINE.findall(INDENTED.sub("", prose)):
        if re.match(r"(\S*/)?traceqr [a-z]", code) and ", " not in code:  # a text with a comma is none to type
            for words in typed(" ".join(code.split())):
                yield words, _names_arguments(words)


def _names_arguments(words: list[str]) -> bool:
    """Whether more stands there than the command's name; one option may be named for itself."""
    _, rest = _resolve(main, words)
    return bool(rest) and not (len(rest) == 1 and rest[0].startswith("--"))


def in_module(source: str) -> Iterator[tuple[list[str], bool]]:
    """Commands in the messages of a module; what follows `run:` must be whole. Formatted values stand as `{}`."""
    for text in _texts(ast.parse(source)):
        for found in MENTIONED.finditer(text):
            words = found[0].rstrip(".:)").split()[1:]
            told_to_run = re.search(r"\brun:\s*$", text[: found.start()]) is not None
            if told_to_run or (words and words[0] in _first_words()):
                yield _sentence_off(words), told_to_run or _names_arguments(_sentence_off(words))


def _first_words() -> list[str]:
    """What may follow the program's name."""
    assert isinstance(main, click.Group)
    return main.list_commands(click.Context(main))


def _sentence_off(words: list[str]) -> list[str]:
    """The words up to where the sentence goes on."""
    ends = [at for at, word in enumerate(words) if word in ("and", "or", "then", "to", "needs", "which")]
    return words[: ends[0]] if ends else words


def _texts(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, docstrings and comments apart."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    skipped = {id(node.value) for node in nodes if isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def found_in(paths: list[Path]) -> dict[str, list[tuple[list[str], bool]]]:
    read = in_module if paths is MODULES else in_document
    found = {str(path.relative_to(ROOT)): list(read(path.read_text(encoding="utf-8"))) for path in paths}
    return {name: commands for name, commands in found.items() if commands}


def faults(commands: list[tuple[list[str], bool]]) -> list[str]:
    """One line for each command that the program would not take."""
    told = []
    for words, whole in commands:
        wrong = fault(words) if whole else _name_fault(words)
        if wrong:
            told.append(f"traceqr {shlex.join(words)}: {wrong}")
    return told


def _name_fault(words: list[str]) -> str | None:
    command, rest = _resolve(main, words)
    if not rest:
        return None
    if isinstance(command, click.Group):
        return f"no such command: {rest[0]}"
    known = {name for param in command.params for name in param.opts}
    return None if rest[0] in known else f"no such option: {rest[0]}"


# --- the tests


@pytest.mark.parametrize(("name", "commands"), found_in(DOCUMENTS).items())
def test_documents(name: str, commands: list[tuple[list[str], bool]]) -> None:
    assert faults(commands) == []


@pytest.mark.parametrize(("name", "commands"), found_in(MODULES).items())
def test_messages(name: str, commands: list[tuple[list[str], bool]]) -> None:
    assert faults(commands) == []


def test_all_of_them_are_found() -> None:
    """So that a document written otherwise does not slip through unread."""
    documents = {name: len(commands) for name, commands in found_in(DOCUMENTS).items()}
    assert documents["README.md"] >= 20
    assert documents["docs/operating.md"] >= 12
    assert documents["docs/importing.md"] >= 6
    messages = [" ".join(words) for commands in found_in(MODULES).values() for words, whole in commands if whole]
    for words in ("init", "migrate", "keys new", "claim accept ID --by ORGANISATION", "batch issue --gtin GTIN"):
        assert any(message.startswith(words) for message in messages), words


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ("traceqr batch isue --gtin 6999901100015", "no such command: isue"),
        ("traceqr begin", "no such command: begin"),
        ("n=$(traceqr batch issue --gtin 6999901100015 --json | tail -n 1)", "missing: '--count'"),
        ("cd / && traceqr claim accept --by X", "missing: 'CLAIM_ID'"),
        ("for i in 1; do traceqr keys retire $i; done", "missing: '--reason'"),
        ("true || traceqr batch recall 1 --because x --reason y", "No such option"),
        ("traceqr batch labels 1 --format bmp -o labels.bmp", "'bmp' is not one of"),
        ("traceqr batch labels one --format csv", "'one' is not a valid integer"),
        ("traceqr init now", "too many arguments: ['now']"),
        ("$ traceqr keys backup # where to?", "missing: 'FILE'"),
        ("sudo -u traceqr bash -c 'set -a; exec /opt/bin/traceqr inti'", "no such command: inti"),
        ("ExecStart=/opt/bin/traceqr serve --port 80", "No such option"),
    ],
)
def test_what_is_not_taken_is_told(script: str, wrong: str) -> None:
    for told in (list(in_document(f"```sh\n{script}\n```\n")), [(words, True) for words in typed(script)]):
        (said,) = faults(told)
        assert wrong in said


@pytest.mark.parametrize(
    "script",
    [
        'n=$(traceqr batch issue --gtin "$gtin" --count "$n" --active --json | python3 -c "print(1)")',
        "/opt/traceqr/bin/traceqr keys backup FILE",
        "traceqr claim accept ID --by ORGANISATION",
        "echo traceqr is the name; traceqr --version",
    ],
)
def test_what_is_taken(script: str) -> None:
    assert faults(list(in_document(f"```sh\n{script}\n```\n"))) == []


def test_code_in_a_sentence() -> None:
    """The name of a command is enough there, yet it must be one."""
    assert faults(list(in_document("`traceqr batch issue` and `traceqr serve --workers`"))) == []
    assert faults(list(in_document("`traceqr keys restore`, `traceqr keys rescue`"))) == [
        "traceqr keys rescue: no such command: rescue"
    ]
    assert len(faults(list(in_document("`traceqr serve --wokers`, `traceqr keys restore A B`")))) == 2


def test_messages_of_a_bad_module() -> None:
    source = '''
def f(path):
    """Like traceqr frobnicate, which docstrings may say."""
    raise Error(f"found none at {path}; run: traceqr claim refuse 7")
    raise Error("expected one, to make it,"
        " run: traceqr makeit")
    say(f"print them: traceqr batch labels {path} --format tiff, or traceqr batch issue")
'''
    told = faults(list(in_module(source)))
    assert told[:2] == ["traceqr claim refuse 7: missing: '--by'", "traceqr makeit: no such command: makeit"]
    assert len(told) == 3
    assert "'tiff' is not one of" in told[2]
