"""Tests of the networks beside ALL-Net; the Go test beside this file runs them where PyTorch is installed."""

import io
import unittest

import torch
from torch import nn
from torch.nn import functional as F

import network
import rivals


def multiply_adds(net, side=network.SIDE, device="cpu"):
    """Multiply-adds of the convolutions and dense layers for a picture of that side, counted as PyTorch runs them."""
    count = []

    def add(layer, _, output):
        count.append((output.numel() if isinstance(layer, nn.Conv2d) else len(layer.weight)) * layer.weight[0].numel())

    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(add)
    with torch.no_grad():
        net.eval()(torch.zeros(1, 3, side, side, device=device))
    return sum(count)


class Rivals(unittest.TestCase):
    def test_each_is_small_and_has_its_familys_mark(self):
        marks = {"mobilenet": lambda layer: isinstance(layer, nn.Conv2d) and layer.groups == layer.in_channels > 1,
                 "resnet": lambda layer: isinstance(layer, rivals.Residual),
                 "densenet": lambda layer: isinstance(layer, rivals.Dense)}
        self.assertEqual(set(marks), set(rivals.NETWORKS))
        for name, make in rivals.NETWORKS.items():
            net = make()
            self.assertTrue(any(marks[name](layer) for layer in net.modules()), name)
            self.assertLess(multiply_adds(net), 300e6, name)

    def test_each_learns_from_crops_and_answers_whole_pictures(self):
        for name, make in rivals.NETWORKS.items():
            torch.manual_seed(1)
            net = make().to(memory_format=torch.channels_last)
            optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
            x, y = torch.rand(8, 3, 112, 112).contiguous(memory_format=torch.channels_last), torch.arange(8) % 4
            losses = []
            for _ in range(8):
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    logits = net(x).float()
                losses.append(F.cross_entropy(logits, y))
                optimizer.zero_grad()
                losses[-1].backward()
                optimizer.step()
            self.assertTrue(all(p.grad is not None for p in net.parameters()), name)
            self.assertLess(losses[-1], losses[0], name)
            with torch.no_grad():
                whole = torch.rand(2, 3, network.SIDE, network.SIDE)
                together = net.folded()(whole)
                alone = torch.cat([net.folded()(whole[i:i + 1]) for i in range(2)])
            self.assertEqual(together.shape, (2, 4))
            self.assertTrue(torch.allclose(together, alone, atol=1e-4), name)  # statistics are the running ones
            self.assertTrue(net.training, name)

    def test_each_is_exported(self):
        for make in rivals.NETWORKS.values():
            file = io.BytesIO()
            network.export(make(), file)
            self.assertGreater(len(file.getvalue()), 100000)


if __name__ == "__main__":
    unittest.main()
