"""Parse files: the tree, the positions, the errors."""

from __future__ import annotations

import pytest

from vpce_checks.cloudformation.template.loader import MAX_BYTES, load, parse
from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, entry


def plain(node: Node | None) -> object:
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key: plain(item) for key, item in node.entries.items()}
    return node.value if node is not None else None


def read(text: str) -> object:
    document = parse(text.encode(), "t.yaml")
    assert not document.diagnostics, document.diagnostics
    return plain(document.root)


def messages(data: bytes) -> list[tuple[int, str]]:
    return [(item.line, item.message) for item in parse(data, "t.yaml").diagnostics]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: true", {"a": True}),
        ("a: yes", {"a": True}),
        ("a: Off", {"a": False}),
        ("a: 'yes'", {"a": "yes"}),
        ("a: tRue", {"a": "tRue"}),
        ("a:", {"a": None}),
        ("a: 12", {"a": 12}),
        ("a: 012", {"a": "012"}),
        ("a: 1.10", {"a": "1.10"}),
        ("a:\n  -\tb\n  - \t !Ref c\n  - d", {"a": ["b", {"Ref": "c"}, "d"]}),
        ("a: 2010-09-09", {"a": "2010-09-09"}),
        ("a: '12'", {"a": "12"}),
        ("true: 1", {"true": 1}),
        ("a: !Ref B", {"a": {"Ref": "B"}}),
        ("a: !Ref 1", {"a": {"Ref": "1"}}),
        ("a: !Condition B", {"a": {"Condition": "B"}}),
        ("a: !GetAtt B.Arn", {"a": {"Fn::GetAtt": "B.Arn"}}),
        ("a: !Sub 'x${B}'", {"a": {"Fn::Sub": "x${B}"}}),
        ("a: !Join ['', [b, !Ref C]]", {"a": {"Fn::Join": ["", ["b", {"Ref": "C"}]]}}),
        ("a: !If [X, !Ref B, !Ref 'AWS::NoValue']", {"a": {"Fn::If": ["X", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]}}),
        ("a: !Base64\n  Fn::Sub: x", {"a": {"Fn::Base64": {"Fn::Sub": "x"}}}),
        ("a: !!str 12", {"a": "12"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", {"a": {"b": 1, "c": 2}, "d": {"c": 3, "b": 1}}),
        ("\ufeffa: 1", {"a": 1}),
        ('{"a": [1, true, null, "x\\/y", {"b": {}}]}', {"a": [1, True, None, "x/y", {"b": {}}]}),
        ('{\t"a":\t1}', {"a": 1}),
        ('{"a": "\\ud83d\\ude00!", "b": 1}', {"a": "\U0001f600!", "b": 1}),
    ],
)
def test_reads(text: str, expected: object) -> None:
    assert read(text) == expected


def test_utf_16() -> None:
    document = parse("a: 1".encode("utf-16"), "t.yaml")
    assert plain(document.root) == {"a": 1}


TEMPLATE = """\
Resources:
  A:
    Type: x
    Properties:
      Name: !Sub >-
        long
        text

  # about B
  B: {Type: y,
    Properties: {P: [1,
      2]}}
  C:
    Type: z
"""


def spans(document: Document) -> dict[str, tuple[int, int, int, int]]:
    resources = entry(document.root, "Resources")
    assert isinstance(resources, Mapping)
    return {name: document.entry_span(resources, name)[1:] for name in resources.entries}  # type: ignore[misc]


def test_positions_in_yaml() -> None:
    assert spans(parse(TEMPLATE.encode(), "t.yaml")) == {
        "A": (2, 3, 7, 13),
        "B": (10, 3, 12, 11),
        "C": (13, 3, 14, 12),
    }


def test_positions_in_json() -> None:
    text = '{"Resources": {\n  "A": {"Type": "\\ud83d\\ude00"},\n  "B": {\n    "Type": "x"\n  }\n}}'
    assert spans(parse(text.encode(), "t.json")) == {"A": (2, 3, 2, 32), "B": (3, 3, 5, 4)}


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b'{"Resources": {"A": [1,\n', 2, "ends too early"),
        (b"a:\n\t- b\n", 2, "a tab cannot indent YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, 'the key "a" is already set in line 1'),
        (b'{"a": 1,\n "a": 2}', 2, 'the key "a" is already set in line 1'),
        (b"a: !Reff B\n", 1, "unknown CloudFormation tag !Reff"),
        (b"a: 'x\n", 2, "ends too early"),
        (b"a: *x\n", 1, "alias"),
        (b"? [a, b]\n: 1\n", 1, "a key must be a string"),
        (b"[" * 100_000, 1, "nests deeper than 100 levels"),
        (b"a: " + b"- " * 50_000, 1, "not valid YAML"),
        (b"a: \xff\xfe\n", 1, "not UTF-8"),
        (b"a: \x00\n", 1, "not valid YAML"),
        (b"a: 1\nb: 2\nc: \x0b\n", 3, "control characters are not allowed"),
        (b"a: 1\n---\nb: 2\n", 2, "a second YAML document begins here"),
        (b"a: b: c\n", 1, "not valid YAML"),
    ],
)
def test_says_what_is_wrong(data: bytes, line: int, says: str) -> None:
    found = messages(data)
    assert any(at == line and says in message for at, message in found), found


def test_a_duplicate_key_counts_as_cloudformation_takes_it() -> None:
    assert plain(parse(b"a: 1\na: 2\n", "t.yaml").root) == {"a": 2}


def test_alias_bomb() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 100)]
    found = messages("\n".join(lines).encode())
    assert found[0][1].startswith("YAML aliases repeat more than")


def test_hundred_nested_aliases_that_stay_small() -> None:
    lines = ["a0: &a0 {b: 1}"] + [f"a{n}: &a{n} {{b: *a{n - 1}}}" for n in range(1, 90)]
    document = parse("\n".join(lines).encode(), "t.yaml")
    assert not document.diagnostics


def test_a_huge_file_is_not_read(tmp_path: object) -> None:
    path = tmp_path / "huge.yaml"  # type: ignore[operator]
    with open(path, "wb") as stream:
        stream.write(b"Resources:\n")
        stream.truncate(50 * 1024 * 1024)
    document = load(str(path), (str(tmp_path),))
    assert document.root is None
    assert f"larger than {MAX_BYTES // 1024 // 1024} MB" in document.diagnostics[0].message


def test_scalars_keep_their_text() -> None:
    document = parse(b"a: 0o17\nb: 1e3\n", "t.yaml")
    node = entry(document.root, "b")
    assert isinstance(node, Scalar) and node.text == node.value == "1e3"


@pytest.mark.parametrize("encoding", ["latin-1", "shift-jis"])
def test_comments_in_other_encodings(encoding: str) -> None:
    words = {"latin-1": "Gr\u00f6\u00dfe", "shift-jis": "\u8868\u793a"}[encoding].encode(encoding)
    document = parse(b"# " + words + b"\na: 1 # " + words + b"\nb: 'x # y'\n", "t.yaml")
    assert not document.diagnostics
    assert isinstance(document.root, Mapping)
    assert [child.text for child in document.root.entries.values() if isinstance(child, Scalar)] == ["1", "x # y"]
    for text in (b"a: " + words, b"a: ' # " + words + b"'", b'a: " # ' + words + b'"', words + b": # x"):
        (item,) = parse(b"z: 1\n" + text, "t.yaml").diagnostics
        assert (item.severity, item.line) == ("error", 2)
