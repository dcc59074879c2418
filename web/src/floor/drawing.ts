import type { Shape } from "@/api/client";

export type Piece = Shape<"PlannedPiece">;
type Point = readonly [number, number];
type Room = { length: number; width: number; height: number };

const COS = Math.cos(Math.PI / 6);
const SIN = 0.5;

/** Where a place in the box lies on the drawing: seen from above its corner that is farthest from where packing begins. */
export const project = (x: number, y: number, z: number): Point => [(x - y) * COS, (x + y) * SIN - z];

const shape = (points: Point[]): string => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

export type Faces = { top: string; right: string; left: string };

/** The three sides of a piece that are seen. */
export function faces({ x, y, z, length, width, height }: Piece): Faces {
  const [x2, y2, z2] = [x + length, y + width, z + height];
  return {
    top: shape([project(x, y, z2), project(x2, y, z2), project(x2, y2, z2), project(x, y2, z2)]),
    right: shape([project(x2, y, z), project(x2, y2, z), project(x2, y2, z2), project(x2, y, z2)]),
    left: shape([project(x, y2, z), project(x2, y2, z), project(x2, y2, z2), project(x, y2, z2)]),
  };
}

/** Floor and far walls of a box, its near edges, and the part of the drawing that it takes. */
export function room({ length: l, width: w, height: h }: Room) {
  const [left, top] = [project(0, w, 0)[0], project(0, 0, h)[1]];
  const [right, bottom] = [project(l, 0, 0)[0], project(l, w, 0)[1]];
  const pad = 0.03 * Math.max(right - left, bottom - top);
  return {
    floor: shape([project(0, 0, 0), project(l, 0, 0), project(l, w, 0), project(0, w, 0)]),
    walls: [
      shape([project(0, 0, 0), project(l, 0, 0), project(l, 0, h), project(0, 0, h)]),
      shape([project(0, 0, 0), project(0, w, 0), project(0, w, h), project(0, 0, h)]),
    ],
    near: shape([project(l, 0, h), project(l, w, h), project(0, w, h)]),
    edge: shape([project(l, w, 0), project(l, w, h)]),
    view: [left - pad, top - pad, right - left + 2 * pad, bottom - top + 2 * pad].map((n) => n.toFixed(0)).join(" "),
  };
}

const isBehind = (a: Piece, b: Piece): boolean =>
  a.x + a.length <= b.x || a.y + a.width <= b.y || a.z + a.height <= b.z;

/** Pieces from the farthest to the nearest, as they have to be drawn for the near ones to hide the far ones. */
export function farthestFirst<P extends Piece>(pieces: readonly P[]): P[] {
  const left = [...pieces].sort((a, b) => a.x + a.y + a.z - (b.x + b.y + b.z));
  const drawn: P[] = [];
  while (left.length > 0) {
    const free = left.findIndex((one) => left.every((other) => other === one || !isBehind(other, one) || isBehind(one, other)));
    drawn.push(...left.splice(Math.max(free, 0), 1));
  }
  return drawn;
}

const overlaps = (a: Piece, b: Piece): boolean =>
  a.x < b.x + b.length && b.x < a.x + a.length && a.y < b.y + b.width && b.y < a.y + a.width;

/** Where a piece goes, in words: which way up, on what, and how far from the corner where packing begins. */
export function whereTo(piece: Piece, before: readonly Piece[], named: (sku: string) => string): string {
  const under = before.filter((other) => other.z + other.height === piece.z && overlaps(piece, other));
  const onGoods = [...new Set(under.map((other) => named(other.sku)))].join(" and ");
  const on = piece.z === 0 ? "the floor" : onGoods || "the void fill";
  const at =
    piece.x === 0 && piece.y === 0
      ? "in the far corner"
      : [piece.x > 0 && `${piece.x} mm along`, piece.y > 0 && `${piece.y} mm towards you`].filter(Boolean).join(", ");
  return `${piece.length} × ${piece.width} mm on ${on}, ${piece.height} mm high, ${at}`;
}
