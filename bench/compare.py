"""What does comparing two pictures find, and how long does it take?"""

from __future__ import annotations

import io
import itertools
import math
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from _measure import arguments, print_table
from _pictures import EDITS, PAGES, edited, overlap, page, pictures, scene, stored
from PIL import Image, ImageEnhance, ImageOps

from provenance.images.difference import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _pictures import Picture, Random

    from provenance.model.pictures import PictureDifference

QUALITIES = (30, 50, 70, 85, 95)
SHARES = {"3 %": 0.03, "1 %": 0.0125, "0.4 %": 0.004}
FOUND = 0.5
"""Overlap of a box with the true one (intersection over union) from which on it counts as found."""


def resized(image: Picture, scale: float, stretch: float = 1.0) -> Picture:
    """Draw a picture at another size, never smaller than can be compared."""
    scale = max(scale, 64 / min(image.size))
    return image.resize((round(image.width * scale * stretch), round(image.height * scale)), Image.Resampling.LANCZOS)


# ---- what is no change


def cropped(image: Picture, random: Random, most: float = 0.4) -> Picture:
    """Cut up to so much from some sides."""
    left, top, right, bottom = random.uniform(0.05, most, 4) * (random.random(4) < 0.6)
    right, bottom = min(right, 0.7 - left), min(bottom, 0.7 - top)
    box = (left * image.width, top * image.height, (1 - right) * image.width, (1 - bottom) * image.height)
    return image.crop(tuple(round(it) for it in box))


def in_shape(image: Picture, random: Random) -> Picture:
    """Crop to 1:1, 4:5 or 16:9."""
    shape = float(random.choice([1.0, 0.8, 16 / 9]))
    size = min(image.width, image.height * shape), min(image.height, image.width / shape)
    left, top = random.random() * (image.width - size[0]), random.random() * (image.height - size[1])
    return image.crop((round(left), round(top), round(left + size[0]), round(top + size[1])))


def straightened(image: Picture, random: Random) -> Picture:
    """Turn by up to three degrees and cut off the corners."""
    width, height = image.size
    turned = image.rotate(random.uniform(-3, 3), Image.Resampling.BICUBIC)
    return turned.crop((width // 10, height // 10, width - width // 10, height - height // 10))


def adjusted(image: Picture, random: Random) -> Picture:
    """Change brightness, contrast and colours moderately."""
    for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = kind(image).enhance(random.uniform(0.75, 1.3))
    return image


def framed(image: Picture, random: Random) -> Picture:
    """Set a border around it."""
    border = round(random.uniform(0.03, 0.2) * image.width)
    return ImageOps.expand(image, border, fill=tuple(random.integers(0, 255, 3).tolist()))


def posed(image: Picture, random: Random) -> Picture:
    """Mirror and turn by quarters."""
    image = ImageOps.mirror(image) if random.random() < 0.5 else image
    return image.rotate(90 * int(random.integers(4)), expand=True)


UNCHANGED: dict[str, Callable[[Picture, Random], Picture]] = {
    **{f"JPEG, quality {quality}": lambda image, _: image for quality in QUALITIES},
    "scaled 0.1–10 ×": lambda image, random: resized(image, math.exp(random.uniform(math.log(0.1), math.log(4)))),
    "scaled up to 10 × of a quarter": lambda image, random: resized(image, random.uniform(1, 2.5)),
    "cropped to 1:1, 4:5, 16:9": in_shape,
    "cropped by 5–40 % of sides, scaled": lambda image, random: resized(cropped(image, random), random.uniform(0.4, 1)),
    "stretched by up to a third": lambda image, random: resized(image, 0.7, random.uniform(0.75, 1.33)),
    "cropped and stretched": lambda image, random: resized(cropped(image, random, 0.2), 0.7, random.uniform(0.8, 1.25)),
    "mirrored, turned": posed,
    "mirrored, turned, cropped": lambda image, random: posed(cropped(image, random), random),
    "put straight by up to 3°": straightened,
    "border around it": framed,
    "brightness, contrast, colours": adjusted,
}


# ---- tables


@dataclass(frozen=True, slots=True)
class Looked:
    """One comparison and the processor's seconds that it took."""

    found: PictureDifference
    seconds: float


def look(newer: bytes, older: bytes) -> Looked:
    """Compare and take the time."""
    begun = time.process_time()
    return Looked(compare(newer, older), time.process_time() - begun)


def middle(looked: Iterable[Looked]) -> str:
    """Write the median of the milliseconds."""
    return f"{1000 * statistics.median(it.seconds for it in looked):.0f}"


def share(values: Iterable[bool]) -> str:
    """Write a share with the number that it is of."""
    counted = list(values)
    return f"{sum(counted)} of {len(counted)}"


def unchanged(rounds: int) -> Iterator[tuple[str, ...]]:
    """Compare pictures with what was stored, framed or adjusted otherwise."""
    for number, (name, change) in enumerate(UNCHANGED.items()):
        random = np.random.default_rng(number)
        looked = []
        for image in itertools.islice(itertools.cycle(pictures()), rounds):
            quality = int(name.rpartition(" ")[2]) if name.startswith("JPEG") else int(random.integers(50, 96))
            older = resized(image, 0.25) if "quarter" in name else image
            newer = change(image, random)
            looked.append(look(stored(newer, quality), stored(older, 92)))
        aligned = [it.found for it in looked if it.found.alignment is not None]
        clean = share(not it.regions for it in aligned)
        yield name, share(it.found.alignment is not None for it in looked), clean, middle(looked)


def changed(rounds: int) -> Iterator[tuple[str, ...]]:
    """Compare pictures with edited ones, stored again at some quality and size."""
    for (label, part), kind in itertools.product(SHARES.items(), EDITS):
        random = np.random.default_rng(EDITS.index(kind))
        looked, hits, false = [], [], 0
        for image in itertools.islice(itertools.cycle(pictures()), rounds):
            newer, box = edited(image, kind, random, part)
            scale = float(random.choice([1.0, 1.0, 0.7]))
            quality = int(random.choice(QUALITIES[1:]))
            newer = newer if scale == 1 else newer.resize((round(image.width * scale), round(image.height * scale)))
            looked.append(look(stored(newer, quality), stored(image, 92)))
            truth = tuple(round(it * scale) for it in box)
            boxes = [(it.left, it.top, it.left + it.width, it.top + it.height) for it in looked[-1].found.regions]
            overlaps = [overlap(it, (truth[0], truth[1], truth[2], truth[3])) for it in boxes]
            hits.append(max(overlaps, default=0.0))
            false += sum(it == 0 for it in overlaps)
        yield (
            f"{kind}, {label}",
            share(it >= FOUND for it in hits),
            share(it > 0.1 for it in hits),
            str(false),
            middle(looked),
        )


def unrelated(rounds: int) -> Iterator[tuple[str, ...]]:
    """Compare pictures that have nothing to do with each other, parts of them, and pages of one layout."""
    for name, kind in (("photographs and scenes", pictures()), ("pages of text", [page(it) for it in range(PAGES)])):
        random = np.random.default_rng(len(kind))
        pairs = list(itertools.permutations(range(len(kind)), 2))
        random.shuffle(pairs)
        for part in ("as they are", "cropped and scaled"):
            looked = []
            for one, two in itertools.islice(itertools.cycle(pairs), 4 * rounds):
                newer, older = kind[one], kind[two]
                if part != "as they are":
                    newer = resized(cropped(newer, random), random.uniform(0.25, 1))
                    older = resized(cropped(older, random), random.uniform(0.25, 1))
                looked.append(look(stored(newer, 80), stored(older, 80)))
            yield f"{name}, {part}", share(it.found.alignment is not None for it in looked), middle(looked)


def large(rounds: int) -> Iterator[tuple[str, ...]]:
    """Compare pictures of 12 megapixels."""
    image, other = (scene(seed).resize((4000, 3000), Image.Resampling.BICUBIC) for seed in (1, 2))
    newer, _ = edited(image, "pasted", np.random.default_rng(1), 0.02)
    cases = {"edited": newer, "edited and cropped": newer.crop((500, 300, 3900, 2800)), "unrelated": other}
    for form, (name, picture) in itertools.product(("JPEG", "PNG"), cases.items()):
        data = []
        for it in (picture, image):
            out = io.BytesIO()
            it.save(out, form, **({"quality": 88} if form == "JPEG" else {"compress_level": 1}))
            data.append(out.getvalue())
        yield f"{form}, {name}", middle(look(*data) for _ in range(max(2, rounds // 6)))


def main() -> None:
    chosen = arguments("What does comparing two pictures find, and how long does it take?", rounds=17)
    print("Nothing was changed\n")
    print_table(("", "aligned", "of these, no region", "ms"), list(unchanged(chosen.rounds)), markdown=chosen.markdown)
    print(f"One edit of that share of the picture (found: overlap of {FOUND:g} or more)\n")
    head = ("", "found", "touched", "false regions", "ms")
    print_table(head, list(changed(chosen.rounds)), markdown=chosen.markdown)
    print("Nothing in common\n")
    print_table(("", "aligned", "ms"), list(unrelated(chosen.rounds)), markdown=chosen.markdown)
    print("12 megapixels\n")
    print_table(("", "ms"), list(large(chosen.rounds)), markdown=chosen.markdown)


if __name__ == "__main__":
    main()
