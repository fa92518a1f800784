"""Which commands a script runs, and which words in it are only words."""

from __future__ import annotations

import pytest

from vpce_checks.model.values import PartialString, Reference, Unknown, Value
from vpce_checks.workloads.scripts import helper_of, joins_cluster

STACK = Reference("AWS::StackName", kind="parameter")
REGION = Reference("AWS::Region", kind="parameter")

JOINS = [
    "#!/bin/bash\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config",
    "#!/bin/bash\n  echo 'ECS_CLUSTER=main' | sudo tee -a /etc/ecs/ecs.config",
    '#!/bin/bash\necho -e "ECS_BACKEND_HOST=\\nECS_CLUSTER=main" >> /etc/ecs/ecs.config',
    "#!/bin/bash\ncat <<'EOF' >> /etc/ecs/ecs.config\nECS_CLUSTER=main\nECS_LOGLEVEL=debug\nEOF",
    "#cloud-config\nruncmd:\n  - echo ECS_CLUSTER=main >> /etc/ecs/ecs.config",
    "grep -q ECS_CLUSTER= /etc/ecs/ecs.config || echo ECS_CLUSTER=main >> /etc/ecs/ecs.config",
    PartialString(("#!/bin/bash\necho ECS_CLUSTER=", Reference("Crew"), " >> /etc/ecs/ecs.config")),
]


@pytest.mark.parametrize("script", JOINS)
def test_scripts_that_join_a_cluster(script: Value) -> None:
    assert joins_cluster(script)


@pytest.mark.parametrize(
    "script",
    [
        "sed -i '/ECS_CLUSTER=/d' /etc/ecs/ecs.config; systemctl disable --now ecs",
        "grep -v '^ECS_CLUSTER=' /etc/ecs/ecs.config > /tmp/x && mv /tmp/x /etc/ecs/ecs.config",
        "# echo ECS_CLUSTER=main >> /etc/ecs/ecs.config",
        "cp a /etc/ecs/ecs.config # ECS_CLUSTER=main",
        "echo ECS_CLUSTER= >> /etc/ecs/ecs.config",
        "echo ECS_CLUSTER=main",
        "echo set ECS_CLUSTER=main in /etc/ecs/ecs.config",
        None,
        Unknown(()),
    ],
)
def test_words_that_join_no_cluster(script: Value) -> None:
    assert not joins_cluster(script)


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("#!/bin/bash\n/opt/aws/bin/cfn-init -v --stack s --resource r", "cfn-init"),
        ("#!/bin/bash\n/opt/aws/bin/cfn-init -v -s s -r r || exit 1", "cfn-init"),
        ("yum update -y && sudo cfn-init \\\n  --stack s \\\n  --resource r", "cfn-init"),
        ("<powershell>\ncfn-init.exe -v -s s -r r", "cfn-init"),
        ("if ! /opt/aws/bin/cfn-init -s s -r r; then exit 1; fi", "cfn-init"),
        ("trap '/opt/aws/bin/cfn-signal -e 1 --stack s --resource r' ERR", "cfn-signal"),
        ("/opt/aws/bin/cfn-hup", "cfn-hup"),
        ("cat > /x <<EOF\nnothing\n  EOF\ncfn-init -s s -r r", "cfn-init"),
        ("runcmd:\n  - /opt/aws/bin/cfn-hup -v", "cfn-hup"),
        ("grep -q debug <<< debug\ncfn-init -s s -r r", "cfn-init"),
        ("read -r a <<<word\ncfn-init -s s -r r", "cfn-init"),
        ("size=$((1 << 4))\ncfn-init -s s -r r", "cfn-init"),
    ],
)
def test_helpers_that_call(script: str, name: str) -> None:
    helper = helper_of(script)
    assert helper is not None
    assert helper.name == name


@pytest.mark.parametrize(
    "script",
    [
        '/opt/aws/bin/cfn-signal -e $? "https://cloudformation-waitcondition.example.com/x"',
        "tail -n 50 /var/log/cfn-init.log || true",
        "systemctl disable --now cfn-hup",
        'content: "this host is not managed with cfn-init"',
        "yum install -y aws-cfn-bootstrap # cfn-init --stack s",
        "# /opt/aws/bin/cfn-init --stack s",
        "echo cfn-init --stack s failed",
        "cfn-hup is not used here",
        "rm -f /opt/aws/bin/cfn-hup",
        "cat > /opt/later.sh <<'EOF'\n/opt/aws/bin/cfn-init -s s -r r\nEOF",
        "cat > /opt/later.sh <<-EOF\n/opt/aws/bin/cfn-init -s s -r r",
    ],
)
def test_words_that_call_nobody(script: str) -> None:
    assert helper_of(script) is None


def test_the_region_of_a_helper() -> None:
    begin = "# of {}\n/opt/aws/bin/cfn-init -v --stack "
    assert helper_of(begin + "s --region us-east-1 --resource r").region == "us-east-1"  # type: ignore[union-attr]
    parts = ("# of ", STACK, "\n/opt/aws/bin/cfn-init -v --stack ", STACK, " --resource r --region ", REGION, "\n")
    assert helper_of(PartialString(parts)).region == REGION  # type: ignore[union-attr]
    assert helper_of("cfn-init -s s -r r").region is None  # type: ignore[union-attr]
