"""Exact counts and sums over a whole list: so many of one person at once, then a while to wait."""

import pytest

from guanxi.surfaces.limits import heavy_reads


@pytest.mark.parametrize("path", ["/customers/count/", "/customers/totals/"])
def test_too_many_at_once_are_refused_with_when_to_come_again(company, enter, path):
    visitor, user = enter("head"), company.users["head"]
    with heavy_reads.hold(user.pk), heavy_reads.hold(user.pk):
        refused = visitor.get(path, headers={"HX-Request": "true"})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert enter("sales").get(path, headers={"HX-Request": "true"}).status_code == 200
    assert visitor.get(path, headers={"HX-Request": "true"}).status_code == 200
