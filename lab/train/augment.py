"""Augmentation of the training side: the article's Table 3, for Benign alone, and crops."""

import numpy as np
import torch
from torch.nn import functional as F

# The article's data set grew from 504 to 957 Benign pictures.
BENIGN_GROWTH = 957 / 504


def benign_copies(benign, random):
    """Indices of the Benign training pictures of which this epoch sees an altered copy."""
    return random.choice(benign, round(len(benign) * (BENIGN_GROWTH - 1)), replace=False)


def table3(x, random):
    """Rotation within 10 degrees, shifts within a tenth of the side, shear within 0.2 (degrees, as the
    article's library reads it), zoom 0.8 to 1.2 on each axis, horizontal flip; the border repeated outwards.
    x: [n][3][h][w]; every picture is altered by its own draw."""
    matrices = []
    for _ in range(len(x)):
        angle, shear = np.deg2rad(random.uniform(-10, 10)), np.deg2rad(random.uniform(-0.2, 0.2))
        rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        slant = np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
        zoom = np.diag(random.uniform(0.8, 1.2, 2))
        flip = np.diag([random.choice([-1.0, 1.0]), 1.0])
        shift = 2 * random.uniform(-0.1, 0.1, 2)  # a side is 2 long in the sampling grid
        matrices.append(np.column_stack([rotate @ slant @ zoom @ flip, shift]))
    theta = torch.from_numpy(np.array(matrices, dtype=np.float32)).to(x.device)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def crop(x, side, random):
    """The same random window of side x side pixels of every picture of the batch."""
    top, left = random.randint(0, x.shape[2] - side + 1), random.randint(0, x.shape[3] - side + 1)
    return x[:, :, top:top + side, left:left + side]
