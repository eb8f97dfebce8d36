import torch
from hypothesis import given
from hypothesis import strategies as st

from salbench.metrics.ranking import RankedSets, relevance_order, relevance_ranks

IDS = torch.tensor([4, 2, 9])


def test_order_and_ranks_by_absolute_value() -> None:
    maps = torch.tensor([[0.5, -3.0, 1.0, 0.0]])
    assert relevance_order(maps, IDS[:1], seed=0).tolist() == [[1, 2, 0, 3]]
    assert relevance_ranks(maps, IDS[:1], seed=0).tolist() == [[2, 0, 1, 3]]


def test_ties_are_broken_at_random_within_their_places() -> None:
    maps = torch.tensor([[1.0, 5.0, -1.0, 1.0, 0.0]]).expand(300, -1)
    order = relevance_order(maps, torch.arange(300), seed=0)
    assert (order[:, 0] == 1).all()
    assert (order[:, 4] == 4).all()
    for place in (1, 2, 3):
        assert torch.bincount(order[:, place], minlength=5)[[0, 2, 3]].min() > 70  # 100 expected


def test_ties_depend_on_seed_and_id_alone() -> None:
    maps = torch.zeros(3, 50)
    order = relevance_order(maps, IDS, seed=0)
    assert torch.equal(relevance_order(maps[:1], IDS[2:], seed=0), order[2:])
    assert torch.equal(relevance_order(maps, IDS.flip(0), seed=0), order.flip(0))
    assert not torch.equal(relevance_order(maps, IDS, seed=1), order)
    assert not torch.equal(order[0], order[1])


def test_a_tied_sample_does_not_disturb_the_others() -> None:
    maps = torch.tensor([[3.0, 1.0, 2.0], [1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    assert relevance_order(maps, IDS, seed=0)[[0, 2]].tolist() == [[0, 2, 1], [2, 1, 0]]


def test_the_dtype_and_a_positive_scale_do_not_matter() -> None:
    maps = torch.randn(3, 40, generator=torch.Generator().manual_seed(0))
    order = relevance_order(maps, IDS, seed=0)
    assert torch.equal(relevance_order(maps.double() * 1e-12, IDS, seed=0), order)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12), st.integers(0, 5))
def test_ranks_are_a_permutation_that_follows_the_magnitudes(values: list[int], seed: int) -> None:
    maps = torch.tensor([values], dtype=torch.float32)
    order = relevance_order(maps, IDS[:1], seed=seed)
    assert sorted(order[0].tolist()) == list(range(len(values)))
    assert (maps.abs().gather(1, order).diff(dim=1) <= 0).all()
    assert relevance_ranks(maps, IDS[:1], seed=seed).gather(1, order).tolist() == [list(range(len(values)))]


def test_sets_by_hand_with_a_tie_that_no_set_divides() -> None:
    maps = torch.tensor([[3.0, -1.0, 2.0, 1.0]])
    found = RankedSets(maps, IDS[:1], [0, 1, 2, 4], [2, 3], seed=0)[:]
    assert found.dtype == torch.float32
    assert found[0].tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1]]


@given(
    st.integers(1, 12).flatmap(
        lambda units: st.tuples(
            st.lists(st.lists(st.integers(-2, 2), min_size=units, max_size=units), min_size=3, max_size=3),
            st.lists(st.integers(0, units), max_size=5),
            st.lists(st.integers(0, units), max_size=5),
        )
    ),
    st.sampled_from([torch.float16, torch.float32, torch.float64]),
)
def test_sets_are_those_of_the_ranks(drawn: tuple[list[list[int]], list[int], list[int]], dtype: torch.dtype) -> None:
    rows, most, least = drawn
    maps = torch.tensor(rows, dtype=dtype)
    ranks, units = relevance_ranks(maps, IDS, seed=1), maps.shape[1]
    expected = [ranks < size for size in most] + [ranks >= units - size for size in least]
    found = RankedSets(maps, IDS, most, least, seed=1)[:]
    assert found.shape == (3, len(expected), units)
    assert all(torch.equal(found[:, place] == 1, one) for place, one in enumerate(expected))
    assert ((found == 0) | (found == 1)).all()


def test_sets_of_some_samples_are_rows_of_all() -> None:
    maps = torch.tensor([[3.0, 1.0, 2.0], [1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    sets = RankedSets(maps, IDS, [1, 2], [1], seed=0)
    assert torch.equal(torch.cat([sets[:1], sets[1:]]), sets[:])
    assert torch.equal(sets[2:], RankedSets(maps[2:], IDS[2:], [1, 2], [1], seed=0)[:])
