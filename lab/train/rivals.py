"""Small networks in the style of MobileNet, ResNet and DenseNet, trained from scratch beside ALL-Net: the rows of the
article's Table 6 that can be filled on two cores. None is the original; each keeps the idea that its family is known by.

Every network takes [N][3][height][width], RGB in [0,1], to logits [N][4]. The stem halves the side at once, and all is
convolutional up to the global average pooling, so training may begin on crops. They have the members of network.ALLNet
that train.py and network.export use: `norm`, `blocks`, `folded()`."""

import copy

import torch
from torch import nn

from network import CLASSES


def normalised(inputs, outputs, kernel, stride=1, groups=1):
    """Convolution that keeps the side (or halves it), and batch normalisation."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs))


class Rival(nn.Module):
    """Features, global average pooling, one dense layer."""

    norm = "batch"

    def __init__(self, features, channels):
        super().__init__()
        self.features = features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(channels, len(CLASSES))
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    @property
    def blocks(self):
        """The layers with running statistics, whose `momentum` train.py sets."""
        return [layer for layer in self.modules() if isinstance(layer, nn.BatchNorm2d)]

    def forward(self, x):
        return self.head(torch.flatten(self.pool(self.features(x)), 1))

    def folded(self):
        """The same function in evaluation mode. The exporter folds each normalisation that follows a convolution."""
        return copy.deepcopy(self).float().eval()


class InvertedResidual(nn.Module):
    """MobileNetV2 (Sandler et al. 2018), with ReLU for ReLU6: widen by 1x1, 3x3 a channel at a time, narrow by 1x1 without activation; a
    shortcut between the narrow ends where they have the same shape."""

    def __init__(self, inputs, outputs, stride, widening):
        super().__init__()
        middle = inputs * widening
        self.shortcut = stride == 1 and inputs == outputs
        widen = [normalised(inputs, middle, 1), nn.ReLU()] if widening > 1 else []
        self.body = nn.Sequential(*widen, normalised(middle, middle, 3, stride, groups=middle), nn.ReLU(),
                                  normalised(middle, outputs, 1))

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


def mobilenet():
    layers, inputs = [normalised(3, 16, 3, 2), nn.ReLU()], 16
    for outputs, repeats, stride, widening in (
            (16, 1, 1, 1), (24, 2, 2, 3), (32, 2, 2, 4), (64, 3, 2, 4), (96, 2, 1, 4), (128, 2, 2, 4)):
        for i in range(repeats):
            layers.append(InvertedResidual(inputs, outputs, stride if i == 0 else 1, widening))
            inputs = outputs
    return Rival(nn.Sequential(*layers, normalised(inputs, 512, 1), nn.ReLU()), 512)


class Residual(nn.Module):
    """ResNet's basic block (He et al. 2016): two 3x3 convolutions beside a shortcut, projected where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(normalised(inputs, outputs, 3, stride), nn.ReLU(), normalised(outputs, outputs, 3))
        self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else normalised(inputs, outputs, 1, stride)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.body(x) + self.shortcut(x))


def resnet():
    layers, inputs = [normalised(3, 32, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 32
    for outputs, stride in ((32, 1), (64, 2), (128, 2), (256, 2)):
        layers.append(Residual(inputs, outputs, stride))
        inputs = outputs
    return Rival(nn.Sequential(*layers), inputs)


class Dense(nn.Module):
    """One layer of DenseNet-BC (Huang et al. 2017): normalise, activate and convolve, by 1x1 and then by 3x3; the result
    joins what came in."""

    def __init__(self, inputs, growth):
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(), normalised(inputs, 4 * growth, 1), nn.ReLU(),
                                  nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False))

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


def densenet(growth=12, repeats=(3, 6, 8, 6)):
    channels = 2 * growth
    layers = [normalised(3, channels, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    for stage, count in enumerate(repeats):
        if stage > 0:  # the transition halves the channels and the side
            layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2)]
            channels //= 2
        for _ in range(count):
            layers.append(Dense(channels, growth))
            channels += growth
    return Rival(nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU()), channels)


NETWORKS = {"mobilenet": mobilenet, "resnet": resnet, "densenet": densenet}
