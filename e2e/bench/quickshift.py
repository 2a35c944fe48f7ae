"""Times scikit-image's quickshift, for bench.mjs: quickshift.py PICTURE.

Prints the version of scikit-image and the median of seven times in milliseconds.
"""

import statistics
import sys
import time

import skimage
from skimage.io import imread
from skimage.segmentation import quickshift

pixels = imread(sys.argv[1])[..., :3]
times = []
for _ in range(7):
    start = time.perf_counter()
    quickshift(pixels, kernel_size=4, max_dist=200, ratio=0.2)
    times.append(1000 * (time.perf_counter() - start))
print(skimage.__version__, statistics.median(times))
