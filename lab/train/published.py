#!/usr/bin/env python3
"""The nine networks beside ALL-Net in the article's Table 6, layer by layer as they were published.

    python3 published.py OUT [NAME...]     writes OUT/NAME.onnx of each, or of those named, with four outputs for 224 x 224
                                           pictures; the weights are random ones of a fixed seed and have learned nothing

The article took the accuracies from a source that used Keras (lab/ARTICLE.md, "Other networks"), so each is the network of
Keras's module `applications`. Six are torchvision's, changed where it builds another function from the same layers; three
are from_papers.py's. test_published.py holds their sizes to the published ones.

Pictures are taken as [N][3][224][224], RGB in [0,1]. What Keras puts before a network to bring pictures to the range that
it was trained for is left out: it costs nothing worth measuring, and these learned nothing."""

import os
import sys
import warnings
from dataclasses import dataclass
from typing import Callable

import torch
import torchvision.models
from torch import nn

import from_papers
import golden
import network
from from_papers import Same


@dataclass(frozen=True)
class Architecture:
    """name: as in the article's Table 6; make(classes): the network with random weights; side: of the pictures that it was
    published for. learned and moving: how many numbers Keras's table says that the network for 1,000 classes learns, and how
    many means and variances its normalisations keep besides; the two together are what the table calls parameters.
    multiply_adds: of one picture of that side, where a paper gives them; source names it."""

    name: str
    make: Callable
    side: int
    learned: int
    moving: int
    multiply_adds: float = 0
    source: str = ""


def epsilon(net, eps):
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = eps
    return net


def paddings_as_in_keras(net):
    """Where a convolution halves the side, torchvision pads all sides alike, and Keras as Same does."""
    for parent in list(net.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Conv2d) and layer.stride != (1, 1) and layer.kernel_size != (1, 1):
                layer.padding = (0, 0)
                setattr(parent, name, Same(layer))
    return net


# init_weights=False: weights that learn nothing need not be drawn by rules that take a minute.

def vgg16(classes):
    return torchvision.models.vgg16(num_classes=classes, init_weights=False)


def vgg19(classes):
    return torchvision.models.vgg19(num_classes=classes, init_weights=False)


def densenet201(classes):
    return epsilon(torchvision.models.densenet201(num_classes=classes), 1.001e-5)


def inception_v3(classes):
    """torchvision's normalisations have a gain, Keras's none: it stays 1 and is not learned. At the border Keras's means are
    of what lies inside; torchvision reckons with zeros around."""
    net = torchvision.models.inception_v3(num_classes=classes, aux_logits=False, init_weights=False, transform_input=False)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.weight.requires_grad_(False)
    for block in net.children():
        if hasattr(block, "branch_pool"):
            block.branch_pool = nn.Sequential(MeanInside(), block.branch_pool)
    return net


class MeanInside(nn.Module):
    """The mean of 3x3 places that were taken with zeros around, of those that lie inside alone."""

    def forward(self, x):
        inside = nn.functional.avg_pool2d(torch.ones(1, 1, *x.shape[2:], device=x.device), 3, 1, 1)
        return x / inside


def efficientnet_b0(classes):
    return paddings_as_in_keras(epsilon(torchvision.models.efficientnet_b0(num_classes=classes), 1e-3))


def mobilenet_v3_large(classes):
    return paddings_as_in_keras(epsilon(torchvision.models.mobilenet_v3_large(num_classes=classes), 1e-3))


# Keras's documentation of its module `applications` prints learned + moving of each. It counts 7 numbers more of
# EfficientNetB0: the mean, the variance and the count of a layer that brings pictures to its range.
NETWORKS = (
    Architecture("EfficientNet", efficientnet_b0, 224, 5_288_548, 42_016, 0.39e9, "Tan & Le 2019, Table 2"),
    Architecture("MobileNetV3", mobilenet_v3_large, 224, 5_483_032, 24_400, 219e6, "Howard et al. 2019, Table 3"),
    Architecture("VGG-19", vgg19, 224, 143_667_240, 0, 19.6e9, "He et al. 2015"),
    Architecture("Xception", from_papers.xception, 299, 22_855_952, 54_528, 8.38e9, "Zoph et al. 2018, Table 2"),
    Architecture("InceptionV3", inception_v3, 299, 23_817_352, 34_432, 5.72e9, "Zoph et al. 2018, Table 2"),
    Architecture("ResNet50V2", from_papers.resnet50v2, 224, 25_568_360, 45_440),
    Architecture("VGG-16", vgg16, 224, 138_357_544, 0, 15.3e9, "He et al. 2015"),
    Architecture("NASNetLarge", from_papers.nasnet_large, 331, 88_753_150, 196_668, 23.8e9, "Zoph et al. 2018, Table 2"),
    Architecture("DenseNet201", densenet201, 224, 20_013_928, 229_056),
)


def counted(net):
    """How many numbers a network learns, and how many means and variances its normalisations keep."""
    return (sum(p.numel() for p in net.parameters() if p.requires_grad),
            sum(b.numel() for name, b in net.named_buffers() if name.endswith(("running_mean", "running_var"))))


def settle(net):
    """Set the statistics of the normalisations to those of two drawn pictures, so that the numbers between the layers are of
    ordinary size: arithmetic with numbers near zero, or with none at all, takes another time."""
    net.eval()
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None
            layer.train()
    with torch.no_grad():
        net(torch.stack([torch.from_numpy(rgb.copy()).permute(2, 0, 1).float() / 255 for _, rgb in golden.pictures()[:2]]))
    return net.eval()


def write(architecture, out):
    torch.manual_seed(1)
    net = settle(architecture.make(len(network.CLASSES)))
    net.folded = lambda: net
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes become constants, as they should, and paddings are folded when the file is read
        network.export(net, os.path.join(out, architecture.name + ".onnx"))


def main(out, *names):
    network.check_export()
    unknown = set(names) - {a.name for a in NETWORKS}
    if unknown:
        sys.exit(f"there is no network {', '.join(sorted(unknown))}; expected {', '.join(a.name for a in NETWORKS)}")
    os.makedirs(out, exist_ok=True)
    for architecture in NETWORKS:
        if not names or architecture.name in names:
            write(architecture, out)
            print(f"{architecture.name}: {os.path.getsize(os.path.join(out, architecture.name + '.onnx')):,} bytes", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
