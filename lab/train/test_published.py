"""Tests of the nine networks of the article's Table 6; the Go test beside this file runs them where PyTorch and torchvision
are installed. No memory is taken for most of them: on the device "meta" tensors have shapes and no numbers."""

import unittest

import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

import from_papers
import network
import published
from test_rivals import multiply_adds

MAKE = (torch.empty, torch.zeros, torch.ones, torch.tensor, torch.full)


class OnMeta(TorchFunctionMode):
    """Tensors that are made here have no numbers."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if function in MAKE and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        return function(*args, **kwargs)


def shapes(architecture, classes):
    with OnMeta():
        return architecture.make(classes)


def places(net, side):
    """How many places each convolution writes to, of a picture of that side."""
    sizes = []
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda _, __, output: sizes.append(output.shape[2]))
    with torch.no_grad():
        net.eval()(torch.empty(1, 3, side, side, device="meta"))
    return sizes


class Published(unittest.TestCase):
    def test_each_has_the_published_number_of_parameters(self):
        # Keras's documentation of its module `applications`; EfficientNetB0 without the 7 numbers of its layer for the input.
        totals = {"EfficientNet": 5_330_571 - 7, "MobileNetV3": 5_507_432, "VGG-19": 143_667_240, "Xception": 22_910_480, "InceptionV3": 23_851_784,
                  "ResNet50V2": 25_613_800, "VGG-16": 138_357_544, "NASNetLarge": 88_949_818, "DenseNet201": 20_242_984}
        self.assertEqual([a.name for a in published.NETWORKS], list(totals))  # in the order of the article's table
        for a in published.NETWORKS:
            learned, moving = published.counted(shapes(a, 1000))
            self.assertEqual((learned, moving), (a.learned, a.moving), a.name)
            self.assertEqual(learned + moving, totals[a.name], a.name)

    def test_each_takes_the_published_number_of_multiply_adds(self):
        # Parameters say nothing of strides and paddings; what a picture takes does. The papers round to two or three digits.
        papers = {"EfficientNet": 0.39e9, "MobileNetV3": 0.219e9, "VGG-19": 19.6e9, "Xception": 8.38e9, "InceptionV3": 5.72e9,
                  "VGG-16": 15.3e9, "NASNetLarge": 23.8e9}
        for a in published.NETWORKS:
            if a.multiply_adds:
                got = multiply_adds(shapes(a, 1000), a.side, "meta")
                self.assertEqual(a.multiply_adds, papers[a.name])
                self.assertLess(abs(got / a.multiply_adds - 1), 0.015, f"{a.name}: {got:,}")

    def test_with_four_outputs_only_the_last_layer_differs(self):
        for a in published.NETWORKS:
            before, after = (dict(shapes(a, n).named_parameters()) for n in (1000, 4))
            changed = [name for name in before if before[name].shape != after[name].shape]
            self.assertEqual((list(before), len(changed)), (list(after), 2), a.name)
            self.assertEqual({after[name].shape[0] for name in changed}, {4}, a.name)

    def test_resnet_halves_the_side_at_the_end_of_a_stage(self):
        sides = places(shapes(published.NETWORKS[5], 4), 224)
        # The stages end in blocks of half the side: 7x7, then 3, 4, 6 and 3 blocks.
        self.assertEqual([sides.count(n) for n in (112, 56, 28, 14, 7)], [1, 1 + 9 - 2, 2 + 13 - 2, 2 + 19 - 2, 2 + 10])

    def test_padding_is_tensorflows(self):
        # TensorFlow's guide to padding: of an even side one line more is needed, below and right.
        ones = nn.Conv2d(1, 1, 3, 2, bias=False)
        nn.init.ones_(ones.weight)
        with torch.no_grad():
            self.assertEqual(from_papers.Same(ones)(torch.ones(1, 1, 4, 4))[0, 0].tolist(), [[9, 6], [6, 4]])
            self.assertEqual(from_papers.Same(ones)(torch.ones(1, 1, 3, 3))[0, 0].tolist(), [[4, 4], [4, 4]])
            five = from_papers.Same(nn.Conv2d(1, 1, 5, 2, bias=False))
            nn.init.ones_(five.layer.weight)
            self.assertEqual(five(torch.ones(1, 1, 4, 4))[0, 0].tolist(), [[16, 12], [12, 9]])
            negative = from_papers.Same(nn.MaxPool2d(3, 2), float("-inf"))
            self.assertEqual(negative(-torch.ones(1, 1, 4, 4)).max(), -1)
            self.assertEqual(from_papers.Same(nn.MaxPool2d(3, 2))(-torch.ones(1, 1, 4, 4)).max(), 0)

    def test_means_are_of_what_lies_inside(self):
        x = torch.rand(1, 2, 5, 5)
        got = published.MeanInside()(F.avg_pool2d(x, 3, 1, 1))
        self.assertTrue(torch.allclose(got, F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)))

    def test_nasnet_halves_from_all_places(self):
        halve = from_papers.Halve(1, 2).eval()
        nn.init.ones_(halve.even.weight)
        nn.init.ones_(halve.odd.weight)
        x = torch.arange(16.0).reshape(1, 1, 4, 4)
        with torch.no_grad():
            even, odd = (halve(x) * (1 + 1e-3) ** 0.5)[0]
        self.assertTrue(torch.allclose(even, torch.tensor([[0.0, 2], [8, 10]])))
        self.assertTrue(torch.allclose(odd, torch.tensor([[5.0, 7], [13, 15]])))

    def test_a_network_is_settled_on_the_pictures(self):
        torch.manual_seed(1)
        net = published.settle(published.NETWORKS[1].make(len(network.CLASSES)))
        first = next(layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d))
        self.assertFalse(net.training or first.training)
        self.assertGreater(first.running_mean.abs().max(), 0)
        with torch.no_grad():
            answer = net(torch.rand(1, 3, network.SIDE, network.SIDE))
        self.assertEqual(answer.shape, (1, 4))
        self.assertTrue(torch.isfinite(answer).all() and answer.abs().max() > 1e-6)


if __name__ == "__main__":
    unittest.main()
