"""Tests of the recipe's parts; the Go test beside this file runs them where PyTorch is installed."""

import unittest

import numpy as np
import torch

import augment
import network


class Draws:
    """Stands in for the random source: gives the values of a list, in order."""

    def __init__(self, *values):
        self.values = list(values)

    def uniform(self, low, high, size=None):
        if size is None:
            return self.values.pop(0)
        return np.array([self.values.pop(0) for _ in range(size)])

    def choice(self, options):
        return self.values.pop(0)


def moved(angle=0.0, shear=0.0, zoom=(1.0, 1.0), flip=1.0, shift=(0.0, 0.0)):
    """Where table3 puts a bright pixel at row 100, column 60, as (row, column)."""
    x = torch.zeros(1, 1, 224, 224)
    x[0, 0, 99:102, 59:62] = 1  # three wide, so that no sampling misses it
    y = augment.table3(x, Draws(angle, shear, *zoom, flip, *shift))[0, 0].double()
    rows, columns = torch.meshgrid(torch.arange(224.0), torch.arange(224.0), indexing="ij")
    return (float((y * rows).sum() / y.sum()), float((y * columns).sum() / y.sum()))


class Table3(unittest.TestCase):
    def near(self, got, want):
        for g, w in zip(got, want):
            self.assertAlmostEqual(g, w, delta=0.6)

    def test_nothing_moves_nothing(self):
        self.near(moved(), (100, 60))

    def test_flip_is_horizontal(self):
        self.near(moved(flip=-1.0), (100, 223 - 60))

    def test_shift_is_a_part_of_the_side(self):
        # The grid says where a pixel is taken from, so the picture moves the other way.
        self.near(moved(shift=(0.1, 0)), (100, 60 - 22.4))
        self.near(moved(shift=(0, -0.1)), (100 + 22.4, 60))

    def test_rotation_is_about_the_centre_by_degrees(self):
        radius, turn = np.hypot(100 - 111.5, 60 - 111.5), np.deg2rad(10)
        row, column = 100 - 111.5, 60 - 111.5
        want = (111.5 + row * np.cos(turn) - column * np.sin(turn), 111.5 + column * np.cos(turn) + row * np.sin(turn))
        got = moved(angle=10.0)
        self.near(got, want)
        self.assertAlmostEqual(np.hypot(got[0] - 111.5, got[1] - 111.5), radius, delta=0.6)

    def test_zoom_is_about_the_centre_and_by_axis(self):
        # Above 1 the picture shrinks, as in the article's library.
        self.near(moved(zoom=(1.2, 0.8)), (111.5 - 11.5 / 0.8, 111.5 - 51.5 / 1.2))

    def test_ranges_are_the_articles(self):
        asked = []

        class Recorder(np.random.RandomState):
            def uniform(self, low=0.0, high=1.0, size=None):
                asked.append((low, high))
                return super().uniform(low, high, size)

        augment.table3(torch.zeros(1, 3, 32, 32), Recorder(1))
        self.assertEqual(asked, [(-10, 10), (-0.2, 0.2), (0.8, 1.2), (-0.1, 0.1)])

    def test_the_border_is_repeated(self):
        x = torch.ones(1, 1, 32, 32)
        self.assertAlmostEqual(float(augment.table3(x, Draws(7.0, 0.2, 1.2, 1.2, -1.0, 0.1, -0.1)).min()), 1.0, places=5)

    def test_benign_copies_are_as_many_as_the_article_made(self):
        benign = np.arange(504)
        copies = augment.benign_copies(benign, np.random.RandomState(1))
        self.assertEqual(len(copies), 957 - 504)
        self.assertEqual(len(set(copies)), len(copies))


class Crop(unittest.TestCase):
    def test_a_crop_is_a_window_of_the_picture(self):
        x = torch.arange(2 * 3 * 20 * 20.0).reshape(2, 3, 20, 20)
        seen = set()
        for seed in range(60):
            c = augment.crop(x, 18, np.random.RandomState(seed))
            at = int(c[0, 0, 0, 0])
            top, left = divmod(at, 20)
            self.assertTrue(torch.equal(c, x[:, :, top:top + 18, left:left + 18]))
            seen.add((top, left))
        self.assertEqual(len(seen), 9)  # every place occurs


class Network(unittest.TestCase):
    def test_parameters_and_multiply_adds_are_the_articles(self):
        self.assertEqual(network.parameter_count(network.ALLNet()), 787268)
        self.assertEqual(network.parameter_count(network.ALLNet((64, 128, 256))), 1097604)
        self.assertEqual(round(network.multiply_adds() / 1e6), 462)

    def test_folding_changes_nothing(self):
        torch.manual_seed(1)
        net = network.ALLNet(norm="batch")
        for block in net.blocks:  # statistics and gains as after training
            block.mean.uniform_(-1, 1)
            block.variance.uniform_(0.2, 3)
            block.log_gain.data.uniform_(-1, 1)
            block.shift.data.uniform_(-1, 1)
        net.eval()
        x = torch.rand(2, 3, 224, 224)
        with torch.no_grad():
            self.assertTrue(torch.allclose(net(x), net.folded()(x), atol=1e-4))
        self.assertEqual(network.parameter_count(net.folded()), 787268)

    def test_training_normalises_by_the_batch_and_keeps_statistics(self):
        block = network.Block(3, 8, "batch")
        x = 5 * torch.rand(4, 3, 30, 30) + 1
        block.train()
        block.momentum = 1.0
        block(x)
        pooled = torch.nn.functional.max_pool2d(block.conv(x), 2)
        self.assertTrue(torch.allclose(block.mean, pooled.mean((0, 2, 3)), atol=1e-5))
        block.eval()
        self.assertTrue(torch.allclose(block(x), torch.relu((pooled - block.mean[:, None, None]) / (block.variance[:, None, None] + 1e-5).sqrt()), atol=1e-4))


if __name__ == "__main__":
    unittest.main()
