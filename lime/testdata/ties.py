"""Writes quickshift's label maps of a picture that is full of ties.

    python3 ties.py    (scikit-image 0.19.3, numpy 1.24.2: Debian 12's python3-skimage)

Outside its middle the picture is exactly black, so there the noise alone decides;
the middle is tiles of one colour each, alike on both sides, so that many pixels have
two nearest neighbours at the same distance.
"""
import numpy as np
from skimage.segmentation import quickshift

side = 48
rgb = np.zeros((side, side, 3), np.uint8)
for y in range(12, 36):
    for x in range(12, 36):
        tile = y // 4 * 6 + min(x, side - 1 - x) // 4
        rgb[y, x] = [tile * 37 % 256, tile * 91 % 256, tile * 53 % 256]
for kernel_size, max_dist, ratio in [(4, 200, 0.2), (1, 6, 0.5)]:
    for seed in [0, 42]:
        labels = quickshift(rgb / 255, kernel_size=kernel_size, max_dist=max_dist, ratio=ratio, random_seed=seed)
        labels.astype("<u2").tofile(f"ties48.kernel{kernel_size}.seed{seed}.labels.u16")
        print(kernel_size, seed, labels.max() + 1)
