"""What a portrait shows below the head: neck, shoulders, clothes."""

from PIL import Image

from animus_tui.demo.painting.colours import relit
from animus_tui.demo.painting.easel import Easel, both, oval, path
from animus_tui.demo.painting.sitter import Sitter

NECKLINE = "0,1.36 0.26,1.28 0.44,1.1 0.56,1.075 0.68,1.13 0.93,1.33 1.04,2.4 0.5,2.6"
COLLAR = "0,1.16 0.16,1.02 0.3,0.9 0.4,0.98 0.79,1.1 1.12,1.3 1.26,2.4 0.6,2.6"
"""The right half of the clothes, from the middle of the neck outwards."""
NECK_SHADE = "0.5,0.5 0.06,0.9 0.1,1.6 1.3,1.6 1.2,0.8"
CLOTH_SHADE = "0.2,1 0.16,2.6 1.6,2.6 1.4,1"
CLOTH_LIGHT = "0.62,1.08 0.98,1.3 1.05,2 0.8,1.4"


def paint_shoulders(easel: Easel, sitter: Sitter) -> None:
    """Paint neck, shoulders and clothes."""
    wide, neck = (1.2, 0.25) if sitter.man else (1.0, 0.185)
    throat = [(0.0, 0.4), (neck, 0.45), (neck, 0.8), (neck + 0.12, 0.98)]
    skin = both([*throat, (0.62 * wide, 1.12), (0.9 * wide, 1.32), (wide, 2.4), (0.5, 2.6)])
    easel.fill(skin, relit(sitter.skin, 0.93))
    mask, away = easel.mask(skin), -sitter.side
    easel.fill(oval((away * 0.05, 0.74), 0.3, 0.17), relit(sitter.skin, 0.6), 0.05, 0.75, mask)
    easel.fill(path(NECK_SHADE, away), relit(sitter.skin, 0.74), 0.09, 0.55, mask)
    cloth = both(path(COLLAR if sitter.man else NECKLINE))
    easel.fill(cloth, sitter.clothes)
    _drape(easel, sitter, easel.mask(cloth))


def _drape(easel: Easel, sitter: Sitter, cloth: Image.Image) -> None:
    """Paint shade, light and folds on the clothes."""
    easel.fill(path(CLOTH_SHADE, -sitter.side), relit(sitter.clothes, 0.66), 0.14, 0.8, cloth)
    easel.fill(path(CLOTH_LIGHT, sitter.side), relit(sitter.clothes, 1.3), 0.06, 0.6, cloth)
    for fold in (-0.55, -0.2, 0.28, 0.6):
        crease = [(fold * 0.8, 1.46, 0.003), (fold, 1.75, 0.012), (fold * 1.1, 2.3, 0.004)]
        easel.stroke(crease, relit(sitter.clothes, 0.7), 0.5, cloth)
