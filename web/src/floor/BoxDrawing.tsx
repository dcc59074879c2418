import { faces, farthestFirst, room, type Piece } from "./drawing";

type Props = {
  inside: { length: number; width: number; height: number };
  /** In the box already, and the one that goes in now, last. */
  pieces: readonly Piece[];
  /** What is drawn, in words. */
  says: string;
};

/** A box from above with what is in it so far; the piece that goes in now stands out. */
export function BoxDrawing({ inside, pieces, says }: Props) {
  const box = room(inside);
  const now = pieces.at(-1);
  return (
    <svg className="box-drawing" viewBox={box.view} role="img" aria-label={says}>
      <polygon className="box-floor" points={box.floor} />
      {box.walls.map((wall) => (
        <polygon key={wall} className="box-wall" points={wall} />
      ))}
      {farthestFirst(pieces).map((piece) => {
        const side = faces(piece);
        return (
          <g key={`${piece.x} ${piece.y} ${piece.z}`} className="box-piece" data-now={piece === now || undefined}>
            <polygon data-side="left" points={side.left} />
            <polygon data-side="right" points={side.right} />
            <polygon data-side="top" points={side.top} />
          </g>
        );
      })}
      <polyline className="box-near" points={box.near} />
      <polyline className="box-near" points={box.edge} />
    </svg>
  );
}
