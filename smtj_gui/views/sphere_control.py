"""What the spheres with and without OpenGL have in common: scene, camera, mouse, keys, theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.views.sphere_scene import Camera, Scene

if TYPE_CHECKING:
    from smtj_gui.look import Theme

# The mixin stands before the widget's own class, which may be QOpenGLWidget or QWidget.
_Widget: Any = QWidget if TYPE_CHECKING else object

#: Degrees of turn by a pixel of the mouse, and by a key.
_BY_PIXEL = 0.5
_KEYS = {Qt.Key.Key_Left: (5.0, 0.0), Qt.Key.Key_Right: (-5.0, 0.0), Qt.Key.Key_Up: (0.0, 5.0),
         Qt.Key.Key_Down: (0.0, -5.0)}


class SphereControl(_Widget):  # type: ignore[misc]
    """To be mixed into a widget that paints `scene` as seen by `camera`: a drag turns, the wheel zooms.

    The widget has the signal `turned` (Camera), sent when the user has moved the camera.
    """

    mode: ClassVar[str] = ""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene, self.camera = scene, Camera()
        self.theme: Theme | None = None
        self._held = QPointF()
        self.setMinimumSize(220, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Sphere of the magnetization directions")
        self.setToolTip("Drag to turn, wheel to zoom; the arrow keys turn too")

    def sizeHint(self) -> QSize:
        return QSize(420, 380)

    def set_camera(self, camera: Camera) -> None:
        """Look from there."""
        if camera != self.camera:
            self.camera = camera
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme
        self.update()

    def redraw(self) -> None:
        """The scene has changed."""
        self.update()

    def _turn(self, camera: Camera) -> None:
        self.set_camera(camera)
        self.turned.emit(camera)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            moved, self._held = event.position() - self._held, event.position()
            self._turn(self.camera.turned(_BY_PIXEL * moved.x(), _BY_PIXEL * moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turn(self.camera.zoomed(1.0015 ** event.angleDelta().y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS:
            self._turn(self.camera.turned(*_KEYS[Qt.Key(event.key())]))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self._turn(self.camera.zoomed(1.15 if event.key() == Qt.Key.Key_Plus else 1 / 1.15))
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()
