"""Addresses of this part; what is not here is the generic page of the record type."""

from django.urls import URLPattern, URLResolver, path

from guanxi.customers.duplicates import views as duplicates
from guanxi.customers.pools import views as pools
from guanxi.customers.sampling import views as sampling
from guanxi.customers.views import customer, files

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/<int:pk>/", customer.show, name="customer"),
    path("customers/<int:pk>/timeline/", customer.timeline, name="customer-timeline"),
    path("customers/<int:pk>/business/", customer.business, name="customer-business"),
    path("customers/<int:pk>/log/", customer.log, name="customer-log"),
    path("customers/<int:pk>/pin/", customer.pin, name="customer-pin"),
    path("customers/<int:pk>/unpin/", customer.unpin, name="customer-unpin"),
    path("customers/<int:pk>/next-contact/", customer.next_contact, name="customer-next-contact"),
    path("customers/<int:pk>/tags/", customer.tags, name="customer-tags"),
    path("customers/<int:pk>/tag/", customer.tag, name="customer-tag"),
    path("customers/<int:pk>/untag/", customer.untag, name="customer-untag"),
    path("customers/<int:pk>/print/", customer.print_view, name="customer-print"),
    path("customers/<int:pk>/files/", files.shelf, name="customer-files"),
    path("customers/<int:pk>/files/new/", files.add, name="customer-add-file"),
    path("duplicate-pairs/scan/", duplicates.scan, name="duplicates-scan"),
    path("entry-checks/accuracy/", sampling.accuracy, name="entry-accuracy"),
    path("customers/ask/", duplicates.ask, name="customer-ask"),
    path("customers/requests/", duplicates.asked, name="customer-requests"),
    path("customers/<int:pk>/merge/", duplicates.merge, name="customer-merge"),
    path("customers/merges/<int:pk>/undo/", duplicates.undo, name="customer-unmerge"),
    path("customers/requests/<int:pk>/answer/", duplicates.answer_one, name="customer-answer"),
    path("attachments/<uuid:pk>/download/", files.download, name="attachment-download"),
    path("pools/<int:pk>/board/", pools.board, name="pool-board"),
    path("pools/<int:pk>/take/", pools.take, name="pool-take"),
    path("pool-rules/<int:pk>/tonight/", pools.chosen, {"kind": "tonight"}, name="pool-tonight"),
    path("pool-rules/<int:pk>/warn/", pools.chosen, {"kind": "warn"}, name="pool-warn"),
]
