from collections.abc import Callable
from datetime import date

import httpx
import pytest

from sandbox import SandboxOptions, SandboxServer

Connect = Callable[..., httpx.AsyncClient]

LISTS = ("/customers", "/payments")
OBJECTS = ("/customers/CL-001", "/invoices/2024-001")


async def test_the_invoices_of_a_customer_can_be_a_bare_list_in_short(connect: Connect) -> None:
    options = SandboxOptions(bare_lists=True, summary_balance=False)
    async with SandboxServer(options) as server, connect(server) as client:
        answer = await client.get("/customers/CL-001/invoices")
        assert (await client.get("/customers/CL-404/invoices")).status_code == 404
    assert answer.json() == [
        {"id": "INV1", "number": "2024-001", "issued_at": "2024-03-01", "amount": "5320.50", "status": "paid"}
    ]


@pytest.mark.parametrize("path", LISTS)
async def test_there_is_no_etag_unless_asked_for(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"if-none-match": "*"})
    assert answer.status_code == 200
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", LISTS)
async def test_an_unchanged_list_is_not_sent_again_to_who_names_its_etag(connect: Connect, path: str) -> None:
    async with SandboxServer(SandboxOptions(etag=True)) as server, connect(server) as client:
        tag = (await client.get(path)).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = await client.get(path, headers={"if-none-match": known})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200


async def test_a_new_payment_changes_the_etag_of_the_payments_only(connect: Connect) -> None:
    order = {"invoice_id": "2024-001", "amount": 1, "payment_method": "card"}
    async with SandboxServer(SandboxOptions(etag=True)) as server, connect(server) as client:
        tags = {path: (await client.get(path)).headers["etag"] for path in LISTS}
        await client.post("/payments", json=order)
        codes = [(await client.get(path, headers={"if-none-match": tags[path]})).status_code for path in LISTS]
        server.books.query("UPDATE customers SET name = 'Alt nume' WHERE id = 'CL-001'")
        renamed = await client.get("/customers", headers={"if-none-match": tags["/customers"]})
    assert codes == [304, 200]
    assert renamed.status_code == 200


async def test_unannounced_fields_stand_everywhere_and_take_nothing_away(
    client: httpx.AsyncClient, connect: Connect
) -> None:
    options = SandboxOptions(extra_fields=True, today=date(2026, 3, 10))
    async with SandboxServer(options) as server, connect(server) as surprising:
        for path in LISTS:
            answer = (await surprising.get(path)).json()
            names = list(answer)
            assert 0 < names.index("data") < len(names) - 1
            for plain, dressed in zip((await client.get(path)).json()["data"], answer["data"], strict=True):
                assert dressed.items() >= plain.items()
                assert dressed["zz_nested"]["data"]
        for path in OBJECTS:
            plain, dressed = (await client.get(path)).json(), (await surprising.get(path)).json()
            plain.pop("invoices", None)
            assert dressed.items() >= plain.items()
            assert "zz_note" in dressed
        order = {"invoice_id": "2024-001", "amount": 1, "payment_method": "card"}
        assert (await surprising.post("/payments", json=order)).json()["payment_id"] == 41
        assert "zz_note" in (await surprising.get("/customers/CL-001/invoices")).json()["data"][0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"customers": -1},
        {"payments": -1},
        {"payments_order": "by weight"},
        {"arrivals": 0.0},
        {"arrivals": -1.0},
    ],
)
def test_options_that_could_not_be_built_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"sandbox|arrivals"):
        SandboxOptions(**wrong)  # type: ignore[arg-type]


def test_the_key_does_not_show_when_the_options_are_printed() -> None:
    assert "s3cret" not in repr(SandboxOptions(key="s3cret"))


def test_today_is_the_real_day_unless_another_is_given() -> None:
    assert abs((SandboxOptions().now().date() - date.today()).days) <= 1  # noqa: DTZ011
    assert SandboxOptions(today=date(2025, 1, 2)).now().date() == date(2025, 1, 2)


async def _ids(client: httpx.AsyncClient) -> list[int]:
    return [payment["id"] for payment in (await client.get("/payments")).json()["data"]]


async def test_payments_are_listed_in_the_order_that_is_chosen(connect: Connect) -> None:
    listed = {}
    for order in ("scattered", "oldest", "newest", "random"):
        async with SandboxServer(SandboxOptions(payments_order=order)) as server, connect(server) as client:
            listed[order] = [await _ids(client) for _again in range(2)]
    oldest = list(range(1, 41))
    assert all(sorted(ids) == oldest for both in listed.values() for ids in both)
    assert listed["oldest"] == [oldest] * 2
    assert listed["newest"] == [oldest[::-1]] * 2
    assert listed["scattered"][0] == listed["scattered"][1] != oldest
    assert listed["random"][0] != listed["random"][1]


async def test_a_payment_vanishes_and_comes_back_as_it_was(connect: Connect) -> None:
    async with SandboxServer(SandboxOptions(etag=True)) as server, connect(server) as client:
        before = await client.get("/payments")
        server.whims.vanish(15)
        without = await client.get("/payments", headers={"if-none-match": before.headers["etag"]})
        assert 15 not in [payment["id"] for payment in without.json()["data"]]
        server.whims.come_back(15)
        assert (await client.get("/payments")).json() == before.json()
        server.whims.restate(15, "refunded")
        (found,) = [each for each in (await client.get("/payments")).json()["data"] if each["id"] == 15]
    assert found["status"] == "refunded"
