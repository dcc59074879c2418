const LONGEST_SIDE = 1600;

/** A photo small enough to send over a warehouse's network; what cannot be drawn here goes as it is. */
export async function smaller(file: Blob): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob((drawn) => resolve(drawn ?? file), "image/jpeg", 0.8));
  } catch {
    return file;
  }
}
