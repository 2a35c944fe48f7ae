"""Pictures for the robust recipe: the same cells under other stains, lights, backgrounds and microscopes, and pictures
that no class should be read from (cells erased, another magnification, another kind of picture).

Levels are in [0,1]; optical density is -ln((255 v + 1) / 256), as in the stress tests."""

import math

import numpy as np
import torch
from torch.nn import functional as F

# The scale bar is burnt into the bottom right corner; the longest is 40 x 24 pixels.
BAR_HEIGHT, BAR_WIDTH = 24, 40


def optical_density(x):
    return -torch.log((255 * x + 1) / 256)


def levels(density):
    return ((256 * torch.exp(-density) - 1) / 255).clamp(0, 1)


def stained(x, segmented):
    """Mask [n][1][h][w] of stained nuclei: what the data set's segmentation shows, and what takes more green than red
    light (red cells and background do not). The segmentation misses most nuclei of class Pro, the colour rule pale
    Benign ones."""
    density = optical_density(x)
    purple = F.avg_pool2d(density[:, 1:2] - density[:, 0:1], 5, 1, 2) > 0.065
    # Single pixels of the segmentation are compression noise.
    kept = F.avg_pool2d((segmented > 0.16).amax(1, keepdim=True).float(), 3, 1, 1) > 0.5
    return (purple | kept).float()


def grow(mask, radius):
    return F.max_pool2d(mask, 2 * radius + 1, 1, radius)


def separate(mask):
    """Masks [n][1][h][w] (h and w even) > numbers uint8 of the same shape: 0 outside, one number from 1 to 255 for what hangs
    together at half the size. Two of very many parts may share a number."""
    half = F.max_pool2d(mask, 2)
    number = half * torch.arange(1, half[0].numel() + 1, dtype=torch.float32).reshape(half[:1].shape)
    while True:  # the largest number of a part spreads over it
        spread = F.max_pool2d(number, 3, 1, 1) * half
        if torch.equal(spread, number):
            break
        number = spread
    parts = torch.zeros(mask.shape, dtype=torch.uint8)
    for i in range(len(mask)):
        _, index = torch.unique(torch.cat([torch.zeros(1), number[i].flatten()]), return_inverse=True)
        small = torch.where(index[1:] > 0, (index[1:] - 1) % 255 + 1, 0).reshape(half[i:i + 1].shape)
        parts[i] = (F.interpolate(small.float(), mask.shape[2:], mode="nearest") * mask[i]).to(torch.uint8)[0]
    return parts


class Augmenter:
    """Draws altered batches. random: a numpy RandomState; what torch draws follows torch's own seed."""

    def __init__(self, random):
        self.random = random

    def uniform(self, n, low, high, *shape):
        return torch.from_numpy(self.random.uniform(low, high, (n,) + (shape or (1, 1, 1))).astype(np.float32))

    def some(self, n, share):
        """Indices of a random part of a batch."""
        return torch.from_numpy(np.flatnonzero(self.random.uniform(size=n) < share))

    def window(self, x, side, zoom=(0.78, 1.3), turn=True):
        """[n][c][224][224] > [n][c][side][side]: a window of every picture, turned by any angle, mirrored, and enlarged
        by zoom. What lies outside the picture is its reflection."""
        n, full = len(x), x.shape[2]
        scale = np.exp(self.random.uniform(math.log(zoom[0]), math.log(zoom[1]), n)) * (1 + self.random.uniform(-0.06, 0.06, (2, n)))
        angle = self.random.uniform(-math.pi, math.pi, n) if turn else np.zeros(n)
        mirror = self.random.choice([-1.0, 1.0], n)
        part = side / full / scale  # of the picture, on each axis
        room = np.maximum(0, 1 - part.max(0) * (np.abs(np.cos(angle)) + np.abs(np.sin(angle))))
        shift = self.random.uniform(-1, 1, (2, n)) * room
        theta = np.stack([np.stack([np.cos(angle) * part[0] * mirror, -np.sin(angle) * part[1], shift[0]], 1),
                          np.stack([np.sin(angle) * part[0] * mirror, np.cos(angle) * part[1], shift[1]], 1)], 1)
        grid = F.affine_grid(torch.from_numpy(theta.astype(np.float32)), [n, x.shape[1], side, side], align_corners=False)
        return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)

    def hide_bars(self, x, share=0.6):
        """Paints over the corner of the scale bar: with what stands beside it, or with one colour."""
        for i in self.some(len(x), share):
            h, w = self.random.randint(14, BAR_HEIGHT + 8), self.random.randint(30, BAR_WIDTH + 12)
            if self.random.uniform() < 0.6:
                x[i, :, -h:, -w:] = x[i, :, -2 * h:-h, -w:].clone() if self.random.uniform() < 0.5 else x[i, :, -h:, -2 * w:-w].clone()
            else:
                x[i, :, -h:, -w:] = torch.from_numpy(self.random.uniform(0, 1, (3, 1, 1)).astype(np.float32))

    def noise(self, n, h, w, channels=3):
        """Clouds: smooth random fields of mean 0 and deviation about 1, rough or fine."""
        total = torch.zeros(n, channels, h, w)
        decay = self.random.uniform(0.3, 1.2)
        for octave in range(1, 6):
            s = 2 ** octave
            field = torch.from_numpy(self.random.standard_normal((n, channels, s + 1, s + 1)).astype(np.float32))
            total += F.interpolate(field, (h, w), mode="bilinear", align_corners=True) * decay ** octave
        return total / total.std().clamp_min(1e-6)

    def surroundings(self, x, mask):
        """x with the masked parts filled in smoothly from around them."""
        seen = 1 - mask
        fill, weight = F.avg_pool2d(x * seen, 4), F.avg_pool2d(seen, 4)
        out = (fill.sum((2, 3), keepdim=True) / weight.sum((2, 3), keepdim=True).clamp_min(0.1)).expand_as(fill)
        for kernel in (17, 9, 5):
            near = F.avg_pool2d(weight, kernel, 1, kernel // 2)
            mean = F.avg_pool2d(fill, kernel, 1, kernel // 2) / near.clamp_min(1e-4)
            out = torch.where(near > 0.12, mean, out)
        return F.interpolate(out, x.shape[2:], mode="bilinear", align_corners=False)

    def erase(self, x, mask):
        """Cells erased: nuclei and a rim of cytoplasm replaced, by one of several fillings."""
        out = x.clone()
        for i in range(len(x)):
            m, p = grow(mask[i:i + 1], self.random.randint(1, 8)), x[i:i + 1]
            kind = self.random.randint(5)
            if kind == 0:  # brightest background, one colour
                flat = p.flatten(2)
                bright = flat.mean(1)
                fill = flat[:, :, bright[0] >= torch.quantile(bright[0], 0.8)].mean(2)[:, :, None, None]
            elif kind == 1:  # mean of what is left
                fill = (p * (1 - m)).sum((2, 3), keepdim=True) / (1 - m).sum().clamp_min(1)
            elif kind == 2:  # from around
                fill = self.surroundings(p, m)
            elif kind == 3:  # another part of the picture, itself without nuclei
                shift = [self.random.randint(20, p.shape[2] - 20), self.random.randint(20, p.shape[3] - 20)]
                fill = torch.roll(self.surroundings(p, m) * m + p * (1 - m), shift, (2, 3))
            else:  # any one colour, black and grey among them
                fill = torch.from_numpy((self.random.uniform(0, 1, (1, 3, 1, 1)) if self.random.uniform() < 0.5
                                         else np.full((1, 3, 1, 1), self.random.choice([0.0, 0.5, 1.0]))).astype(np.float32))
            if self.random.uniform() < 0.5:  # soft edge
                m = F.avg_pool2d(m, 3, 1, 1)
            out[i:i + 1] = p * (1 - m) + fill * m
        if self.random.uniform() < 0.3:
            out += 0.02 * torch.randn_like(out) * (out > 0.02)
        return out.clamp(0, 1)

    def transplant(self, x, mask):
        """Cells on another background: one colour, clouds, or the erased background of another picture of the batch."""
        out = x.clone()
        for i in range(len(x)):
            m, p = grow(mask[i:i + 1], self.random.randint(1, 5)), x[i:i + 1]
            kind = self.random.randint(4)
            if kind == 0:
                ground = torch.from_numpy(self.random.uniform(0.55, 1, (1, 3, 1, 1)).astype(np.float32))
            elif kind == 1:
                mean = torch.from_numpy(self.random.uniform(0.4, 1, (1, 3, 1, 1)).astype(np.float32))
                ground = (mean + self.random.uniform(0.02, 0.12) * self.noise(1, *x.shape[2:])).clamp(0, 1)
            elif kind == 2 and self.random.uniform() < 0.3:
                ground = torch.zeros(1, 3, 1, 1)
            else:
                j = self.random.randint(len(x))
                other = grow(mask[j:j + 1], 5)
                ground = self.surroundings(x[j:j + 1], other) * other + x[j:j + 1] * (1 - other)
            m = F.avg_pool2d(m, 3, 1, 1)
            out[i:i + 1] = p * m + ground * (1 - m)
        return out

    def few(self, parts, side):
        """Mask of a few of a picture's nuclei, from separate's numbers [n][1][h][w]: one to three in a window of side pixels."""
        kept = torch.zeros(parts.shape)
        for i in range(len(parts)):
            numbers, size = torch.unique(parts[i], return_counts=True)
            numbers = numbers[(numbers > 0) & (size >= 120)].numpy()  # smaller ones are platelets and scraps
            count = round(self.random.randint(1, 4) * (parts.shape[2] / side) ** 2)
            chosen = self.random.permutation(numbers)[:count]
            kept[i] = torch.isin(parts[i], torch.from_numpy(chosen)).float()
        return kept

    def thin(self, x, mask, kept):
        """Pictures of which only the kept cells are left; the others are erased. kept: a part of mask."""
        near = F.avg_pool2d(grow(kept, 5), 3, 1, 1)
        return x * near + self.erase(x, (mask - grow(kept, 2)).clamp_min(0)) * (1 - near)

    def stain(self, x, most=1.0, share=0.9, gain=0.4, offset=0.22):
        """Gain and offset of the optical density of each channel: the strong stain shift and a little more, times most."""
        i = self.some(len(x), share)
        n = len(i)
        strength = most * self.uniform(n, 0.2, 1)
        common, free = self.uniform(n, -1, 1), self.uniform(n, -1, 1, 3, 1, 1)
        mix = self.uniform(n, 0, 1)
        density = optical_density(x[i]) * (1 + gain * strength * (mix * common + (1 - mix) * free))
        x[i] = levels(density + offset * strength * self.uniform(n, -1, 1, 3, 1, 1))

    def light(self, x, share=0.25):
        i = self.some(len(x), share)
        n = len(i)
        y = x[i].clamp_min(1e-3) ** torch.exp(self.uniform(n, -0.5, 0.5))
        centre = y.mean((1, 2, 3), keepdim=True)
        x[i] = ((y - centre) * self.uniform(n, 0.7, 1.3) + centre + self.uniform(n, -0.16, 0.16)).clamp(0, 1)

    def blur(self, x, sigma):
        radius = max(1, math.ceil(2.5 * sigma))
        k = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
        k = (k / k.sum()).repeat(x.shape[1], 1, 1, 1)
        x = F.conv2d(F.pad(x, (radius,) * 4, mode="reflect"), k, groups=x.shape[1])
        return F.conv2d(x, k.transpose(2, 3), groups=x.shape[1])

    def sensor(self, x):
        """Focus, noise and compression, each on a part of the batch."""
        i = self.some(len(x), 0.18)
        if len(i):
            x[i] = self.blur(x[i], self.random.uniform(0.4, 1.9))
        i = self.some(len(x), 0.06)
        if len(i):  # sharpened
            x[i] = (x[i] + self.random.uniform(0.3, 1) * (x[i] - self.blur(x[i], 1))).clamp(0, 1)
        i = self.some(len(x), 0.15)
        x[i] = (x[i] + self.uniform(len(i), 0, 0.06) * torch.randn(x[i].shape)).clamp(0, 1)
        i = self.some(len(x), 0.15)
        if len(i):
            x[i] = compress(x[i], self.random.uniform(12, 80))

    def outliers(self, x, bank, side):
        """[n][3][side][side] pictures of which no class should be read, from data-set pictures x [n][3][224][224] and from
        bank, foreign pictures [N][224][224][3] as uint8, if any."""
        n, out = len(x), []
        for i in range(n):
            p = x[i:i + 1]
            kind = self.random.randint(13)
            if kind < 5 and bank is not None:
                j = self.random.randint(len(bank))
                p = torch.from_numpy(bank[j]).permute(2, 0, 1)[None].float() / 255
                p = self.window(p, side, (0.5, 3), self.random.uniform() < 0.5)
            elif kind == 5:
                p = self.window(p, side, (2.8, 7))
            elif kind == 6:
                p = self.window(p, side, (0.22, 0.52))
            elif kind == 7:
                p = self.blur(self.window(p, side), self.random.uniform(4, 10))
            elif kind == 8:
                p = self.window(p, side)
                order = self.random.permutation(3)
                if (order == np.arange(3)).all() or self.random.uniform() < 0.3:
                    p = 1 - p
                p = p[:, order]
            elif kind == 9:  # shuffled tiles
                p = self.window(p, side)
                t = int(self.random.choice([s for s in (4, 7, 8, 14) if side % s == 0]))
                tiles = F.unfold(p, t, stride=t)
                p = F.fold(tiles[:, :, torch.from_numpy(self.random.permutation(tiles.shape[2]))], side, t, stride=t)
            elif kind == 10:
                p = torch.from_numpy(self.random.uniform(0, 1, (1, 3, 1, 1)).astype(np.float32)) \
                    + self.random.uniform(0, 0.3) * self.noise(1, side, side, int(self.random.choice([1, 3])))
            elif kind == 11:
                p = self.scene(side)
            else:
                p = self.random.uniform(0, 1, (1, 3, 1, 1)) + self.random.uniform(0, 0.4) * self.random.standard_normal((1, 3, side, side))
                p = torch.from_numpy(p.astype(np.float32))
            out.append(p.expand(1, 3, side, side).clamp(0, 1))
        return torch.cat(out)

    def scene(self, side):
        """Discs, ellipses and bars of random colours on a random ground: other cells, other things."""
        ground = self.random.uniform(0, 1, (1, 3, 1, 1))
        p = torch.from_numpy(ground.astype(np.float32)) + 0.03 * self.noise(1, side, side)
        y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
        colours = self.random.uniform(0, 1, (3, 3)).astype(np.float32)
        size = math.exp(self.random.uniform(math.log(3), math.log(40)))
        for _ in range(self.random.randint(1, 60)):
            cy, cx, angle = self.random.uniform(0, side), self.random.uniform(0, side), self.random.uniform(0, math.pi)
            u = (x - cx) * math.cos(angle) + (y - cy) * math.sin(angle)
            v = (y - cy) * math.cos(angle) - (x - cx) * math.sin(angle)
            a, b = size * self.random.uniform(0.6, 1.4), size * self.random.uniform(0.3, 1.4)
            inside = (torch.maximum(u.abs() / a, v.abs() / b) < 1) if self.random.uniform() < 0.25 else ((u / a) ** 2 + (v / b) ** 2 < 1)
            colour = torch.from_numpy(colours[self.random.randint(3)] + self.random.normal(0, 0.05, 3).astype(np.float32))
            p = torch.where(inside, colour[None, :, None, None] + 0.03 * self.noise(1, side, side, 1), p)
        return p if self.random.uniform() < 0.5 else self.blur(p, self.random.uniform(0.5, 2))

    def batch(self, x, nuclei, labels, bank, side, plan, ease=0.0):
        """A training batch from data-set pictures x [n][3][224][224] and their nuclei, numbered by separate [n][1][224][224]: of the
        last plan["erased"] the cells are erased, in place of plan["outliers"] before them stand outliers. The shares of these, of
        thinned pictures and of transplanted cells and the strength of the stain shift are less by the factor 1 - ease. Returns pictures [n][3][side][side]
        and targets [n][4]: the label, smoothed by 0.05, or the uniform distribution."""
        n, classes = len(x), 4
        outliers, erased = (int(round((1 - ease) * plan[k] * n)) for k in ("outliers", "erased"))
        cells = n - outliers - erased
        x = x.clone()
        self.hide_bars(x)
        keep = torch.cat([torch.arange(cells), torch.arange(cells + outliers, n)])
        thinned = self.some(cells, (1 - ease) * plan["thinned"])
        few = torch.zeros(nuclei.shape)
        few[thinned] = self.few(nuclei[thinned], side)
        both = self.window(torch.cat([x[keep], (nuclei[keep] > 0).float(), few[keep]], 1), side)
        y, mask, few = both[:, :3].contiguous(), (both[:, 3:4] > 0.5).float(), (both[:, 4:] > 0.5).float()
        # Where a window shows next to nothing of those chosen, all stay.
        thinned = thinned[few[thinned].sum((1, 2, 3)) > 100]
        if len(thinned):
            y[thinned] = self.thin(y[thinned], mask[thinned], few[thinned])
            mask[thinned] = few[thinned]
        move = self.some(cells, (1 - ease) * plan["transplanted"])
        # Where a window shows hardly any nucleus there is nothing left to transplant.
        move = move[mask[move].mean((1, 2, 3)) > 0.02]
        if len(move):
            y[move] = self.transplant(y[move], mask[move])
        if erased:
            y[cells:] = self.erase(y[cells:], mask[cells:])
        if outliers:
            y = torch.cat([y[:cells], self.outliers(x[cells:cells + outliers], bank, side), y[cells:]])
        self.stain(y, 1 - ease)
        self.light(y)
        self.sensor(y)
        targets = torch.full((n, classes), 1 / classes)
        targets[:cells] = 0.05 / classes + 0.95 * F.one_hot(labels[:cells], classes)
        # A window without a nucleus shows no class.
        empty = (mask[:cells].mean((1, 2, 3)) < 0.002).nonzero()[:, 0]
        targets[empty] = 1 / classes
        return y, targets


def _dct():
    k, i = np.mgrid[0:8, 0:8]
    d = np.sqrt(2 / 8) * np.cos((2 * i + 1) * k * np.pi / 16)
    d[0] /= np.sqrt(2)
    return torch.from_numpy(d.astype(np.float32))


# The quantisation table for luminance that JPEG's annex K gives as an example.
_LUMINANCE = torch.tensor([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99]], dtype=torch.float32)
_TO_YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
_DCT = _dct()


def compress(x, quality):
    """What JPEG's quantisation of 8 x 8 cosine blocks does to x [n][3][h][w], h and w multiples of 8; colour planes at
    full size with the luminance table, doubled."""
    scale = (5000 / quality if quality < 50 else 200 - 2 * quality) / 100
    n, c, h, w = x.shape
    ycc = torch.einsum("kc,nchw->nkhw", _TO_YCC, 255 * x) - torch.tensor([128.0, 0, 0])[None, :, None, None]
    blocks = ycc.reshape(n, c, h // 8, 8, w // 8, 8).transpose(3, 4)
    table = (torch.stack([_LUMINANCE, 2 * _LUMINANCE, 2 * _LUMINANCE])[None, :, None, None] * scale).clamp_min(1)
    quantised = torch.round(_DCT @ blocks @ _DCT.T / table) * table
    ycc = (_DCT.T @ quantised @ _DCT).transpose(3, 4).reshape(n, c, h, w) + torch.tensor([128.0, 0, 0])[None, :, None, None]
    return (torch.einsum("kc,nchw->nkhw", torch.linalg.inv(_TO_YCC), ycc) / 255).clamp(0, 1)
