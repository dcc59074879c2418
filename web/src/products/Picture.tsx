import { Package } from "lucide-react";

/** The first picture, or a quiet box where there is none. */
export function Picture({ images, size = 26 }: { images: string[]; size?: number }) {
  const [first] = images;
  return (
    <span className="picture" data-size={size > 30 ? "large" : undefined}>
      {first && /^https?:/.test(first) ? (
        <img src={first} alt="" loading="lazy" width={size} height={size} />
      ) : (
        <Package size={size / 2} strokeWidth={1.6} aria-hidden />
      )}
    </span>
  );
}
