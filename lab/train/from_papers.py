"""Networks of the article's Table 6 that torchvision does not have: Xception, ResNet50V2 and NASNetLarge, written from
their papers, with the sizes, paddings and epsilons that Keras's documentation gives, since the article's source used Keras.

Every network takes [N][3][side][side] to logits [N][classes]. Initial weights are drawn by PyTorch's defaults."""

import torch
from torch import nn
from torch.nn import functional as F


class Same(nn.Module):
    """A layer of one kernel and stride after TensorFlow's padding "same": the output has side / stride places, rounded up,
    and where an odd number of lines is needed, one more lies below and right than above and left. What is padded has the
    value `value`; a maximum takes -infinity unless its source says zeros."""

    def __init__(self, layer, value=0.0):
        super().__init__()
        self.layer, self.value = layer, value

    def forward(self, x):
        pads = []
        kernel, stride = square(self.layer.kernel_size), square(self.layer.stride)
        for size in (int(x.shape[3]), int(x.shape[2])):  # int: an exported network is for pictures of one size
            total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
            pads += [total // 2, total - total // 2]
        return self.layer(F.pad(x, pads, value=self.value))


def square(size):
    """The side of a square that PyTorch keeps as a number or a pair."""
    return size[0] if isinstance(size, tuple) else size


def norm(channels):
    """The normalisation of Xception and NASNet."""
    return nn.BatchNorm2d(channels, eps=1e-3)


def pointwise(inputs, outputs, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, 1, stride, bias=bias)


class Separable(nn.Sequential):
    """A depthwise and a pointwise convolution, without anything between or behind them."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(Same(nn.Conv2d(inputs, inputs, kernel, stride, groups=inputs, bias=False)), pointwise(inputs, outputs))


class Pooled(nn.Module):
    """Features, the mean of every channel, and one dense layer."""

    def __init__(self, features, channels, classes):
        super().__init__()
        self.features, self.classifier = features, nn.Linear(channels, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


# Xception: Chollet 2017, Figure 5.

class XceptionBlock(nn.Module):
    """Separable convolutions to the given widths beside a shortcut. With stride 2 the maximum of 3x3 halves the side, and the
    shortcut is a normalised convolution. The activation stands before each convolution, but where the block is the first."""

    def __init__(self, inputs, widths, stride=1, first=False):
        super().__init__()
        layers = []
        for i, (width, outputs) in enumerate(zip((inputs,) + widths, widths)):
            layers += ([] if first and i == 0 else [nn.ReLU()]) + [Separable(width, outputs, 3), norm(outputs)]
        self.shortcut = nn.Identity()
        if stride > 1:
            layers.append(Same(nn.MaxPool2d(3, stride), float("-inf")))
            self.shortcut = nn.Sequential(pointwise(inputs, widths[-1], stride), norm(widths[-1]))
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def xception(classes):
    entry = [nn.Conv2d(3, 32, 3, 2, bias=False), norm(32), nn.ReLU(), nn.Conv2d(32, 64, 3, bias=False), norm(64), nn.ReLU(),
             XceptionBlock(64, (128, 128), 2, first=True), XceptionBlock(128, (256, 256), 2), XceptionBlock(256, (728, 728), 2)]
    middle = [XceptionBlock(728, (728, 728, 728)) for _ in range(8)]
    leave = [XceptionBlock(728, (728, 1024), 2), Separable(1024, 1536, 3), norm(1536), nn.ReLU(), Separable(1536, 2048, 3), norm(2048), nn.ReLU()]
    return Pooled(nn.Sequential(*entry, *middle, *leave), 2048, classes)


# ResNet50V2: He et al. 2016, "Identity mappings in deep residual networks", the 50 layers of He et al. 2015.

class Preactivated(nn.Module):
    """Normalise and activate, then 1x1, 3x3 and 1x1 convolutions beside a shortcut: a convolution of the activated input in
    the first block of a stage, the input itself in the others, of which every second place is left where the block halves
    the side. In Keras a stage's last block does, by its 3x3 convolution."""

    def __init__(self, inputs, width, stride=1, first=False):
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(inputs, eps=1.001e-5), nn.ReLU())
        self.project = pointwise(inputs, 4 * width, bias=True) if first else None
        self.thin = nn.MaxPool2d(1, stride) if stride > 1 else nn.Identity()
        self.body = nn.Sequential(pointwise(inputs, width), nn.BatchNorm2d(width, eps=1.001e-5), nn.ReLU(),
                                  nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width, eps=1.001e-5), nn.ReLU(),
                                  pointwise(width, 4 * width, bias=True))

    def forward(self, x):
        active = self.before(x)
        return self.body(active) + (self.thin(x) if self.project is None else self.project(active))


def resnet50v2(classes):
    # The maximum's padding is of zeros, which may be larger than what they lie beside: nothing is activated yet.
    layers = [nn.Conv2d(3, 64, 7, 2, 3), nn.ZeroPad2d(1), nn.MaxPool2d(3, 2)]
    inputs = 64
    for width, blocks, stride in ((64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1)):
        for i in range(blocks):
            layers.append(Preactivated(inputs, width, stride if i == blocks - 1 else 1, first=i == 0))
            inputs = 4 * width
    return Pooled(nn.Sequential(*layers, nn.BatchNorm2d(inputs, eps=1.001e-5), nn.ReLU()), inputs, classes)


# NASNet-A (6 @ 4032): Zoph et al. 2018, Figure 4 and appendix A.

class Twice(nn.Sequential):
    """Activate, separate and normalise, twice; the first convolution may halve the side."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(nn.ReLU(), Separable(inputs, outputs, kernel, stride), norm(outputs),
                         nn.ReLU(), Separable(outputs, outputs, kernel), norm(outputs))


class Squeeze(nn.Sequential):
    """Activate, and bring the channels to a number."""

    def __init__(self, inputs, outputs):
        super().__init__(nn.ReLU(), pointwise(inputs, outputs), norm(outputs))


class Halve(nn.Module):
    """Halve the side and bring the channels to a number, half of them from the even places and half from the odd ones."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.even, self.odd = pointwise(inputs, outputs // 2, 2), pointwise(inputs, outputs // 2, 2)
        self.norm = norm(outputs)

    def forward(self, x):
        x = F.relu(x)
        return self.norm(torch.cat([self.even(x), self.odd(F.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:])], 1))


class Cell(nn.Module):
    """What both kinds of cell begin with: the input of this cell and that of the cell before, brought to its width. `shape` and
    `before` are (channels, how often the side was halved) of the two; before is None where there is no cell before."""

    def __init__(self, shape, before, width):
        super().__init__()
        self.squeeze = Squeeze(shape[0], width)
        self.adjust, beside = nn.Identity(), shape[0]
        if before is not None:
            beside = width
            if before[1] != shape[1]:
                self.adjust = Halve(before[0], width)
            elif before[0] != width:
                self.adjust = Squeeze(before[0], width)
        self.beside = beside
        self.mean = nn.AvgPool2d(3, 1, 1, count_include_pad=False)


class Normal(Cell):
    def __init__(self, shape, before, width):
        super().__init__(shape, before, width)
        self.shape = (6 * width, shape[1])
        self.a5, self.b3 = Twice(width, width, 5), Twice(width, width, 3)
        self.c5, self.c3 = Twice(width, width, 5), Twice(width, width, 3)
        self.d3 = Twice(width, width, 3)

    def forward(self, x, before):
        here, before = self.squeeze(x), self.adjust(before)
        mean = self.mean(before)
        return torch.cat([before, self.a5(here) + self.b3(before), self.c5(before) + self.c3(before), self.mean(here) + before,
                          mean + mean, self.d3(here) + here], 1)


class Reduction(Cell):
    """The windows that halve the side take zeros for what lies outside."""

    def __init__(self, shape, before, width):
        super().__init__(shape, before, width)
        self.shape = (4 * width, shape[1] + 1)
        self.a5, self.a7 = Twice(width, width, 5, 2), Twice(self.beside, width, 7, 2)
        self.b7, self.c5 = Twice(self.beside, width, 7, 2), Twice(self.beside, width, 5, 2)
        self.d3 = Twice(width, width, 3)
        self.largest, self.average = Same(nn.MaxPool2d(3, 2)), Same(nn.AvgPool2d(3, 2))

    def forward(self, x, before):
        here, before = self.squeeze(x), self.adjust(before)
        largest = self.largest(here)
        first, second = self.a5(here) + self.a7(before), largest + self.b7(before)
        third = self.average(here) + self.c5(before)
        return torch.cat([second, third, second + self.mean(first), self.d3(first) + largest], 1)


class NASNetFeatures(nn.Module):
    """Two reductions, then six normal cells thrice with a reduction between: width of the first normal cells 168, the
    double after each reduction. The first normal cell behind a reduction looks past it at the cell before."""

    def __init__(self, width=168, repeats=6, stem=96):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, stem, 3, 2, bias=False), norm(stem))
        shape, before, cells = (stem, 1), None, []
        for kind, wide in [(Reduction, width // 4), (Reduction, width // 2)] + [(Normal, width)] * repeats + [(Reduction, 2 * width)] \
                + [(Normal, 2 * width)] * repeats + [(Reduction, 4 * width)] + [(Normal, 4 * width)] * repeats:
            cells.append(kind(shape, before, wide))
            skips = kind is Reduction and wide > width
            before, shape = before if skips else shape, cells[-1].shape
        self.cells, self.width, self.channels = nn.ModuleList(cells), width, shape[0]

    def forward(self, x):
        x = self.stem(x)
        before = x
        for cell in self.cells:
            skips = isinstance(cell, Reduction) and cell.shape[0] > 4 * self.width
            x, before = cell(x, before), before if skips else x
        return F.relu(x)


def nasnet_large(classes):
    features = NASNetFeatures()
    return Pooled(features, features.channels, classes)
