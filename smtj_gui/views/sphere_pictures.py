"""The sphere as files: one picture, or the precession as an animation; drawn on a light ground, in any thread."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter

from smtj_gui.look import LIGHT
from smtj_gui.views.sphere_marks import trail_colour
from smtj_gui.views.sphere_painter import Ball, paint_scene
from smtj_gui.views.sphere_panel import SpherePanel, azimuth_of
from smtj_gui.views.sphere_scene import Camera, Cloud, Path, Scene

if TYPE_CHECKING:
    from PIL.Image import Image

    from smtj_engine.monitor import Monitor

#: Pictures are laid out on this many units across, whatever their size in pixels.
LAYOUT = 400.0
#: More pictures than this make a file that nothing plays well.
MOST_FRAMES = 600
#: Kept runs beyond these share the other colours of an animation.
_MOST_RUNS = 30
#: Colours brighter than this become white: Pillow's choice of the nearest is not exact.
_NEARLY_WHITE = 244


@dataclasses.dataclass(frozen=True)
class Film:
    """What a picture or an animation is made of: the sphere as it is seen, and what moves on it."""

    scene: Scene
    path: Path | Cloud
    camera: Camera      # relative to the azimuth of m, when it follows
    follow: bool
    trail: float        # ns
    now: float          # ns
    speed: float        # ns of the trajectory in a second

    @classmethod
    def of(cls, stage: SpherePanel) -> Film | None:
        """A film of what a panel shows; None while it shows nothing."""
        source = stage.cloud if stage.cloud is not None else stage.path
        if source is None or not source.time.size:
            return None
        others = [dataclasses.replace(strand) for strand in stage.scene.others]
        return cls(dataclasses.replace(stage.scene, others=others), source, stage.camera, stage.follow,
                   stage.player.trail, stage.now, stage.player.speed)

    def picture(self, now: float, pixels: int, ball: Ball, azimuth: float = 0.0) -> tuple[QImage, float]:
        """The square picture at a time, and the azimuth to keep where m points along z."""
        if isinstance(self.path, Cloud):
            self.scene.scatter(self.path, now)
        else:
            self.scene.move(self.path, now, self.trail)
        if self.scene.m is not None:
            azimuth = azimuth_of(self.scene.m, azimuth)
        camera = self.camera
        if self.follow:
            camera = dataclasses.replace(camera, azimuth=camera.azimuth + azimuth)
        image = QImage(pixels, pixels, QImage.Format.Format_RGB888)
        painter = QPainter(image)
        painter.scale(pixels / LAYOUT, pixels / LAYOUT)
        paint_scene(painter, self.scene, camera, LAYOUT, LAYOUT, LIGHT, ball, pixels / LAYOUT)
        painter.end()
        return image, azimuth


@dataclasses.dataclass(frozen=True)
class Cut:
    """Which part of a film becomes an animation: times in ns, ns in a second, pixels, pictures in a second."""

    start: float
    stop: float
    speed: float
    pixels: int = 480
    rate: int = 25

    @property
    def frames(self) -> int:
        """How many pictures that takes."""
        return max(1, round((self.stop - self.start) / self.speed * self.rate))

    @property
    def refusal(self) -> str:
        """Why it cannot be made, or ""."""
        if not self.stop > self.start:
            return "The end must be later than the beginning."
        if self.frames > MOST_FRAMES:
            return (f"That would be {self.frames} pictures; at most {MOST_FRAMES} fit. Take a shorter part, or "
                    "show more ns in a second.")
        return ""


def png(film: Film, pixels: int) -> bytes:
    """The sphere at the time shown, as a PNG."""
    image, _ = film.picture(film.now, pixels, Ball(finest=pixels))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise ValueError("the picture could not be encoded as PNG")
    return bytes(buffer.data().data())


def gif(film: Film, cut: Cut, monitor: Monitor) -> bytes:
    """The precession as an animated GIF that repeats; Cancelled comes out of it when the monitor raises it."""
    frames = _frames(film, cut, monitor)
    first, stream = next(frames), io.BytesIO()
    first.save(stream, "GIF", save_all=True, append_images=frames, duration=round(1000 / cut.rate), loop=0,
               optimize=False, disposal=1)
    return stream.getvalue()


def _frames(film: Film, cut: Cut, monitor: Monitor) -> Iterator[Image]:
    """The pictures, all with the same colours, so that what does not change is stored once."""
    from PIL import Image

    ball, colours, azimuth = Ball(finest=cut.pixels), None, 0.0
    count = cut.frames
    for index, now in enumerate(np.linspace(cut.start, cut.stop, count)):
        monitor(index / count, "drawing")
        image, azimuth = film.picture(float(now), cut.pixels, ball, azimuth)
        row = image.bytesPerLine()
        picture = Image.frombuffer("RGB", (cut.pixels, cut.pixels), bytes(image.constBits()), "raw", "RGB", row, 1)
        if colours is None:
            colours = _palette(picture, [trail_colour(LIGHT).name(), LIGHT.foreground,
                                         *(strand.colour for strand in film.scene.others[:_MOST_RUNS])])
        yield picture.quantize(palette=colours, dither=Image.Dither.NONE)


def _palette(picture: Image, lines: list[str]) -> Image:
    """The most telling colours of a picture, and those of lines, which cover too little of it to be chosen."""
    reduced = picture.quantize(256 - len(lines))
    table = np.array(reduced.getpalette()).reshape(-1, 3)
    table[table.min(axis=1) > _NEARLY_WHITE] = 255      # averaging would grey the ground
    exact = [QColor(colour).getRgb()[:3] for colour in lines]  # type: ignore[index]
    reduced.putpalette(np.concatenate([table[:256 - len(lines)], exact]).astype(int).ravel().tolist())
    return reduced
