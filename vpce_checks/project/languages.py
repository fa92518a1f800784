"""The list of languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vpce_checks.model.roots import Settings
    from vpce_checks.model.template_body import DeployedTemplate, TemplateBody
    from vpce_checks.project.language import Language


def languages(settings: Settings) -> tuple[Language, ...]:
    """Every language. What one takes of a directory is no candidate of those behind it."""
    from vpce_checks.cloudformation.face import Templates
    from vpce_checks.terraform.faces import terraform_languages

    return (*terraform_languages(settings, TemplateBodies()), Templates(settings))


class TemplateBodies:
    """Reads the CloudFormation templates that Terraform deploys. Hardly any scan needs it, so its code is loaded late."""

    def __call__(self, body: TemplateBody) -> DeployedTemplate | None:
        from vpce_checks.cloudformation.template_bodies import read_template_body

        return read_template_body(body)

    def __repr__(self) -> str:
        return "TemplateBodies()"  # options are a part of the names of kept reports
