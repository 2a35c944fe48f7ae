"""Draws the pictures of this folder: kinds of file that Go cannot write.

Needs Pillow with libwebp and libtiff (Debian: python3-pil). Every picture shows
the ramp of draw() in decode_test.go, 48 x 32 pixels, unless it says otherwise.
"""
from PIL import Image

W, H = 48, 32


def ramp(alpha=False):
    im = Image.new("RGBA" if alpha else "RGB", (W, H))
    for y in range(H):
        for x in range(W):
            rgb = (x * 255 // (W - 1), y * 255 // (H - 1), 255 - x * 255 // (W - 1))
            im.putpixel((x, y), rgb + ((255 if x >= y + 9 else 0),) if alpha else rgb)
    return im


rgb, rgba, white = ramp(), ramp(alpha=True), Image.new("RGB", (W, H), "white")

# JPEG: printing colours, with the Adobe mark; several passes.
rgb.convert("CMYK").save("cmyk.jpg", quality=95, subsampling=0)
rgb.save("progressive.jpg", quality=95, subsampling=0, progressive=True)

# WebP: the pictures with alpha are clear where x < y + 9.
rgb.save("lossy.webp", quality=95)
rgb.save("lossless.webp", lossless=True)
rgba.save("lossy-alpha.webp", quality=95)
rgba.save("lossless-alpha.webp", lossless=True, exact=True)
rgb.save("animated.webp", save_all=True, append_images=[white], lossless=True)
rgba.save("animated-alpha.webp", save_all=True, append_images=[white], quality=95)

# An animated PNG.
rgb.save("animated.png", save_all=True, append_images=[white])

# TIFF: compressions that golang.org/x/image/tiff reads but does not write, two
# pages, and kinds that it does not read.
rgb.save("lzw.tiff", compression="tiff_lzw")
rgb.save("packbits.tiff", compression="packbits")
rgb.save("pages.tiff", save_all=True, append_images=[white])
rgb.save("jpeg.tiff", compression="jpeg")
rgb.convert("CMYK").save("cmyk.tiff")
