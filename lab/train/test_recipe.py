"""Tests of the recipe's parts; the Go test beside this file runs them where PyTorch is installed."""

import importlib.util
import os
import tempfile
import unittest

import numpy as np
import torch

import augment
import golden
import network
import robust


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

    def test_a_shipped_network_is_learned_from_anew_as_the_function_it_is(self):
        torch.manual_seed(3)
        plain = network.ALLNet((8, 8), dense=(16,)).eval()
        for block in plain.blocks:
            block.conv.bias.data.uniform_(-0.2, 0.2)
        x = torch.rand(4, 3, 40, 40)
        for norm in ("batch", "none"):
            net = network.ALLNet((8, 8), norm, dense=(16,))

            def settle(normalised):
                normalised.train()
                for block in normalised.blocks:
                    block.momentum = 1
                with torch.no_grad():
                    normalised(x)

            network.unfold(net, plain, settle)
            with torch.no_grad():
                want = plain(x)
                self.assertTrue(torch.allclose(net.eval()(x), want, atol=1e-4), norm)
                if norm == "batch":
                    settle(net)
                    self.assertTrue(torch.allclose(net.eval()(x), want, atol=1e-2), "the statistics are those of the pictures")


PURPLE, GREY, PALE = (0.45, 0.25, 0.70), (0.66, 0.70, 0.74), (0.93, 0.94, 0.92)


def smears(n=8, side=224):
    """Pictures with grey discs (red cells) and two purple ones (nuclei), and the mask of the purple ones."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    picture = torch.tensor(PALE).view(3, 1, 1).repeat(1, side, side)
    nuclei = torch.zeros(1, side, side)
    for cy, cx, colour in ((50, 60, GREY), (150, 40, GREY), (90, 170, GREY), (60, 130, PURPLE), (160, 150, PURPLE)):
        disc = (y - cy) ** 2 + (x - cx) ** 2 < 18 ** 2
        picture[:, disc] = torch.tensor(colour).view(3, 1)
        nuclei[:, disc] = float(colour == PURPLE)
    return picture.repeat(n, 1, 1, 1), nuclei.repeat(n, 1, 1, 1)


class Robust(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.augmenter = robust.Augmenter(np.random.RandomState(1))

    def test_levels_undo_optical_density(self):
        x = torch.arange(256.0).view(1, 1, 16, 16) / 255
        self.assertTrue(torch.allclose(robust.levels(robust.optical_density(x)), x, atol=1e-6))
        self.assertAlmostEqual(float(robust.optical_density(torch.ones(1))), 0, places=6)

    def test_stain_is_a_gain_and_an_offset_of_the_optical_density(self):
        x, _ = smears(64)
        y = x.clone()
        self.augmenter.stain(y, share=1.0)
        before, after = robust.optical_density(x), robust.optical_density(y)
        for i in range(len(x)):
            for c in range(3):
                flat, was = after[i, c].flatten(), before[i, c].flatten()
                kept = (flat > 0.005) & (was > 0)  # not clipped
                if kept.sum() < 2 or was[kept].std() < 1e-3:
                    continue
                gain = ((flat[kept] - flat[kept].mean()) * (was[kept] - was[kept].mean())).sum() / ((was[kept] - was[kept].mean()) ** 2).sum()
                offset = float((flat[kept] - gain * was[kept]).mean())
                self.assertTrue(torch.allclose(flat[kept], gain * was[kept] + offset, atol=1e-3))
                self.assertLess(abs(float(gain) - 1), 0.41)
                self.assertLess(abs(offset), 0.23)
        y = x.clone()
        self.augmenter.stain(y, most=0.0, share=1.0)
        self.assertTrue(torch.allclose(x, y, atol=1e-6))

    def test_nuclei_are_found_and_red_cells_are_not(self):
        x, nuclei = smears(1)
        found = robust.stained(x, torch.zeros_like(x))
        self.assertGreater(float((found * nuclei).sum() / nuclei.sum()), 0.98)
        self.assertLess(float((found * (1 - robust.grow(nuclei, 3))).sum()), 1)
        # What the segmentation shows counts where the colour does not tell; a single pixel is noise.
        shown = torch.zeros_like(x)
        shown[:, :, 40:60, 50:70] = 0.8
        shown[:, :, 200, 200] = 0.8
        found = robust.stained(x, shown)
        self.assertEqual(float(found[0, 0, 50, 60]), 1)
        self.assertEqual(float(found[0, 0, 200, 200]), 0)

    def test_erased_cells_are_gone_and_the_rest_stays(self):
        x, nuclei = smears(24)
        y = self.augmenter.erase(x, nuclei)
        near = robust.grow(nuclei, 8)
        self.assertLess(float(((y - x).abs() * (1 - near)).max()), 0.15)  # grain at most
        purple = ((y[:, 1:2] < y[:, 0:1] - 0.1) & (y[:, 1:2] < y[:, 2:3] - 0.3) & (nuclei > 0)).flatten(1).float().mean(1)
        # One filling in five takes any colour, which may be purple.
        self.assertGreater(float((purple < 0.01).float().mean()), 0.8)

    def test_transplanted_cells_stay_and_the_background_goes(self):
        x, nuclei = smears(24)
        y = self.augmenter.transplant(x, nuclei)
        core = 1 - robust.grow(1 - nuclei, 3)
        self.assertLess(float(((y - x).abs() * core).max()), 1e-5)
        changed = ((y - x).abs().amax(1, keepdim=True) > 0.01).float() * (1 - robust.grow(nuclei, 8))
        self.assertGreater(float((changed.flatten(1).mean(1) > 0.3).float().mean()), 0.4)  # some get the same picture

    def test_what_hangs_together_has_one_number(self):
        mask = torch.zeros(2, 1, 32, 32)
        mask[0, 0, 2:6, 2:6] = mask[0, 0, 5:20, 5] = 1  # one bent part
        mask[0, 0, 24:30, 24:30] = 1
        mask[1, 0, 10:14, 10:14] = 1
        parts = robust.separate(mask)
        self.assertTrue(torch.equal(parts > 0, mask > 0))
        self.assertEqual(int(parts[0, 0, 3, 3]), int(parts[0, 0, 18, 5]))
        self.assertNotEqual(int(parts[0, 0, 3, 3]), int(parts[0, 0, 26, 26]))
        self.assertEqual(len(torch.unique(parts[1])), 2)
        # More parts than there are numbers: every part keeps one, none becomes background.
        many = torch.zeros(1, 1, 128, 128)
        many[:, :, ::4, ::4] = 1
        parts = robust.separate(many)
        self.assertTrue(torch.equal(parts > 0, many > 0))
        self.assertEqual(len(torch.unique(parts)), 256)

    def test_few_takes_whole_nuclei(self):
        _, nuclei = smears(16)
        parts = robust.separate(nuclei)
        counts = set()
        for kept in self.augmenter.few(parts, 224):
            shares = [float(kept[0][parts[0, 0] == n].mean()) for n in (1, 2)]
            self.assertTrue(set(shares) <= {0.0, 1.0})
            counts.add(sum(shares))
        self.assertEqual(counts, {1.0, 2.0})
        scrap = torch.zeros(1, 1, 224, 224)
        scrap[:, :, 10:18, 10:18] = 1
        self.assertEqual(float(self.augmenter.few(robust.separate(scrap), 224).sum()), 0)

    def test_thinned_pictures_keep_the_chosen_cells_alone(self):
        x, nuclei = smears(24)
        kept = nuclei.clone()
        kept[:, :, 110:] = 0  # the upper nucleus
        y = self.augmenter.thin(x, nuclei, kept)
        self.assertLess(float(((y - x).abs() * kept).max()), 1e-5)
        gone = nuclei - kept
        purple = ((y[:, 1:2] < y[:, 0:1] - 0.1) & (y[:, 1:2] < y[:, 2:3] - 0.3) & (gone > 0)).flatten(1).float().mean(1)
        self.assertGreater(float((purple < 0.01).float().mean()), 0.8)

    def test_a_batch_thins_its_share_of_pictures(self):
        x, nuclei = smears(32)
        parts = robust.separate(nuclei)
        for name in ("hide_bars", "stain", "light", "sensor"):
            setattr(self.augmenter, name, lambda *_: None)

        def purple(thinned):
            plan = dict(outliers=0, erased=0, thinned=thinned, transplanted=0)
            y, targets = self.augmenter.batch(x, parts, torch.ones(32, dtype=torch.long), None, 224, plan)
            self.assertTrue((targets.argmax(1) == 1)[targets.max(1).values > 0.5].all())  # the class stays
            return float(((y[:, 1] < y[:, 0] - 0.1) & (y[:, 1] < y[:, 2] - 0.3)).float().mean())
        self.assertLess(purple(1.0), 0.9 * purple(0.0))

    def test_surroundings_fill_from_around(self):
        x = torch.full((1, 3, 64, 64), 0.5)
        mask = torch.zeros(1, 1, 64, 64)
        mask[:, :, 20:40, 20:40] = 1
        x[:, :, 20:40, 20:40] = 0.0
        self.assertTrue(torch.allclose(self.augmenter.surroundings(x, mask)[:, :, 20:40, 20:40], torch.tensor(0.5), atol=1e-3))

    def test_a_batch_says_what_shows_no_class(self):
        x, nuclei = smears(20)
        labels = torch.arange(20) % 4
        plan = dict(outliers=0.2, erased=0.25, thinned=0.5, transplanted=0.3)
        y, targets = self.augmenter.batch(x, nuclei, labels, None, 224, plan)
        self.assertEqual(tuple(y.shape), (20, 3, 224, 224))
        self.assertGreaterEqual(float(y.min()), 0)
        self.assertLessEqual(float(y.max()), 1)
        self.assertTrue(torch.allclose(targets.sum(1), torch.ones(20)))
        self.assertTrue(torch.equal(targets[11:], torch.full((9, 4), 0.25)))
        named = targets[:11].max(1).values > 0.9
        self.assertGreater(int(named.sum()), 8)
        self.assertTrue(torch.equal(targets[:11].argmax(1)[named], labels[:11][named]))
        _, targets = self.augmenter.batch(x, nuclei, labels, None, 224, plan, ease=1.0)
        self.assertGreater(int((targets.max(1).values > 0.9).sum()), 15)

    def test_compression_loses_more_at_lower_quality_and_nothing_on_one_colour(self):
        flat = torch.full((1, 3, 32, 32), 0.5)
        self.assertLess(float((robust.compress(flat, 50) - flat).abs().max()), 0.02)
        x = self.augmenter.noise(1, 64, 64).mul(0.1).add(0.5).clamp(0, 1)
        loss = [float((robust.compress(x, q) - x).abs().mean()) for q in (90, 50, 10)]
        self.assertTrue(loss[0] < loss[1] < loss[2])


class Golden(unittest.TestCase):
    def test_rounded_weights_are_the_nearest_of_so_many_digits(self):
        net = network.ALLNet((8, 8), dense=(16,))
        for digits, rounding in ((8, lambda p: p.bfloat16().float()), (11, lambda p: p.half().float())):
            for was, now in zip(net.parameters(), golden.rounded(net, digits).parameters()):
                normal = was.abs() > 2**-14  # smaller ones have fewer digits in half precision
                self.assertTrue(torch.equal(now[normal], rounding(was)[normal]), digits)

    @unittest.skipUnless(importlib.util.find_spec("onnx"), "needs the Python package onnx")
    def test_shipped_weights_are_read_as_the_function_they_are(self):
        net = network.ALLNet((8, 16), dense=(24, 16)).eval()
        for p in net.parameters():
            p.data.uniform_(-0.2, 0.2)  # of equal tensors, as biases are at first, the file holds one
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "shipped.onnx")
            network.export(net, path)
            again = network.read(path)
            self.assertEqual((again.filters, again.dense), ((8, 16), (24, 16)))
            self.assertEqual(golden.weights_sha256(again), golden.weights_sha256(net))


if __name__ == "__main__":
    unittest.main()
