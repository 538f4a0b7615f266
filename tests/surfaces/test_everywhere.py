"""What a surface can't do is said in one place, and no dialogue is left without a surface."""

from tests.surfaces.desk import Can
from tests.surfaces.everywhere import SURFACES


def test_what_a_surface_can_t_do_has_a_reason_in_words() -> None:
    for surface in SURFACES:
        assert all(len(reason.split()) >= 3 for reason in surface.cannot.values()), surface.name


def test_telegram_can_do_everything_in_every_way() -> None:
    able = [surface.name for surface in SURFACES if not surface.cannot]
    assert able == [
        "telegram-emulated-polling",
        "telegram-emulated-webhook",
        "telegram-strict-polling",
        "telegram-strict-webhook",
    ]
    assert {can for surface in SURFACES for can in surface.cannot} == set(Can)
