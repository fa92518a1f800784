"""The drawing of a VPC says in its label what it shows, and shows no more boxes than there are ways."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from vpce_checks.base.record import replace
from vpce_checks.project.layout import Layout, SubnetsRow
from vpce_checks.report.html.drawing import MAX_LINES, drawing

ROW = SubnetsRow(
    name="aws_subnet.app",
    count=2,
    zones=("eu-west-1a", "eu-west-1b"),
    tier="private",
    table="aws_route_table.app",
    tables=("aws_route_table.app[0]", "aws_route_table.app[1]"),
    out="NAT gateway aws_nat_gateway.main",
    gateways=("s3",),
    interfaces=(("logs", True), ("sts", False), ("ssm", None)),
)


def drawn(*rows: SubnetsRow, when: tuple[str, ...] = ()) -> ElementTree.Element:
    """Return the drawing as the tree that a browser makes of it."""
    return ElementTree.fromstring("\n".join(drawing("aws_vpc.main", Layout(rows, when))))


def words(figure: ElementTree.Element) -> list[str]:
    return [" ".join(part.itertext()) for part in figure.iter("text")]


def label(figure: ElementTree.Element) -> str:
    (svg,) = figure.iter("svg")
    return svg.attrib["aria-label"]


def test_a_row_shows_subnets_their_table_and_the_ways() -> None:
    figure = drawn(ROW)
    subnets, table, ways = words(figure)
    assert subnets.startswith("aws_subnet.app 2 private subnets in eu-west-1a, eu-west-1b")
    assert subnets.endswith("interface endpoints: logs, sts (DNS off), ssm (DNS not known)")
    assert table == "aws_route_table.app 2 route tables"
    assert ways == "s3: gateway endpoint other calls: NAT gateway aws_nat_gateway.main"
    assert label(figure) == (
        "How calls leave aws_vpc.main: aws_subnet.app, 2 private subnets in eu-west-1a, eu-west-1b, follows "
        "aws_route_table.app, 2 route tables; s3: gateway endpoint other calls: NAT gateway aws_nat_gateway.main; "
        "interface endpoints in it: logs, sts (DNS off), ssm (DNS not known)."
    )


def test_subnets_with_one_way_share_its_boxes() -> None:
    figure = drawn(ROW, replace(ROW, name="aws_subnet.jobs"), replace(ROW, name="aws_subnet.web", tier="public"))
    assert len(words(figure)) == 2 + 1 + 1 + 3
    assert len(list(figure.iter("path"))) == 3 + 2


def test_tables_that_are_not_known_are_not_one() -> None:
    unknown = replace(ROW, tier="unknown", table=None, out=None, gateways=(), count=None, interfaces=())
    figure = drawn(unknown, replace(unknown, name="aws_subnet.jobs"))
    assert words(figure).count("route table not known") == 2
    assert words(figure).count("all calls: not known") == 2
    assert "aws_subnet.jobs perhaps subnets in eu-west-1a, eu-west-1b" in words(figure)


def test_an_isolated_subnet_on_the_main_table() -> None:
    figure = drawn(replace(ROW, tier="isolated", table="", tables=(), out=None))
    assert "the main route table" in words(figure)
    assert "s3: gateway endpoint other calls: no way out" in words(figure)


def test_when_it_is_so() -> None:
    figure = drawn(ROW, when=("Stage is dev", "Size is 1"))
    assert figure.findtext("figcaption") == "How calls leave its subnets when Stage is dev and Size is 1"


def test_no_subnets_no_drawing() -> None:
    assert list(drawing("aws_vpc.main", Layout(()))) == []


def test_everything_lies_inside_the_drawing() -> None:
    many = tuple((f"service-{number}", True) for number in range(40))
    figure = drawn(replace(ROW, name="module.a." * 30 + "aws_subnet.app", interfaces=many), ROW)
    (svg,) = figure.iter("svg")
    width, height = (int(svg.attrib[name]) for name in ("width", "height"))
    for box in figure.iter("rect"):
        left, top, wide, high = (int(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert left > 0 and top > 0 and left + wide < width and top + high < height
    spans = [span for span in figure.iter("tspan") if (span.text or "").startswith("service-")]
    assert len(spans) <= MAX_LINES
    assert any("... 40 in all" in part for part in words(figure))
    assert re.search(r"service-39", label(figure))
