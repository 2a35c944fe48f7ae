"""Tests of the recipe cells; the Go test beside this file runs them where PyTorch is installed."""

import os
import tempfile
import unittest

import numpy as np
import torch

import cells


def field(places, side=cells.SIDE):
    """A field of violet squares of 20 pixels on white, and their numbers."""
    pixels, labels = np.full((side, side, 3), 255, np.uint8), np.zeros((side, side), np.uint8)
    for i, (y, x) in enumerate(places):
        pixels[y:y + 20, x:x + 20] = (110, 60, 160)
        labels[y:y + 20, x:x + 20] = i + 1
    return pixels, labels


def augmenter(seed=1):
    torch.manual_seed(seed)
    return cells.Augmenter(np.random.RandomState(seed))


class Cells(unittest.TestCase):
    def test_the_reference_stain_is_reached(self):
        stain = np.array([[0.3, 0.5, 0.1], [0.43, 0.64, 0.25]], np.float32)
        levels = (256 * np.exp(-stain) - 1) / 255
        x = torch.from_numpy(levels)[:, :, None, None].float().expand(2, 3, 4, 4)
        got = cells.restained(x, cells.restaining(stain)).mean((2, 3)).numpy()
        np.testing.assert_allclose(got, np.tile(cells.REFERENCE, (2, 1)), atol=0.01)

    def test_the_stain_of_no_nuclei_is_left(self):
        np.testing.assert_array_equal(cells.restaining(np.zeros((1, 3), np.float32)), [[1, 1, 0]])

    def test_nothing_but_cells_is_left_of_a_field(self):
        pixels, labels = field([(30, 40)])
        pixels[150:, 150:] = 0
        x = cells.standard(pixels[None], labels[None], np.array([[1, 1, 0]], np.float32))
        outside = torch.from_numpy(labels == 0)
        self.assertTrue(torch.all(x[0, :, outside] == cells.GROUND))
        self.assertTrue(torch.all(x[0, 1, ~outside] < 0.5))

    def test_a_window_holds_a_cell_wherever_it_lies_in_the_field(self):
        pixels, labels = field([(3, 3)])
        gain = np.tile(np.array([[1, 1, 0]], np.float32), (40, 1))
        _, number = augmenter().cut(np.stack([pixels] * 40), np.stack([labels] * 40), gain, 112, (0.8, 1.3))
        seen = (number > 0).sum((1, 2, 3))
        self.assertGreater(int((seen > 40).sum()), 36)

    def test_hidden_cells_are_gone_whole_and_one_stays(self):
        _, labels = field([(20, 20), (20, 80), (80, 20), (80, 80), (140, 140)])
        numbers = torch.from_numpy(np.stack([labels] * 50))[:, None].float()
        before = numbers.clone()
        augmenter().hide(numbers, share=1)
        for after in numbers:
            kept = torch.unique(after)
            self.assertGreater(len(kept), 1)
            for k in kept[kept > 0]:
                self.assertEqual(int((after == k).sum()), int((before[0] == k).sum()))
        self.assertLess(int((numbers > 0).sum()), int((before > 0).sum()))

    def test_a_batch_is_ground_wherever_there_is_no_cell_and_doubtful_pictures_have_no_class(self):
        pixels, labels = field([(60, 60), (120, 120)])
        gain = np.array([1, 1, 0], np.float32)
        x, readable = augmenter().fields([[(pixels, labels, gain)]] * 10, 112, 3)
        self.assertEqual(tuple(x.shape), (10, 3, 112, 112))
        self.assertFalse(readable[7:].any())
        self.assertTrue(readable[:7].any())
        # Errors change cells alone: at least half of every picture is ground to the bit.
        ground = (x == torch.tensor(cells.GROUND)).all(1).float().mean((1, 2))
        self.assertGreater(float(ground[:7].min()), 0.5)

    def test_fields_lie_over_one_another_without_touching_what_is_there(self):
        pixels, labels = field([(60, 60)])
        gain = np.array([1, 1, 0], np.float32)
        one, _ = augmenter(2).fields([[(pixels, labels, gain)]] * 20, 112, 0)
        many, _ = augmenter(2).fields([[(pixels, labels, gain)] * 6] * 20, 112, 0)
        share = lambda x: float((x != torch.tensor(cells.GROUND)).any(1).float().mean())
        self.assertGreater(share(many), 1.5 * share(one))

    def test_a_folder_whose_parts_do_not_fit_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            np.save(os.path.join(folder, "pixels.npy"), np.zeros((2, 224, 224, 3), np.uint8))
            np.save(os.path.join(folder, "cells.npy"), np.zeros((2, 224, 224), np.uint8))
            with open(os.path.join(folder, "rows.tsv"), "w") as f:
                f.write("file\tlaboratory\tred\tgreen\tblue\tcells\nBenign/a.png\t0\t0.4\t0.6\t0.1\t3\n")
            with self.assertRaises(SystemExit):
                cells.Fields(folder)


if __name__ == "__main__":
    unittest.main()
