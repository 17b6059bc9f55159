"""The three forms of the handbook: customer information, visit record, complaint (PLT-2)."""

from django.utils.translation import gettext_lazy as _

from guanxi.surfaces.exporting.templates import BlankForm, Entry, FormPart, register_form

register_form(
    BlankForm(
        "customer",
        _("Form 1: customer information"),
        _("Enter it within 24 hours of collection; check every phone number twice."),
        (
            FormPart(
                _("Company"),
                (
                    Entry(_("Customer name"), is_wide=True),
                    Entry(_("Industry")),
                    Entry(_("Unified social credit code")),
                    Entry(_("Employees")),
                    Entry(_("Annual revenue")),
                    Entry(_("Founded on")),
                    Entry(_("Purchase cycle")),
                    Entry(_("Registered address"), is_wide=True),
                    Entry(_("Business scope"), lines=2, is_wide=True),
                ),
            ),
            FormPart(
                _("Contact"),
                (
                    Entry(_("Name"), column=_("Contact name")),
                    Entry(_("Position"), column=_("Contact position")),
                    Entry(_("Phone"), column=_("Contact phone")),
                    Entry(_("E-mail"), column=_("Contact e-mail")),
                    Entry(_("WeChat"), column=_("Contact WeChat")),
                    Entry(_("Preferred channel")),
                ),
            ),
            FormPart(
                _("Cooperation"),
                (
                    Entry(_("First cooperation")),
                    Entry(_("Total amount so far")),
                    Entry(_("Products and services"), is_wide=True),
                    Entry(_("Payment records"), lines=2, is_wide=True),
                ),
            ),
            FormPart(
                _("Traits"),
                (
                    Entry(_("Needs and preferences"), lines=3, is_wide=True),
                    Entry(_("Decision chain"), lines=2, is_wide=True),
                    Entry(_("Focus"), is_wide=True),
                ),
            ),
            FormPart(
                _("Origin"),
                (
                    Entry(_("Source of information"), is_wide=True),
                    Entry(_("Filled in by")),
                    Entry(_("Filled in on")),
                    Entry(_("Reviewed by"), is_wide=True),
                ),
            ),
        ),
    )
)
register_form(
    BlankForm(
        "visit",
        _("Form 2: customer visit"),
        _("Send the minutes and enter the record within 24 hours of the visit."),
        (
            FormPart(
                _("Visit"),
                (
                    Entry(_("Customer name"), is_wide=True),
                    Entry(_("Time of visit")),
                    Entry(_("Place of visit")),
                    Entry(_("Participants (customer)"), is_wide=True),
                    Entry(_("Participants (our side)"), is_wide=True),
                    Entry(
                        _("Purpose of visit"),
                        is_wide=True,
                        choices=(
                            _("research"),
                            _("follow-up"),
                            _("problem"),
                            _("relationship"),
                        ),
                    ),
                ),
            ),
            FormPart(
                _("Conversation"),
                (
                    Entry(_("Needs and pains"), lines=3, is_wide=True),
                    Entry(_("Feedback on our proposal"), lines=3, is_wide=True),
                    Entry(_("Questions raised"), lines=3, is_wide=True),
                    Entry(_("Agreements"), lines=2, is_wide=True),
                ),
            ),
            FormPart(
                _("What follows"),
                (
                    Entry(_("To do"), lines=2, is_wide=True),
                    Entry(_("Person responsible")),
                    Entry(_("Due on")),
                    Entry(_("Next follow-up on")),
                    Entry(_("Next follow-up about")),
                    Entry(_("Filled in by")),
                    Entry(_("Filled in on")),
                    Entry(_("Customer's signature (optional)"), lines=2, is_wide=True),
                ),
            ),
        ),
    )
)
register_form(
    BlankForm(
        "complaint",
        _("Form 3: customer complaint"),
        _("Urgent: the investigation ends within 3 working days."),
        (
            FormPart(
                _("Intake"),
                (
                    Entry(_("Time of complaint")),
                    Entry(_("Urgency"), choices=(_("urgent"), _("important"), _("normal"))),
                    Entry(_("Customer name")),
                    Entry(_("Contact person")),
                    Entry(
                        _("Complaint channel"),
                        is_wide=True,
                        choices=(
                            _("phone"),
                            _("e-mail"),
                            _("system"),
                            _("third-party platform"),
                        ),
                    ),
                    Entry(_("Description of the problem"), lines=3, is_wide=True),
                    Entry(_("Product or service concerned"), is_wide=True),
                    Entry(
                        _("What the customer claims"),
                        is_wide=True,
                        choices=(
                            _("refund"),
                            _("exchange"),
                            _("compensation"),
                            _("improvement"),
                        ),
                    ),
                ),
            ),
            FormPart(
                _("Handling"),
                (
                    Entry(_("Investigation record"), lines=3, is_wide=True),
                    Entry(
                        _("Responsibility"),
                        is_wide=True,
                        choices=(_("company"), _("customer"), _("third party")),
                    ),
                    Entry(_("Solution"), lines=3, is_wide=True),
                    Entry(_("Execution"), lines=2, is_wide=True),
                    Entry(_("Person responsible")),
                    Entry(_("Completed on")),
                ),
            ),
            FormPart(
                _("Follow-up"),
                (
                    Entry(
                        _("Satisfaction at the follow-up visit"),
                        is_wide=True,
                        choices=(_("satisfied"), _("fair"), _("dissatisfied")),
                    ),
                    Entry(_("Comments"), lines=2, is_wide=True),
                    Entry(_("Advice from the retrospective"), lines=2, is_wide=True),
                    Entry(_("Filled in by")),
                    Entry(_("Filled in on")),
                    Entry(_("Reviewed by"), is_wide=True),
                ),
            ),
        ),
    )
)
