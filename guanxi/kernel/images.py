"""Takes pictures apart and puts them together again: nothing but the picture is left (D09)."""

import warnings
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

from guanxi.kernel.file_kinds import GIF, JPEG, PNG, WEBP, FileKind, UploadError

MAX_PIXELS: Final = 64_000_000
MAX_FRAMES_PIXELS: Final = 200_000_000
_FORMATS: Final = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", GIF: "GIF"}
_KEPT: Final = {"transparency", "icc_profile", "duration", "loop", "background", "disposal"}
_TURNED: Final = 0x0112


def rewrite(path: Path, kind: FileKind) -> None:
    """Re-encode a picture in place: place, camera, comments and hidden content are gone."""
    target = path.with_suffix(".picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=[_FORMATS[kind]]) as image:
                _check_size(image)
                _write(image, target, _FORMATS[kind])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        target.unlink(missing_ok=True)
        raise UploadError("damaged", gettext("The picture is damaged.")) from error
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    target.replace(path)


def _too_large() -> UploadError:
    return UploadError("picture_too_large", gettext("The picture has too many pixels."))


def _check_size(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS or pixels * getattr(image, "n_frames", 1) > MAX_FRAMES_PIXELS:
        raise _too_large()


def _write(image: Image.Image, target: Path, image_format: str) -> None:
    options: dict[str, Any] = {"exif": b""}
    is_animated = getattr(image, "is_animated", False)
    if is_animated and image_format != "JPEG":
        options["save_all"] = True
    elif image.getexif().get(_TURNED, 1) != 1:
        image = ImageOps.exif_transpose(image)
        options["quality"] = 92
    elif image_format == "JPEG":
        options["quality"] = "keep"
    if image_format == "GIF":
        options.pop("exif")
    image.load()
    image.info = {name: value for name, value in image.info.items() if name in _KEPT}
    image.save(target, image_format, **options)
