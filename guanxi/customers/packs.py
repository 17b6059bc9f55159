"""What a pack may bring for customers: tags (CUS-13), key fields (CUS-7), required fields."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from guanxi.customers.needs.models import StageNeeds
from guanxi.customers.needs.services import set_stage_needs
from guanxi.customers.record import CUSTOMERS
from guanxi.customers.stages import STAGES
from guanxi.kernel.packs import Part, Section, Values, declare_section
from guanxi.surfaces.packs import declare_records

declare_records("key_fields", "customers.keyfield", ("is_by_request",), name="field", order=30)
declare_records("tags", "customers.tag", ("group", "description"), order=20)


# Required fields of the stages (CUS-1, CUS-3) -----------------------------------------------------
def read_stage(part: Part) -> Values:
    """What one stage asks for: fields, some of them only of certain customers."""
    if part.name not in STAGES.order:
        words = ", ".join(STAGES.order)
        message = _("There is no stage “%(name)s”; there are %(words)s.")
        raise part.fault(message, name=part.name, words=words)
    part.only("needs")
    return {"needs": [_read_need(need) for need in part.parts("needs")]}


def _read_need(part: Part) -> Values:
    part.only("field", "only")
    fields = {
        f.name: f for f in CUSTOMERS.fields if not f.readonly and CUSTOMERS.has_column(f.name)
    }
    need: Values = {"field": part.choice("field", list(fields))}
    only = part.part("only")
    if len(only.values) > 1:
        raise part.fault(_("“only” names one field."), "only")
    for name in only.values:
        found = fields.get(name)
        choices = [str(value) for value, _label in (found.choices if found else None) or ()]
        if not choices:
            raise only.fault(_("“%(name)s” is no field with choices."), name, name=name)
        need["only"] = [name, [only.choice(name, choices)]]
    return need


def current_stages() -> Mapping[str, Values | None]:
    """What the stages ask for here, where a pack has said so."""
    return {row.stage: {"needs": row.needs} for row in StageNeeds.objects.all()}


declare_section(
    Section(
        "required_fields",
        _("Required fields of the stages"),
        read_stage,
        current_stages,
        set_stage_needs,
        "custom_fields.change",
        order=25,
    )
)
