"""How does a picture of a page become small? Its 256 commonest colours; the browser counts them.

A page has few colours, but for the edges of letters: what is left takes the nearest that is kept.
"""

import base64
import struct
import zlib

from playwright.sync_api import Browser

COUNT = """
async source => {
  const image = new Image();
  image.src = "data:image/png;base64," + source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, image.width, image.height).data;
  const pixels = image.width * image.height, counts = new Map();
  const colour = at => bytes[4 * at] << 16 | bytes[4 * at + 1] << 8 | bytes[4 * at + 2];
  for (let at = 0; at < pixels; at++) counts.set(colour(at), (counts.get(colour(at)) || 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const palette = common.slice(0, 256).map(each => each[0]);
  const place = new Map(palette.map((value, number) => [value, number]));
  const nearest = value => {
    let best = 0, least = Infinity;
    palette.forEach((other, number) => {
      const red = (value >> 16) - (other >> 16);
      const green = (value >> 8 & 255) - (other >> 8 & 255);
      const blue = (value & 255) - (other & 255);
      const distance = red * red + green * green + blue * blue;
      if (distance < least) { least = distance; best = number; }
    });
    return best;
  };
  let text = "";
  for (let at = 0; at < pixels; at++) {
    const value = colour(at);
    if (!place.has(value)) place.set(value, nearest(value));
    text += String.fromCharCode(place.get(value));
  }
  return [image.width, image.height, palette, btoa(text)];
}
"""


def indexed(browser: Browser, picture: bytes) -> bytes:
    """Return a PNG with at most 256 colours of another."""
    page = browser.new_page()
    width, height, palette, places = page.evaluate(COUNT, base64.b64encode(picture).decode())
    page.close()
    rows = base64.b64decode(places)
    lines = b"".join(b"\0" + rows[at : at + width] for at in range(0, len(rows), width))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(value.to_bytes(3) for value in palette)),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
