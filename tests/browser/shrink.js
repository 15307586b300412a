// Make a PNG of at most 256 colours from a PNG: the most frequent ones, every other pixel gets the nearest of them.
async (base64) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = canvas.getImageData(0, 0, width, height).data;

  const frequency = new Map();
  const colour = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  for (let at = 0; at < pixels.length; at += 4) frequency.set(colour(at), (frequency.get(colour(at)) ?? 0) + 1);
  const palette = [...frequency].sort((one, other) => other[1] - one[1]).slice(0, 256).map(([rgb]) => rgb);
  const parts = (rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
  const known = new Map(palette.map((rgb, index) => [rgb, index]));
  const nearest = (rgb) => {
    const [red, green, blue] = parts(rgb);
    let best = 0;
    let least = Infinity;
    palette.forEach((candidate, index) => {
      const [r, g, b] = parts(candidate);
      const distance = 2 * (r - red) ** 2 + 4 * (g - green) ** 2 + 3 * (b - blue) ** 2; // about as the eye weighs them
      if (distance < least) [least, best] = [distance, index];
    });
    known.set(rgb, best);
    return best;
  };

  const rows = new Uint8Array(height * (width + 1)); // each row begins with its filter: none
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const rgb = colour(4 * (y * width + x));
      rows[y * (width + 1) + x + 1] = known.get(rgb) ?? nearest(rgb);
    }
  }
  const deflated = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));

  const table = Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const checksum = (bytes) => ~bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), ~0);
  const chunk = (name, data) => {
    const bytes = new Uint8Array(data.length + 12);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, data.length);
    bytes.set(new TextEncoder().encode(name), 4);
    bytes.set(data, 8);
    view.setInt32(data.length + 8, checksum(bytes.subarray(4, data.length + 8)));
    return bytes;
  };
  const head = new Uint8Array(13);
  new DataView(head.buffer).setUint32(0, width);
  new DataView(head.buffer).setUint32(4, height);
  head.set([8, 3], 8); // eight bits a pixel, an index into the palette
  const written = new Blob([
    new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head),
    chunk("PLTE", new Uint8Array(palette.flatMap(parts))),
    chunk("IDAT", new Uint8Array(await new Response(deflated).arrayBuffer())),
    chunk("IEND", new Uint8Array()),
  ]);
  return await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.readAsDataURL(written);
  });
}
